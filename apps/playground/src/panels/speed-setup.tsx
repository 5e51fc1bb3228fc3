/** What the speed page times: backends, precision, tables, how many runs. */
import { chosen, repeats, runSpeed, speed, tables } from '../trials/speed.js';
import { CheckField, NumberField } from '../ui/field.js';
import { TrialSetup } from './trial-setup.js';

export function SpeedSetup() {
  const isRunning = speed.isRunning.value;
  return (
    <TrialSetup trial={speed} chosen={chosen} verb="Time" begin={runSpeed}>
      <NumberField
        label="Timed runs"
        value={repeats.value}
        min={1}
        max={1000}
        step={1}
        disabled={isRunning}
        onChange={(next) => (repeats.value = next)}
      />
      <CheckField
        label="Functions of distance from tables"
        value={tables.value}
        disabled={isRunning}
        onChange={(next) => (tables.value = next)}
      />
    </TrialSetup>
  );
}
