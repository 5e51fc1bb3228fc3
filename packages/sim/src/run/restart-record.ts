/** What a run goes on from, as bytes: JSON in which arrays of numbers stand as base64, so that they keep their bits. */
import { FormatError } from '@mace/core';
import type { DynamicsState } from '../dynamics.js';
import type { ObserverState } from '../observers/index.js';
import type { Settings } from './settings.js';

/** One structure that runs, or has stopped. */
export interface MemberRecord {
  readonly index: number;
  /** Null of one that was never bound. */
  readonly state: DynamicsState | null;
  /** Places of its atoms in the order of computation, from 0 on. */
  readonly order: Int32Array | null;
  readonly conservedAtStart: number;
  /** Bytes of each of its files that belong to the run. */
  readonly lengths: Readonly<Record<string, number>>;
  /** Frames that were computed again. */
  readonly gateFrames: number;
  /** By their spelling. */
  readonly observers: Readonly<Record<string, ObserverState>>;
  /** How the relaxation before the first step ended. */
  readonly minimized?: { readonly steps: number; readonly isConverged: boolean; readonly largestForce: number };
  /** Degrees of freedom: other constraints leave others. */
  readonly freedom?: number;
  /** Why it has stopped. */
  readonly failure?: string;
}

export interface RestartRecord {
  readonly format: 'mace-dynamics-restart';
  readonly version: 1;
  readonly settings: Settings;
  /** What tells the structures of the input from others. */
  readonly inputHash: string;
  /** Sets of elements that the gate has seen, each with the structure that it looks at. */
  readonly gated: readonly (readonly [elements: string, index: number])[];
  /** Whether the run goes on with the exact calculator. */
  readonly isExact: boolean;
  readonly step: number;
  /** Steps between the frames that observers were given: under another they begin anew. */
  readonly observeEvery: number;
  readonly members: readonly MemberRecord[];
}

export function encodeRestart(record: RestartRecord): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(record, (_, value: unknown) => packed(value), 1)}\n`);
}

/** @throws FormatError for what is no such record */
export function decodeRestart(name: string, bytes: Uint8Array): RestartRecord {
  let record: RestartRecord;
  try {
    record = JSON.parse(new TextDecoder().decode(bytes), (_, value: unknown) => unpacked(value)) as RestartRecord;
  } catch (cause) {
    throw new FormatError(`${name}: this is no JSON, or a damaged one. Begin anew in another folder.`, { cause });
  }
  if (record?.format !== 'mace-dynamics-restart' || record.version !== 1)
    throw new FormatError(
      `${name}: expected what a run of this version goes on from (mace-dynamics-restart, 1); found ${JSON.stringify(record?.format ?? null)}, ${JSON.stringify(record?.version ?? null)}. Begin anew in another folder.`,
    );
  return record;
}

const kinds = { Float64Array, Int32Array } as const;

function packed(value: unknown): unknown {
  for (const [kind, type] of Object.entries(kinds))
    if (value instanceof type) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      let text = '';
      for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
      return { [kind]: btoa(text) };
    }
  // JSON has no such numbers.
  return typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;
}

function unpacked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [[kind, text] = ['', null], ...others] = Object.entries(value as Record<string, unknown>);
  if (others.length > 0 || typeof text !== 'string') return value;
  if (kind === 'number') return Number(text);
  if (!Object.hasOwn(kinds, kind)) return value;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new kinds[kind as keyof typeof kinds](bytes.buffer);
}
