/** What the page asks of the worker, and what comes back: tasks by number, each with events on the way and one answer. */
import type { Report } from '@mace/conformance';
import type { MaceConfig, Result } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { BackendName } from './backend-list.js';
import type { BenchEvent, BenchInput, BenchResult, ConformEvent, ConformInput } from './trial-messages.js';

/** Where a model comes from. */
export type ModelSource =
  | { readonly kind: 'bundled' }
  /** Read by the worker: the page's own memory never holds it. */
  | { readonly kind: 'file'; readonly file: File; readonly name: string }
  | { readonly kind: 'published'; readonly name: string; readonly acceptedLicences: readonly string[] }
  /** Of the browser's private files, by the SHA-256 of the file. */
  | { readonly kind: 'kept'; readonly name: string; readonly file: string };

/** What people should know of an open model. */
export interface ModelFacts {
  readonly name: string;
  readonly source: ModelSource['kind'];
  readonly elements: readonly number[];
  /** Å */
  readonly cutoff: number;
  readonly heads: readonly string[];
  /** Inputs beside atoms, such as the total charge. */
  readonly inputs: readonly string[];
  /** Where a structure holds them, under another key than their name, which goes before it. */
  readonly inputKeys: Readonly<Record<string, string>>;
  readonly parameters: number;
  readonly layers: number;
  readonly hidden: string;
  readonly precision: MaceConfig['storedPrecision'];
  readonly sha256: string | null;
  readonly licence: string | null;
  /** Under which it is published, where it is. */
  readonly published: string | null;
}

export interface Choice {
  readonly backend: BackendName;
  readonly precision: 'f64' | 'f32';
  readonly tables: boolean;
}

/** How far something is. */
export interface Progress {
  readonly text: string;
  /** 0 to 1, where it is known. */
  readonly fraction?: number;
}

export interface Opened {
  readonly facts: ModelFacts;
  readonly choice: Choice;
  /** Of the backend, for people. */
  readonly device: string;
  /** Why the file is not kept for later visits; null where it is, or was. */
  readonly unkept: string | null;
}

/** How a model is asked, beside the structure. */
export interface Asked {
  readonly head?: string;
  readonly inputs?: Readonly<Record<string, number>>;
}

export interface Evaluated {
  readonly result: Result;
  /** Of the computation, without what is made once for a structure of these elements. */
  readonly milliseconds: number;
  /** Which atoms are nearer than any bond. */
  readonly near: string | null;
}

export interface RelaxationPoint {
  /** Counted from 0; a step may take several where lines are searched. */
  readonly evaluation: number;
  /** eV */
  readonly energy: number;
  /** eV/Å, of atoms that move */
  readonly largestForce: number;
}

/** Where a relaxation is, and how it got there since this was told last. */
export interface PathPart {
  readonly steps: number;
  readonly positions: Float64Array;
  readonly cell: Float64Array | null;
  readonly forces: Float64Array;
  readonly path: readonly RelaxationPoint[];
}

export interface RelaxInput {
  readonly structure: Structure;
  readonly asked: Asked;
  readonly fixed: readonly number[];
  /** eV/Å */
  readonly fmax: number;
  readonly steps: number;
  readonly optimizer: 'lbfgs' | 'fire' | 'bfgs-line-search';
  readonly cell: boolean;
  /** GPa */
  readonly pressure: number;
}

export interface RelaxOutput {
  readonly structure: Structure;
  readonly energy: number;
  readonly initialEnergy: number;
  readonly fmax: number;
  readonly steps: number;
  readonly isConverged: boolean;
  /** Since it was told last. */
  readonly path: readonly RelaxationPoint[];
}

/** What may change while dynamics run. */
export interface Controls {
  readonly ensemble: 'nve' | 'nvt' | 'nvt-csvr' | 'nvt-nh' | 'npt';
  /** K */
  readonly temperature: number;
  /** 1/fs */
  readonly friction: number;
  /** fs */
  readonly thermostatTime: number;
  /** GPa */
  readonly pressure: number;
  /** fs */
  readonly timestep: number;
  readonly fixed: readonly number[];
  /** Steps a second at most, so that people can follow; 0 is as fast as it goes. */
  readonly mostStepsPerSecond: number;
}

export interface DynamicsInput {
  readonly structure: Structure;
  readonly asked: Asked;
  readonly controls: Controls;
  readonly seed: number;
  /** √(u·eV) [atoms 3], to go on with; else drawn at the temperature. */
  readonly momenta: Float64Array | null;
  /** Steps that were made before. */
  readonly step: number;
  /** fs that they took. */
  readonly time: number;
}

export type DynamicsMessage =
  | { readonly kind: 'controls'; readonly controls: Controls }
  /** An atom is pulled to a place, and let go with null. */
  | { readonly kind: 'pull'; readonly atom: number; readonly position: readonly [number, number, number] | null };

export interface DynamicsFrame {
  readonly step: number;
  /** fs */
  readonly time: number;
  readonly positions: Float64Array;
  readonly cell: Float64Array | null;
  readonly forces: Float64Array;
  readonly momenta: Float64Array;
  /** Potential energy, eV. */
  readonly energy: number;
  /** eV */
  readonly kinetic: number;
  /** eV */
  readonly conserved: number;
  /** K */
  readonly temperature: number;
  /** GPa; null without a cell. */
  readonly pressure: number | null;
  readonly stepsPerSecond: number;
}

/** The tasks by name. */
export interface Tasks {
  open: { input: { source: ModelSource | null; choice: Choice }; output: Opened; event: Progress; message: never };
  read: { input: { content: Uint8Array | string; name: string }; output: ReadFile; event: never; message: never };
  build: { input: { smiles: string }; output: Built; event: never; message: never };
  evaluate: { input: { structure: Structure; asked: Asked }; output: Evaluated; event: never; message: never };
  relax: { input: RelaxInput; output: RelaxOutput; event: PathPart; message: never };
  conform: { input: ConformInput; output: Report; event: ConformEvent; message: never };
  bench: { input: BenchInput; output: readonly BenchResult[]; event: BenchEvent; message: never };
  dynamics: { input: DynamicsInput; output: DynamicsFrame; event: DynamicsFrame; message: DynamicsMessage };
}
export type TaskName = keyof Tasks;

export interface ReadFile {
  readonly structures: readonly Structure[];
  /** Structures of the file; more than were kept where it is long. */
  readonly count: number;
}

/** A molecule of SMILES. */
export interface Built {
  readonly structure: Structure;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

export type ToWorker =
  | { readonly task: number; readonly kind: 'begin'; readonly name: TaskName; readonly input: unknown }
  | { readonly task: number; readonly kind: 'message'; readonly message: unknown }
  | { readonly task: number; readonly kind: 'cancel' };

export interface Failure {
  readonly code: string;
  /** Of a model that cannot be had, and of a device that failed. */
  readonly reason?: string;
  readonly message: string;
}

export type FromWorker =
  /** The worker runs, and holds the lock of its name until it ends. */
  | { readonly kind: 'alive' }
  /** The device was lost, and what is computed goes on with a new one. */
  | { readonly kind: 'renewed' }
  | { readonly task: number; readonly kind: 'event'; readonly event: unknown }
  | { readonly task: number; readonly kind: 'done'; readonly output: unknown }
  | { readonly task: number; readonly kind: 'failed'; readonly failure: Failure };
