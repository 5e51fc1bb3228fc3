/** The workplace: the structure in space, what is computed of it, and what can be done with it. */
import { BackendPanel } from '../panels/backend-panel.js';
import { EditPanel } from '../panels/edit-panel.js';
import { ExportPanel } from '../panels/export-panel.js';
import { ModelPanel } from '../panels/model-panel.js';
import { OfferedWork } from '../panels/offered-work.js';
import { OneThread } from '../panels/one-thread.js';
import { Plots } from '../panels/plots.js';
import { ResultLine } from '../panels/result-line.js';
import { RunPanel } from '../panels/run-panel.js';
import { Stage } from '../panels/stage.js';
import { StructurePanel } from '../panels/structure-panel.js';

export function Work() {
  return (
    <main id="main" class="work">
      <h1 class="unseen">Workplace</h1>
      <div class="view">
        <OfferedWork />
        <Stage />
        <ResultLine />
        <OneThread />
        <Plots />
      </div>
      <div class="side">
        <StructurePanel />
        <RunPanel />
        <EditPanel />
        <ModelPanel />
        <BackendPanel />
        <ExportPanel />
      </div>
    </main>
  );
}
