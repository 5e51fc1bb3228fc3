/**
 * `mace convert`: structures from one format to another. What the new format cannot hold is named before anything is written.
 */
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { formatByName, lossesOf, lossText, writablePart, type StructureFormat } from '@mace/io';
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
  const note = (text: string): void => {
    // A trajectory has the same notes often: they stand where they change.
    if (text !== said) complain(`${yellow('note')}: ${text}\n`);
    said = text;
  };
  const frames = streamFrames(input, { format: options.format });
  // Extended XYZ holds almost everything, and long trajectories go there.
  const streams = format.name === 'extxyz' && (output === '-' || /\.(xyz|extxyz|exyz)(\.gz)?$/i.test(output));
  const isTrajectory = format.isBinary && formatByName({ name: output }) === format && !/\.gz$/i.test(output);
  const { target, count } = streams
    ? await streamTo(output, frames, options, note)
    : isTrajectory
      ? await streamTo(output, checked(frames, format, options, note), options, () => undefined)
      : await writeAll(output, checked(frames, format, options, note), format);
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
  for await (const whole of frames) {
    for (const warning of whole.warnings ?? []) note(warning);
    const { structure, ...refused } = writablePart(whole, format);
    const lost = lossesOf(structure, format);
    if (lost.structure.length > 0)
      throw new FormatError(
        `structure ${index}: ${format.name} does not hold ${lost.structure.join(', nor ')}. Write extxyz, or another format.`,
      );
    const names = lossText({
      keys: [...refused.keys, ...lost.keys],
      columns: [...refused.columns, ...lost.columns],
    });
    const data = [...lost.digits, ...(names === '' ? [] : [names])].join(' and ');
    if (data !== '') leaveOut(data, index, format.name, options, note);
    if (lost.isTurned) note(`${format.name} keeps lengths and angles of the cell: it is turned, and all atoms with it`);
    yield structure;
    index++;
  }
}

/** Says what is left out. Throws FormatError where that was not asked for. */
function leaveOut(
  data: string,
  index: number,
  format: string,
  { drop }: ConvertOptions,
  note: (text: string) => void,
): void {
  if (drop !== true) {
    const remedy = format === 'extxyz' ? 'Rename them' : 'Write extxyz';
    throw new FormatError(
      `structure ${index}: ${format} does not hold ${data}. ${remedy}, or leave them out with --drop.`,
    );
  }
  note(`left out: ${data}`);
}

interface Written {
  readonly target: OutputTarget;
  readonly count: number;
}

async function streamTo(
  output: string,
  frames: AsyncIterable<Structure>,
  options: ConvertOptions,
  note: (text: string) => void,
): Promise<Written> {
  let count = 0;
  const writer = await openStructureWriter(output, {
    leaveOut: (what) => leaveOut(what, count, 'extxyz', options, note),
  });
  try {
    for await (const structure of frames) {
      for (const warning of structure.warnings ?? []) note(warning);
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
  const { description, extensions, isBinary } = format;
  const written = { name: description, endings: [...extensions, `${extensions[0]}.gz`], isText: false };
  const target = await checkOutput(output, isBinary ? written : undefined);
  const structures: Structure[] = [];
  for await (const structure of frames) structures.push(structure);
  await writeStructureFile(output, structures, { format: format.name });
  return { target, count: structures.length };
}
