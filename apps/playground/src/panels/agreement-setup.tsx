/** What the agreement page runs: backends, precision, how much of the kit. */
import { agreement, chosen, extent, extents, runAgreement, type Extent } from '../trials/agreement.js';
import { SelectField } from '../ui/field.js';
import { TrialSetup } from './trial-setup.js';

export function AgreementSetup() {
  return (
    <TrialSetup trial={agreement} chosen={chosen} verb="Run" begin={runAgreement}>
      <SelectField
        label="Cases"
        value={extent.value}
        disabled={agreement.isRunning.value}
        options={(Object.keys(extents) as Extent[]).map((one) => [one, extents[one].title])}
        onChange={(next) => (extent.value = next)}
      />
    </TrialSetup>
  );
}
