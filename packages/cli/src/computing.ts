/** What commands that compute have in common: their options, and the calculator that these make. */
import { createCalculator, type Calculator, type CalculatorOptions, type MaceModel } from '@mace/core';
import { backendNamed } from './backends/index.js';
import type { ToldOptions } from './inputs.js';
import { withTables, type defaults } from './program/defaults.js';

/** As `computingOptions` and `inputOptions` of `program/options.ts` declare them, with `--tables` and `--exact`. */
export interface ComputingOptions extends ToldOptions {
  readonly model?: string;
  readonly format?: string;
  readonly backend: string;
  readonly threads?: number;
  readonly precision: 'f64' | 'f32';
  readonly tables?: boolean;
  readonly exact?: boolean;
  readonly head?: string;
  readonly charge?: number;
  readonly spin?: number;
}

/** @param kind - the command, for its default of tables */
export async function openCalculator(
  kind: keyof typeof defaults,
  model: MaceModel,
  options: ComputingOptions,
  more: Pick<CalculatorOptions, 'plan' | 'batchAtoms'> = {},
): Promise<Calculator> {
  const { backend, threads, precision } = options;
  return createCalculator({
    ...more,
    model,
    backend: await backendNamed(backend, { threads }),
    precision,
    tables: withTables(kind, options),
  });
}
