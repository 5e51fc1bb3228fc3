/** What the page knows, as signals: each panel reads what it shows; what people do (`actions/`) writes. */
import { computed, signal } from '@preact/signals';
import type { Structure } from '@mace/core/structure';
import { isCrystal } from './files/crystal.js';
import { movedTo } from './files/edit-structure.js';
import type { Choice, Controls, DynamicsFrame, Evaluated, Opened, RelaxationPoint } from './engine/messages.js';

/** A structure with a name for people. */
export interface Named {
  readonly name: string;
  readonly structure: Structure;
  /** Atoms that stay where they are in runs, ascending, counted from 0. */
  readonly fixed?: readonly number[];
  /** All structures of its file, where that has several. */
  readonly frames?: readonly Structure[];
  /** Which of these it is, or was until it was changed. */
  readonly frame?: number;
}

export const shown = signal<Named | null>(null);
/** What was shown before, to go back to. */
export const past = signal<readonly Named[]>([]);
export const future = signal<readonly Named[]>([]);

/** Where atoms are while something moves them; null while they rest. */
export interface Live {
  readonly positions: Float64Array;
  readonly cell: Float64Array | null;
  readonly forces: Float64Array;
}
export const live = signal<Live | null>(null);

export const opened = signal<Opened | null>(null);
/** Whether no model is open and none is on its way: its worker or device was lost, or it could not be opened. */
export const isStranded = signal(false);
export const defaultChoice: Choice = { backend: 'wasm', precision: 'f64', tables: true };
export const choice = signal<Choice>(defaultChoice);
/** What people last chose on a backend that lets them choose; it comes back after one that does not. */
export const chosenPrecision = signal<Choice['precision']>(defaultChoice.precision);
/** Of the structure that is shown, and of the open model; null while it is not known. */
export const evaluated = signal<Evaluated | null>(null);

/** What runs now. */
export interface Activity {
  readonly kind: 'open' | 'read' | 'evaluate' | 'relax' | 'dynamics' | 'download';
  readonly text: string;
  /** 0 to 1, where it is known. */
  readonly fraction?: number | undefined;
  /** Asks it to end, also where something else begins. */
  cancel?(): void;
  /** Ends at once what hears no `cancel`, where people ask for it; whatever else begins waits for it. */
  end?(): void;
}
export const activity = signal<Activity | null>(null);

/** Something to tell a person, where it happened. */
export interface Notice {
  readonly place: 'structure' | 'edit' | 'model' | 'run' | 'backend' | 'export';
  readonly kind: 'error' | 'note';
  readonly text: string;
  /** Why a model cannot be had, as of `ModelUnavailableError`, or how a device failed. */
  readonly reason?: string | undefined;
}
export const notices = signal<readonly Notice[]>([]);

export const selected = signal<readonly number[]>([]);
/** All structures of the file that is shown, where it has several. */
export const frames = computed<readonly Structure[]>(() => shown.value?.frames ?? []);
/** Atoms that stay where they are in runs. */
export const fixed = computed<readonly number[]>(() => shown.value?.fixed ?? []);

/** Whether dynamics at constant pressure can be run. */
export const canChangeCell = computed(
  () => shown.value !== null && isCrystal(shown.value.structure) && fixed.value.length === 0,
);

/** The path of the last relaxation. */
export const path = signal<readonly RelaxationPoint[]>([]);
/** What is largest in it: a cell that relaxes has forces of its own. */
export const largestOfPath = signal<'largest force' | 'largest force of atoms and cell'>('largest force');
/** Frames of the last dynamics, without positions. */
export type TracePoint = Pick<
  DynamicsFrame,
  'step' | 'time' | 'energy' | 'kinetic' | 'conserved' | 'temperature' | 'pressure'
>;
export const trace = signal<readonly TracePoint[]>([]);
/** The last frame of dynamics. */
export const frame = signal<DynamicsFrame | null>(null);

export const controls = signal<Omit<Controls, 'fixed'>>({
  ensemble: 'nvt',
  temperature: 300,
  friction: 0.01,
  thermostatTime: 50,
  pressure: 0,
  timestep: 1,
  mostStepsPerSecond: 0,
});

/** Of the random numbers of the next dynamics, so that a link gives the run that is seen here. */
export const seed = signal(newSeed());
export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

export interface RelaxSettings {
  readonly fmax: number;
  readonly steps: number;
  readonly optimizer: 'lbfgs' | 'fire' | 'bfgs-line-search';
  readonly cell: boolean;
  readonly pressure: number;
}
export const relaxSettings = signal<RelaxSettings>({
  fmax: 0.01,
  steps: 500,
  optimizer: 'lbfgs',
  cell: false,
  pressure: 0,
});

/** Total charge and the like, for models that know them. */
export const inputs = signal<Readonly<Record<string, number>>>({});
export const head = signal<string | null>(null);

export interface Look {
  readonly style: 'balls' | 'spheres' | 'sticks';
  readonly bonds: boolean;
  readonly cell: boolean;
  readonly forces: boolean;
  readonly labels: boolean;
  readonly wrap: boolean;
  /** Energies of atoms as colours. */
  readonly energies: boolean;
}
export const look = signal<Look>({
  style: 'balls',
  bonds: true,
  cell: true,
  forces: true,
  labels: false,
  wrap: false,
  energies: false,
});

export type Route = 'work' | 'agreement' | 'speed';
export const route = signal<Route>('work');

/** Atoms as they are now, moving or not: what moves has left the results and velocities of its file behind. */
export const current = computed<Structure | null>(() => {
  const { structure } = shown.value ?? {};
  if (!structure) return null;
  return live.value ? movedTo(structure, live.value) : structure;
});

/** Elements of the structure that the open model does not know. */
export const missing = computed<readonly number[]>(() => {
  const known = opened.value?.facts.elements;
  if (!known) return [];
  return [...new Set(shown.value?.structure.numbers)].filter((z) => !known.includes(z)).sort((a, b) => a - b);
});

/** Whether the list of published models shows only those that know all elements of the structure. */
export const onlyCovering = signal(false);

export const isMoving = computed(() => ['relax', 'dynamics'].includes(activity.value?.kind ?? ''));
