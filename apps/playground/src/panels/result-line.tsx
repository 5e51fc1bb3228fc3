/** Energy, largest force, temperature and the like of what is shown, as numbers. */
import { computed } from '@preact/signals';
import type { Result } from '@mace/core';
import { chemicalFormula } from '@mace/core/structure';
import { gigapascal } from '@mace/sim';
import { wanted } from '../share/setup.js';
import {
  activity,
  evaluated,
  fixed,
  frame,
  isMoving,
  isStranded,
  live,
  missing,
  notices,
  opened,
  path,
  shown,
} from '../state.js';
import { precisionTitles } from '../trials/chosen.js';
import { largestForceOf } from '../files/forces.js';
import { energyText } from '../ui/numbers.js';
import { picturesPerSecond } from '../ui/picture-rate.js';

/** Found once for a structure: a line is made for every frame. */
const formula = computed(() => (shown.value ? chemicalFormula(shown.value.structure) : '—'));

/** Whether nothing comes of what is shown: the model does not know it, or it cannot be computed. */
const isRefused = computed(
  () => missing.value.length > 0 || notices.value.some(({ place, kind }) => place === 'run' && kind === 'error'),
);

export function ResultLine() {
  const named = shown.value;
  const { result, milliseconds } = evaluated.value ?? {};
  const isDynamics = activity.value?.kind === 'dynamics';
  const last = isDynamics ? frame.value : null;
  const point = activity.value?.kind === 'relax' ? path.value.at(-1) : undefined;
  const energy = last?.energy ?? point?.energy ?? (isMoving.value ? undefined : result?.energy);
  const forces = live.value?.forces ?? result?.forces;
  const atoms = named?.structure.numbers.length ?? 0;
  const precision = opened.value?.choice.precision ?? 'f64';
  // While something moves, the stress that is known is of where it began.
  const stress = isMoving.value ? null : result?.stress;
  const pressure = last ? last.pressure : stress ? pressureOf(stress) : null;
  return (
    <dl class="result" aria-label="Results">
      <Value name="Formula" value={formula.value} />
      <Value name="Atoms" value={String(atoms)} />
      <Value
        name="Energy"
        value={energy === undefined ? undefined : energyText(energy, precision, atoms)}
        unit="eV"
        id="energy"
      />
      <Value
        name={fixed.value.length > 0 ? 'Largest force, free atoms' : 'Largest force'}
        value={forces && largestForceOf(forces, fixed.value).toFixed(4)}
        unit="eV/Å"
        id="largest-force"
      />
      {pressure !== null && (
        <Value name={last ? 'Pressure, with kinetic part' : 'Static pressure'} value={pressure.toFixed(3)} unit="GPa" />
      )}
      {stress && <Value name="Stress: xx yy zz yz xz xy" value={stressText(stress)} unit="GPa" wide />}
      {last && <Value name="Temperature" value={last.temperature.toFixed(0)} unit="K" />}
      {last && <Value name="Speed" value={rateText(last.stepsPerSecond)} unit="steps/s" />}
      {last && <Value name="View" value={rateText(picturesPerSecond())} unit="frames/s" id="frames-per-second" />}
      {!isMoving.value && milliseconds !== undefined && (
        <Value name="Computed in" value={milliseconds.toFixed(1)} unit="ms" />
      )}
      {!isMoving.value && <Value name="By" value={computedBy()} wide />}
      {result && Object.entries(result.inputs).map(([name, used]) => <Input key={name} name={name} used={used} />)}
      {!isMoving.value && ofThisResult().map((text) => <Value key={text} name="Note" value={text} wide />)}
    </dl>
  );
}

/** The device and its precision, or what the page waits for while no model is open. */
function computedBy(): string {
  if (opened.value) return `${opened.value.device}, ${precisionTitles[opened.value.choice.precision]}`;
  const { model } = wanted.value ?? {};
  if (model && model.kind !== 'bundled') return `nothing yet: it waits for the model ${model.name} (see Run)`;
  return isStranded.value ? 'nothing: no model is open (see Run)' : 'starting …';
}

/** Charge and the like, where the file or a person says them. */
function Input({ name, used: { value, from } }: { name: string; used: Result['inputs'][string] }) {
  if (from === 'default' || typeof value !== 'number') return null;
  const text = `${value}, ${from === 'structure' ? 'of the file' : 'as set under Model'}`;
  return <Value name={name.replaceAll('_', ' ')} value={text} />;
}

/** What a person should know of this result; what was said of the file stands with it. */
function ofThisResult(): readonly string[] {
  const { result, near } = evaluated.value ?? {};
  const ofFile = shown.value?.structure.warnings ?? [];
  const notes = [...new Set(result?.warnings)].filter((text) => !ofFile.includes(text));
  // Nearer still, the calculator says so itself.
  const isSaid = notes.some((text) => text.includes(' apart, '));
  return near && !isSaid ? [...notes, `${near}: models are not made for this, and its numbers mean little`] : notes;
}

function Value(props: { name: string; value: string | undefined; unit?: string; wide?: boolean; id?: string }) {
  return (
    <div class={props.wide ? 'wide' : undefined}>
      <dt>{props.name}</dt>
      <dd id={props.id}>
        {props.value ?? (isRefused.value ? '—' : '…')}{' '}
        {props.value !== undefined && props.unit && <span class="unit">{props.unit}</span>}
      </dd>
    </div>
  );
}

/** Large structures make less than one step a second. */
function rateText(perSecond: number): string {
  return perSecond.toFixed(perSecond < 10 ? 1 : 0);
}

/** GPa, in the order of Voigt, from the stress in eV/Å³; positive where the cell is pulled. */
function stressText(stress: Float64Array): string {
  const components = [0, 4, 8, 5, 2, 1].map((at) => (stress[at]! / gigapascal).toFixed(3));
  return components.map((text) => text.replace('-0.000', '0.000')).join('  ');
}

/** GPa, from the stress in eV/Å³; positive where the cell is pressed. */
function pressureOf(stress: Float64Array): number {
  return -(stress[0]! + stress[4]! + stress[8]!) / 3 / gigapascal;
}
