/** The numbers of upstream MACE: those in this package, and those that the caller adds. */
import type { Case, GoldenCase } from '../case.js';
import type { GoldenEntry } from '../golden/entry.js';
import { packagedEntries, stageCases } from '../golden/packaged.js';

export function goldenCases(added: readonly GoldenEntry[]): Case[] {
  const whole = [...packagedEntries(), ...added].map(
    (entry): GoldenCase => ({ kind: 'golden', path: `golden/${entry.name}`, entry }),
  );
  return [...whole, ...stageCases()];
}
