/** The options of `mace eos`, and what the library is told of them. */
import { FormatError } from '@mace/core';
import type { EquationName, EquationOfStateOptions } from '@mace/sim';
import type { ComputingOptions } from '../computing.js';
import { inputsOf } from './eval-options.js';

/** As declared in `program/relax-commands.ts`. */
export interface EosOptions extends ComputingOptions {
  readonly structures?: readonly string[];
  readonly minVolume: number;
  readonly maxVolume: number;
  readonly nVolumes: number;
  readonly eosType: EquationName;
  readonly minimize?: boolean;
  readonly minimizeAll?: boolean;
  readonly fmax?: number;
  readonly steps?: number;
  readonly output?: string;
  readonly json?: boolean;
  readonly onError: 'stop' | 'skip';
  readonly batchAtoms: number;
}

/** @throws FormatError for options of relaxations where there are none */
export function equationOptions(options: EosOptions): EquationOfStateOptions {
  const { minVolume, maxVolume, nVolumes, eosType, minimize, minimizeAll, batchAtoms } = options;
  const { fmax = 0.01, steps = 1000 } = options;
  const [passedOver] = (['fmax', 'steps'] as const).filter((name) => options[name] !== undefined);
  if (passedOver && !minimize && !minimizeAll)
    throw new FormatError(
      `--${passedOver}: this is of relaxations, and there are none. Add --minimize or --minimize-all.`,
    );
  return {
    ...inputsOf(options),
    minVolume,
    maxVolume,
    volumes: nVolumes,
    equation: eosType,
    minimize: minimize ? { cell: true, fmax, steps } : false,
    minimizeAll: minimizeAll ? { fmax, steps } : false,
    batchAtoms,
  };
}
