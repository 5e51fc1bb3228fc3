/** What is done with a structure: relaxed, or moved by dynamics that people steer. */
import { fix, runDynamics, steer } from '../actions/dynamics.js';
import { relax } from '../actions/relax.js';
import { stop } from '../actions/tasks.js';
import { isCrystal } from '../files/crystal.js';
import {
  activity,
  canChangeCell,
  controls,
  fixed,
  frame,
  isMoving,
  missing,
  opened,
  relaxSettings,
  selected,
  shown,
} from '../state.js';
import { CheckField, NumberField, SelectField } from '../ui/field.js';
import { useKeptFocus } from '../ui/kept-focus.js';
import { Panel } from '../ui/panel.js';
import { StartAgain } from './start-again.js';
import { Uncovered } from './uncovered.js';
import { WantedModel } from './wanted-model.js';

export function RunPanel() {
  const isReady = opened.value !== null && shown.value !== null && missing.value.length === 0;
  const kind = activity.value?.kind;
  const row = useKeptFocus<HTMLParagraphElement>();
  const actions = (
    <p class="row actions" ref={row}>
      {kind === 'relax' || kind === 'dynamics' ? (
        <button type="button" class="primary" onClick={() => void stop()}>
          Stop
        </button>
      ) : (
        <>
          <button type="button" class="primary" disabled={!isReady} onClick={() => void relax()}>
            Relax
          </button>
          <button type="button" class="primary" disabled={!isReady} onClick={() => void runDynamics()}>
            Run dynamics
          </button>
          {frame.value && frame.value.positions.length === shown.value?.structure.positions.length && (
            <button type="button" disabled={!isReady} onClick={() => void runDynamics(frame.value)}>
              Go on
            </button>
          )}
        </>
      )}
    </p>
  );
  return (
    <Panel title="Run" place="run" head={actions}>
      <WantedModel />
      <StartAgain />
      <Uncovered />
      <Dynamics />
      <Relaxation />
      <Fixing />
    </Panel>
  );
}

function Dynamics() {
  const now = controls.value;
  return (
    <fieldset>
      <legend>Dynamics</legend>
      <div class="slider">
        <label for="temperature">Temperature</label>
        <input
          id="temperature"
          type="range"
          min={0}
          max={1500}
          step={10}
          value={now.temperature}
          onInput={({ currentTarget }) => steer({ temperature: Math.max(1, currentTarget.valueAsNumber) })}
        />
        <output for="temperature">{now.temperature} K</output>
      </div>
      <SelectField
        label="Ensemble"
        value={now.ensemble}
        options={[
          ['nvt', 'constant temperature, Langevin'],
          ['nvt-csvr', 'constant temperature, velocity rescaling'],
          ['nvt-nh', 'constant temperature, Nosé–Hoover'],
          ['nve', 'constant energy'],
          ['npt', 'constant pressure', !canChangeCell.value],
        ]}
        onChange={(ensemble) => steer({ ensemble })}
      />
      <div class="fields">
        <NumberField
          label="Exact temperature"
          unit="K"
          value={now.temperature}
          min={1}
          max={5000}
          arrowStep={10}
          onChange={(temperature) => steer({ temperature })}
        />
        <NumberField
          label="Time step"
          unit="fs"
          value={now.timestep}
          min={0.01}
          max={10}
          arrowStep={0.1}
          onChange={(timestep) => steer({ timestep })}
        />
        {now.ensemble === 'nvt' && (
          <NumberField
            label="Friction"
            unit="1/fs"
            value={now.friction}
            min={0}
            max={1}
            arrowStep={0.001}
            onChange={(friction) => steer({ friction })}
          />
        )}
        {now.ensemble !== 'nvt' && now.ensemble !== 'nve' && (
          <NumberField
            label="Thermostat time"
            unit="fs"
            value={now.thermostatTime}
            min={1}
            arrowStep={10}
            onChange={(thermostatTime) => steer({ thermostatTime })}
          />
        )}
        {now.ensemble === 'npt' && (
          <NumberField
            label="Pressure"
            unit="GPa"
            value={now.pressure}
            arrowStep={0.1}
            onChange={(pressure) => steer({ pressure })}
          />
        )}
        <NumberField
          label="At most (0: no limit)"
          unit="steps/s"
          value={now.mostStepsPerSecond}
          min={0}
          step={1}
          onChange={(mostStepsPerSecond) => steer({ mostStepsPerSecond })}
        />
      </div>
    </fieldset>
  );
}

function Relaxation() {
  const now = relaxSettings.value;
  const set = (next: Partial<typeof now>): void => {
    relaxSettings.value = { ...relaxSettings.value, ...next };
  };
  const hasCell = shown.value !== null && isCrystal(shown.value.structure);
  return (
    <fieldset disabled={isMoving.value}>
      <legend>Relaxation</legend>
      <div class="fields">
        <NumberField
          label="Largest force"
          unit="eV/Å"
          value={now.fmax}
          min={1e-6}
          arrowStep={0.001}
          onChange={(fmax) => set({ fmax })}
        />
        <NumberField label="Steps" value={now.steps} min={0} step={1} onChange={(steps) => set({ steps })} />
      </div>
      <SelectField
        label="Optimizer"
        value={now.optimizer}
        options={[
          ['lbfgs', 'L-BFGS'],
          ['fire', 'FIRE'],
          ['bfgs-line-search', 'BFGS with line search'],
        ]}
        onChange={(optimizer) => set({ optimizer })}
      />
      {hasCell && <CheckField label="The cell too" value={now.cell} onChange={(cell) => set({ cell })} />}
      {hasCell && now.cell && (
        <NumberField
          label="Pressure"
          unit="GPa"
          value={now.pressure}
          arrowStep={0.1}
          onChange={(pressure) => set({ pressure })}
        />
      )}
    </fieldset>
  );
}

function Fixing() {
  const [held, chosen] = [fixed.value, selected.value];
  const heldChosen = held.filter((atom) => chosen.includes(atom));
  return (
    <p class="row">
      <button type="button" disabled={chosen.length === 0} onClick={() => fix([...held, ...chosen])}>
        Fix chosen atoms
      </button>
      {heldChosen.length > 0 && (
        <button type="button" onClick={() => fix(held.filter((atom) => !chosen.includes(atom)))}>
          Let chosen go
        </button>
      )}
      <button type="button" disabled={held.length === 0} onClick={() => fix([])}>
        Let all go
      </button>
      <span class="hint">{held.length > 0 ? `${held.length} fixed` : 'click an atom; with shift, more'}</span>
    </p>
  );
}
