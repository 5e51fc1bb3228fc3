/**
 * `mace convert`: structures from one format to another. What the new format cannot hold is named before anything is written.
 */
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { formatByName, lossesOf, type StructureFormat } from '@mace/io';
import { checkOutput, openStructureWriter, streamFrames, writeStructureFile, type OutputTarget } from '@mace/io/node';
import { complain, printWritten, yellow } from '../console.js';

export interface ConvertOptions {
  /** Of the input. */
  readonly format?: string;
  readonly outputFormat?: string;
  /** Leave out what the format does not hold. */
  readonly drop?: boolean;
}

export async function convertStructures(input: string, output: string, options: ConvertOptions): Promise<void> {
  const format = formatByName({ format: options.outputFormat, name: output });
  if (format?.write === undefined) {
    throw new FormatError(
      format === undefined
        ? `${output}: the ending does not tell a format. Use for example .extxyz, .cif or .vasp, or --output-format.`
        : `${output}: ${format.name} is only read. Write extxyz instead.`,
    );
  }
  let said = '';
  const frames = checked(streamFrames(input, { format: options.format }), format, options, (text) => {
    // A trajectory has the same notes often: they stand where they change.
    if (text !== said) complain(`${yellow('note')}: ${text}\n`);
    said = text;
  });
  const streams = output === '-' || /\.(xyz|extxyz|exyz)(\.gz)?$/i.test(output);
  const { target, count } =
    format.name === 'extxyz' && streams ? await streamTo(output, frames) : await writeAll(output, frames, format);
  printWritten(target, ` (${count} structure${count === 1 ? '' : 's'}, ${format.name})`);
}

/** Structures that the format holds, or holds but for what may be dropped. Throws FormatError for others. */
async function* checked(
  frames: AsyncIterable<Structure>,
  format: StructureFormat,
  options: ConvertOptions,
  note: (text: string) => void,
): AsyncGenerator<Structure> {
  let index = 0;
  for await (const structure of frames) {
    for (const warning of structure.warnings ?? []) note(warning);
    // Extended XYZ holds everything, and long trajectories go there.
    if (format.name === 'extxyz') {
      yield structure;
      continue;
    }
    const lost = lossesOf(structure, format);
    if (lost.structure.length > 0)
      throw new FormatError(
        `structure ${index}: ${format.name} does not hold ${lost.structure.join(', nor ')}. Write extxyz, or another format.`,
      );
    const data = [
      ...lost.digits,
      ...(lost.keys.length > 0 ? [`the keys ${lost.keys.join(', ')}`] : []),
      ...(lost.columns.length > 0 ? [`the columns ${lost.columns.join(', ')}`] : []),
    ].join(' and ');
    if (data !== '' && options.drop !== true)
      throw new FormatError(
        `structure ${index}: ${format.name} does not hold ${data}. Write extxyz, or leave them out with --drop.`,
      );
    const notes = data === '' ? [] : [`left out: ${data}`];
    if (lost.isTurned)
      notes.push(`${format.name} keeps lengths and angles of the cell: it is turned, and all atoms with it`);
    if (notes.length > 0) note(notes.join('; '));
    yield structure;
    index++;
  }
}

interface Written {
  readonly target: OutputTarget;
  readonly count: number;
}

async function streamTo(output: string, frames: AsyncIterable<Structure>): Promise<Written> {
  const writer = await openStructureWriter(output);
  let count = 0;
  try {
    for await (const structure of frames) {
      await writer.write(structure);
      count++;
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return { target: writer.target, count };
}

async function writeAll(output: string, frames: AsyncIterable<Structure>, format: StructureFormat): Promise<Written> {
  const target = await checkOutput(output);
  const structures: Structure[] = [];
  for await (const structure of frames) structures.push(structure);
  await writeStructureFile(output, structures, { format: format.name });
  return { target, count: structures.length };
}
