/**
 * `mace ipi`: energies, forces and virials for a program that speaks the i-PI protocol, such as i-PI and ASE's SocketIOCalculator.
 * The server has the positions; which elements they are of is what the template says.
 */
import { FormatError } from '@mace/core';
import { chemicalFormula, type Structure } from '@mace/core/structure';
import { streamFrames } from '@mace/io/node';
import { complain, print, yellow } from '../console.js';
import { openCalculator, type ComputingOptions } from '../computing.js';
import { loadModel } from '../inputs.js';
import { serverAddress, type AddressOptions, type ServerAddress } from '../ipi/address.js';
import { answer, connect } from '../ipi/connection.js';
import { SystemForces } from '../ipi/force-source.js';
import { withTables } from '../program/defaults.js';
import { progressBar } from '../progress.js';
import { checkInputOptions, inputsOf } from './eval-options.js';

export interface IpiOptions extends ComputingOptions, AddressOptions {
  readonly structures?: string;
  readonly template?: string;
  /** s for a server that is not there yet. */
  readonly wait: number;
  /** Waits for another server after one that went without `EXIT`. */
  readonly reconnect?: boolean;
  readonly extras?: 'atom-energies';
}

/** @throws FormatError for an address or template that is none, no server, one that breaks off */
export async function ipi(options: IpiOptions): Promise<void> {
  const address = serverAddress(options);
  const template = await templateOf(options);
  const model = await loadModel(options.model, options);
  checkInputOptions(model, options);
  const calculator = await openCalculator('ipi', model, options);
  const source = new SystemForces(
    calculator,
    template,
    inputsOf(options),
    { atomEnergies: options.extras === 'atom-energies' },
    (text) => complain(`${yellow('note')}: ${text}\n`),
  );
  try {
    // What the model cannot compute is said before a server waits for it.
    await source.prepare(1);
    const shown = withTables('ipi', options) ? 'tables' : 'exact';
    print(
      `${chemicalFormula(template)}, ${source.atoms} atoms, ${calculator.backend} ${options.precision}, ${shown}\n`,
    );
    await serve(source, address, options);
  } finally {
    source.dispose();
    await calculator.dispose();
  }
}

/** Until a server says that it ends, or closes the connection and no other is waited for. */
async function serve(source: SystemForces, address: ServerAddress, { wait, reconnect }: IpiOptions): Promise<void> {
  const progress = progressBar('answered', false, print, ['structure', 'structures']);
  source.counted.listener = (structures) => progress.update(structures);
  try {
    for (;;) {
      const socket = await connect(address, wait);
      progress.print(`connected to ${address.text}`);
      const ending = await answer(socket, address, source);
      const { structures, seconds } = source.counted;
      progress.print(
        `${ending === 'exit' ? 'the server has ended the run' : 'the server has closed the connection'}: ${structures} structure${structures === 1 ? '' : 's'} in ${seconds.toFixed(1)} s`,
      );
      if (ending === 'exit' || !reconnect) return;
    }
  } finally {
    progress.stop();
  }
}

/** The one structure of a file. @throws FormatError for none, and for several */
async function templateOf({ template, structures, format }: IpiOptions): Promise<Structure> {
  const file = template ?? structures;
  if (file === undefined)
    throw new FormatError(
      'mace ipi: which elements the atoms are of is not part of the protocol. Name a file with the structure of the server, its atoms in the same order: --structures FILE.',
    );
  let only: Structure | undefined;
  for await (const structure of streamFrames(file, { format })) {
    if (only)
      throw new FormatError(`${file}: expected one structure, the template; there are more. Choose one: ${file}@0.`);
    only = structure;
  }
  if (!only || only.numbers.length === 0)
    throw new FormatError(`${file}: there are no atoms in it. Give the structure that the server has.`);
  return only;
}
