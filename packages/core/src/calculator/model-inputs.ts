/**
 * Which head and which extra inputs a structure is computed with, and where each came from: an option, a key of the
 * structure, or the default (spec 1.3, 10.1).
 */
import { StructureError } from '../errors.js';
import type { EmbeddingSpec, MaceConfig } from '../model/index.js';
import type { AtomArray, InfoValue, Structure } from '../structure/index.js';
import { requireFinite } from './finite.js';
import type { UsedValue } from './results.js';

/** Values that the caller sets for every structure of a call. */
export interface InputOptions {
  readonly head?: string;
  /** Extra inputs by name, such as `{ total_charge: -1 }`. */
  readonly inputs?: Readonly<Record<string, number>>;
}

const otherKeys: Readonly<Record<string, readonly string[]>> = { total_charge: ['charge'], total_spin: ['spin'] };
const defaults: Readonly<Record<string, number>> = { total_charge: 0, total_spin: 1, elec_temp: 0 };

/** The head of a structure. @throws StructureError that lists the heads */
export function headOf(config: MaceConfig, structure: Structure, options: InputOptions): UsedValue<string> {
  const known = (value: string, from: 'option' | 'structure'): UsedValue<string> => {
    if (config.heads.includes(value)) return from === 'option' ? { value, from } : { value, from, key: 'head' };
    throw new StructureError(
      `head ${value} (from the ${from}): this model has ${config.heads.join(', ')}. Choose one of these.`,
    );
  };
  if (options.head !== undefined) return known(options.head, 'option');
  const own = askedHead(structure.info);
  if (own !== undefined && (config.heads.length > 1 || config.heads.includes(own))) return known(own, 'structure');
  if (config.heads.length === 1) return { value: config.heads[0]!, from: 'default' };
  const usual = config.heads.find((head) => head.toLowerCase() === 'default');
  if (usual !== undefined) return { value: usual, from: 'default' };
  throw new StructureError(
    `the model has several heads (${config.heads.join(', ')}) and none is called default. Name one, as an option or as the key head of the structure.`,
  );
}

/** The head that a structure asks for. A value that reads as a number, `head=3`, is a name too. */
export function askedHead(info: Structure['info']): string | undefined {
  return info.head === undefined ? undefined : textOf(info.head);
}

/** One extra input: a number per structure, or numbers per atom. @throws StructureError */
export function embeddingInput(
  spec: EmbeddingSpec,
  structure: Structure,
  options: InputOptions,
): UsedValue<number | readonly number[]> {
  const option = options.inputs?.[spec.name];
  if (option !== undefined) return { value: option, from: 'option' };
  for (const key of [...(spec.key ? [spec.key] : []), spec.name, ...(otherKeys[spec.name] ?? [])]) {
    const place: Readonly<Record<string, unknown>> = spec.per === 'atom' ? structure.arrays : structure.info;
    const value = Object.hasOwn(place, key) ? place[key] : undefined;
    if (value === undefined || value === null) continue;
    const numbers = spec.per === 'atom' ? numbersOfAtoms(value as AtomArray) : numbersOf(value as InfoValue);
    if (numbers !== undefined) return { value: numbers, from: 'structure', key };
    throw new StructureError(
      spec.per === 'atom'
        ? `the array ${key} does not hold numbers, and the model computes with them. Correct it.`
        : `${key} = ${textOf(value as InfoValue)} is not a number, and the model computes with it. Correct it, or give ${spec.name} as an option.`,
    );
  }
  if (Object.hasOwn(defaults, spec.name)) return { value: defaults[spec.name]!, from: 'default' };
  throw new StructureError(
    `the model needs ${spec.name} per ${spec.per}, and the structure has no key ${spec.key ?? spec.name}. Add it; a program can give it in \`inputs\`.`,
  );
}

function numbersOfAtoms({ values }: AtomArray): readonly number[] | undefined {
  return values instanceof Float64Array ? [...values] : undefined;
}

function numbersOf(value: InfoValue): number | readonly number[] | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || (value.kind !== 'real' && value.kind !== 'integer')) return undefined;
  return value.values as readonly number[];
}

/** Values of an input for all rows of a structure (1 or atoms), `size` numbers each. @throws StructureError */
export function inputRows(spec: EmbeddingSpec, used: UsedValue<number | readonly number[]>, atoms: number): number[] {
  const rows = spec.per === 'graph' ? 1 : atoms;
  const size = spec.type === 'categorical' ? 1 : spec.inputSize!;
  const values = typeof used.value === 'number' ? new Array<number>(rows * size).fill(used.value) : [...used.value];
  if (values.length !== rows * size) {
    throw new StructureError(
      `${spec.name}: expected ${rows * size} number${rows * size === 1 ? '' : 's'} (${size} per ${spec.per}), got ${values.length}.`,
    );
  }
  return spec.type === 'categorical' ? values : requireFinite(spec.name, values);
}

/** Row of a categorical table. @throws StructureError when the value is outside of the table */
export function categoryRow(spec: EmbeddingSpec, value: number): number {
  const row = value + (spec.offset ?? 0);
  if (!Number.isInteger(row) || row < 0 || row >= spec.numClasses!) {
    const low = -(spec.offset ?? 0);
    throw new StructureError(
      `${spec.name} = ${value}: this model knows whole numbers from ${low} to ${low + spec.numClasses! - 1}.`,
    );
  }
  return row;
}

/** A value of a structure as its file shows it. */
export function textOf(value: InfoValue): string {
  return typeof value === 'object' ? value.values.join(' ') : String(value);
}
