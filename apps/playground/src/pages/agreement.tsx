/** Whether backends agree, on this machine: the conformance kit, live. */
import '../style/trials.css';
import { AgreementAnswers } from '../panels/agreement-answers.js';
import { AgreementPairs } from '../panels/agreement-pairs.js';
import { AgreementSetup } from '../panels/agreement-setup.js';
import { RotationPanel } from '../panels/rotation-panel.js';
import { agreement } from '../trials/agreement.js';

export function Agreement() {
  return (
    <main id="main" class="screen trials">
      <h1>Agreement</h1>
      <p class="lead">
        Do the backends compute the same on your machine? Each goes through the conformance kit in a worker of its own,
        held against a reference in float64. Nothing leaves this page.
      </p>
      <AgreementSetup />
      {agreement.runs.value.length === 0 && (
        <p class="card empty">Choose backends and run them: energies, forces and equivariance of each come here.</p>
      )}
      <AgreementAnswers />
      <AgreementPairs />
      <RotationPanel />
      <section class="card" aria-labelledby="send">
        <h2 id="send">Send us your device</h2>
        <p>
          Run the whole kit, save the report of each backend as JSON, and add the file to{' '}
          <code>benchmarks/results/conformance</code> of the repository by a pull request, or attach it to an issue. It
          names the browser, the graphics processor and the sources that ran, and nothing else of you or your machine.
        </p>
      </section>
    </main>
  );
}
