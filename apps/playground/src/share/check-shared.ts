/** Checks what a link holds, word by word: links come from strangers. */
import { FormatError } from '@mace/core/errors';
import { makeStructure, type Structure } from '@mace/core/structure';
import { backendEntry, backendList, type BackendName } from '../engine/backend-list.js';
import type { ModelReference, Setup, Shared } from './setup.js';

/** Characters. */
export const longestText = 300;

/** @throws FormatError that says what is other than a link of this version has it */
export function checkShared(json: unknown): Shared {
  const all = record(json, 'the link');
  const structure = structureOf(record(all['atoms'], 'atoms'));
  return { name: text(all['name'], 'name'), structure, setup: setupOf(record(all['setup'], 'setup'), structure) };
}

type Json = Readonly<Record<string, unknown>>;

function structureOf(json: Json): Structure {
  const atoms = numbers(json['numbers'], 'numbers');
  if (atoms.length === 0 || atoms.some((z) => !Number.isInteger(z) || z < 0 || z > 118))
    throw wrong('numbers', 'elements');
  const positions = numbers(json['positions'], 'positions');
  if (positions.length !== 3 * atoms.length) throw wrong('positions', `${3 * atoms.length} numbers`);
  const cell = json['cell'] === null ? null : numbers(json['cell'], 'cell');
  if (cell && cell.length !== 9) throw wrong('cell', 'nine numbers');
  const pbc = list(json['pbc'], 'pbc').map((one) => boolean(one, 'pbc'));
  if (pbc.length !== 3) throw wrong('pbc', 'three of true and false');
  const info = Object.fromEntries(
    Object.entries(record(json['info'] ?? {}, 'info')).map(([key, value]) => [key, numberOrText(value, key)]),
  );
  return makeStructure({ numbers: atoms, positions, cell, pbc: pbc as [boolean, boolean, boolean], info });
}

function setupOf(json: Json, structure: Structure): Setup {
  const relaxation = record(json['relaxation'], 'relaxation');
  const dynamics = record(json['dynamics'], 'dynamics');
  const look = record(json['look'], 'look');
  const fixed = numbers(json['fixed'], 'fixed');
  if (fixed.some((atom) => !Number.isInteger(atom) || atom < 0 || atom >= structure.numbers.length))
    throw wrong('fixed', 'atoms of the structure');
  return {
    model: modelOf(record(json['model'], 'model')),
    choice: choiceOf(record(json['choice'], 'choice')),
    head: json['head'] === null ? null : text(json['head'], 'head'),
    inputs: Object.fromEntries(
      Object.entries(record(json['inputs'], 'inputs')).map(([name, value]) => [name, number(value, `input ${name}`)]),
    ),
    fixed,
    relaxation: {
      fmax: positive(relaxation['fmax'], 'fmax'),
      steps: whole(relaxation['steps'], 'steps'),
      optimizer: oneOf(['lbfgs', 'fire', 'bfgs-line-search'], relaxation['optimizer'], 'optimizer'),
      cell: boolean(relaxation['cell'], 'relaxation of the cell'),
      pressure: number(relaxation['pressure'], 'pressure'),
    },
    dynamics: {
      ensemble: oneOf(['nve', 'nvt', 'nvt-csvr', 'nvt-nh', 'npt'], dynamics['ensemble'], 'ensemble'),
      temperature: positive(dynamics['temperature'], 'temperature'),
      friction: number(dynamics['friction'], 'friction'),
      thermostatTime: positive(dynamics['thermostatTime'], 'thermostat time'),
      pressure: number(dynamics['pressure'], 'pressure'),
      timestep: positive(dynamics['timestep'], 'time step'),
      mostStepsPerSecond: whole(dynamics['mostStepsPerSecond'], 'steps per second'),
    },
    seed: whole(json['seed'], 'seed'),
    look: {
      style: oneOf(['balls', 'spheres', 'sticks'], look['style'], 'style'),
      bonds: boolean(look['bonds'], 'bonds'),
      cell: boolean(look['cell'], 'cell'),
      forces: boolean(look['forces'], 'forces'),
      labels: boolean(look['labels'], 'labels'),
      wrap: boolean(look['wrap'], 'wrap'),
      energies: boolean(look['energies'], 'energies'),
    },
  };
}

function modelOf(json: Json): ModelReference {
  const kind = oneOf(['bundled', 'published', 'file'], json['kind'], 'model');
  if (kind === 'bundled') return { kind };
  const name = text(json['name'], 'name of the model');
  if (kind === 'published') return { kind, name };
  const sha256 = text(json['sha256'], 'SHA-256 of the model');
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw wrong('SHA-256 of the model', '64 hexadecimal digits');
  return { kind, name, sha256 };
}

function choiceOf(json: Json): Setup['choice'] {
  const backend = oneOf<BackendName>(
    backendList.map((one) => one.name),
    json['backend'],
    'backend',
  );
  const precision = oneOf(backendEntry(backend).precisions, json['precision'], 'precision');
  return { backend, precision, tables: boolean(json['tables'], 'tables') };
}

function record(value: unknown, name: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw wrong(name, 'values by name');
}

function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(name, 'a list');
}

const numbers = (value: unknown, name: string): readonly number[] => list(value, name).map((one) => number(one, name));

function number(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(name, 'a number');
}

function positive(value: unknown, name: string): number {
  if (number(value, name) > 0) return value as number;
  throw wrong(name, 'a number above 0');
}

function whole(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw wrong(name, 'a whole number from 0');
}

function boolean(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw wrong(name, 'true or false');
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length <= longestText) return value;
  throw wrong(name, `a text of at most ${longestText} characters`);
}

function numberOrText(value: unknown, name: string): number | string {
  return typeof value === 'number' ? number(value, name) : text(value, name);
}

function oneOf<T extends string>(values: readonly T[], value: unknown, name: string): T {
  if (values.includes(value as T)) return value as T;
  throw wrong(name, `one of ${values.join(', ')}`);
}

function wrong(name: string, expected: string): FormatError {
  return new FormatError(
    `the link is damaged: expected ${expected} as its ${name}. Copy all of it, or ask for it again.`,
  );
}
