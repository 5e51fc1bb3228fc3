/** How fast backends are, on this machine. */
import '../style/trials.css';
import { SpeedBars } from '../panels/speed-bars.js';
import { SpeedSetup } from '../panels/speed-setup.js';
import { SpeedTable } from '../panels/speed-table.js';

export function Speed() {
  return (
    <main id="main" class="screen trials">
      <h1>Speed</h1>
      <p class="lead">
        What <code>mace bench</code> measures, here: energy and forces of the bundled model, on lists of neighbors that
        are made before the clock starts. Runs warm up first; the median counts. Other pages and programs that are busy
        make it slower.
      </p>
      <SpeedSetup />
      <SpeedTable />
      <SpeedBars />
    </main>
  );
}
