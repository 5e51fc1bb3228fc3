/**
 * What a case is: plain data with a path. Suites make cases, `checks/` know how to run each kind.
 *
 * A path starts with its suite: `ops/add/add/1-to-35-rows`, `physics/rotation/A`. It is what `only` selects by, what a
 * limitation names, and what a failure prints.
 */
import type { RealArray, RunInputs } from '@mace/core/backend';
import type { TinyModelName } from '@mace/core/generators';
import type { Graph } from '@mace/core/ir';
import type { GoldenEntry } from './golden/entry.js';
import type { TestedPrecision } from './tolerance.js';

export const suiteNames = [
  'contract',
  'ops',
  'polynomials',
  'sizes',
  'values',
  'gradients',
  'fusion',
  'physics',
  'golden',
  'soak',
] as const;
export type SuiteName = (typeof suiteNames)[number];

export type Case = GraphCase | ContractCase | FusionCase | PhysicsCase | GoldenCase | StagesCase | SoakCase;

interface CaseBase {
  readonly path: string;
}

/** A graph whose outputs must be those of the reference. Cases of one graph follow each other and share what is compiled. */
export interface GraphCase extends CaseBase {
  readonly kind: 'graph';
  /** Made when it is first needed; cases of one graph have the same function. */
  readonly example: () => Example;
  /** From small to large. */
  readonly runs: readonly GraphRun[];
  /** How results are compared. Default `together`. */
  readonly compare?: Comparison;
  /** Where it applies to one precision alone, because numbers of the other end before. */
  readonly precision?: TestedPrecision;
  /** Whether no other case of this graph follows. */
  readonly last?: boolean;
}

/** A graph with values for its parameters. */
export interface Example {
  readonly graph: Graph;
  readonly parameters: Readonly<Record<string, RealArray>>;
}

/** A function that makes what it gives in its first call. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** One run of a graph. */
export interface GraphRun {
  /** Where there are several: what is special about this one, such as `37 rows`. */
  readonly name?: string;
  readonly inputs: (graph: Graph) => RunInputs;
}

/**
 * `together`: errors against the noise and size of the whole output. `numberwise`: of each number alone, for functions that
 * span orders of magnitude. `specials`: what is not finite stays so, and finite rows are as ever. `steps`: each number
 * to the last places of one, without a measure of noise, which is everything beside a step.
 */
export type Comparison = 'together' | 'numberwise' | 'specials' | 'steps';

/** A promise of the contract, by the name of its check. */
export interface ContractCase extends CaseBase {
  readonly kind: 'contract';
  readonly check: string;
}

/** A named fusion or pass, on and off. */
export interface FusionCase extends CaseBase {
  readonly kind: 'fusion';
  /** Null asks whether each fusion occurs at all. */
  readonly model: TinyModelName | null;
}

/** A law that every potential obeys, on a tiny model and a menagerie of structures. */
export interface PhysicsCase extends CaseBase {
  readonly kind: 'physics';
  readonly law: string;
  readonly model: TinyModelName;
}

/** Numbers of upstream MACE. */
export interface GoldenCase extends CaseBase {
  readonly kind: 'golden';
  readonly entry: GoldenEntry;
}

/** What upstream MACE has on the way to the energy. */
export interface StagesCase extends CaseBase {
  readonly kind: 'stages';
  readonly model: TinyModelName;
}

/** Long: many runs, large structures. */
export interface SoakCase extends CaseBase {
  readonly kind: 'soak';
  readonly check: string;
}

/** What one case found. */
export interface Verdict {
  /** Largest error as a fraction of its tolerance; null where nothing was compared. */
  readonly worst: number | null;
  /** Empty if the case passed. */
  readonly problems: readonly Problem[];
  /** Why the case does not apply to this backend; it is then reported as unavailable. */
  readonly unavailable?: string;
  /** Errors in eV and eV/Å, for the tables that people read. */
  readonly measured?: Measured;
}

/** Largest absolute errors of a case on a model. */
export interface Measured {
  /** eV */
  readonly energy?: number;
  /** eV/Å */
  readonly forces?: number;
  /** eV/Å³ */
  readonly stress?: number;
}

/** One broken assertion. */
export interface Problem {
  /** Which assertion: `values`, `same-bits`, `contract/dispose`. */
  readonly check: string;
  /** What happened, where, what was expected. */
  readonly message: string;
}

/** A verdict without problems. */
export function passed(worst: number | null = null): Verdict {
  return { worst, problems: [] };
}

/** Whether a path is selected by a pattern: `ops`, `ops/add`, `ops/*-rows`. A star stands for one segment or part of it. */
export function matches(path: string, pattern: string): boolean {
  const wanted = pattern.split('/').filter((part) => part !== '');
  const parts = path.split('/');
  return wanted.length <= parts.length && wanted.every((part, i) => glob(part).test(parts[i]!));
}

function glob(part: string): RegExp {
  return new RegExp(`^${part.split('*').map(escaped).join('.*')}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
