/** ASE's trajectories: as ASE reads them, in bounded memory, written and read again, and what is damaged refused by its place. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { isMaceError } from '@mace/core';
import { makeStructure, type Structure } from '@mace/core/structure';
import { openStructureWriter, readFrames, streamStructureFile, writeStructureFile } from '../../src/node/index.js';
import { streamAseTrajectory } from '../../src/structure/ase-trajectory.js';
import { formatByName, readStructures, writeStructureBytes, writeStructures } from '../../src/structure/formats.js';
import { lossesOf } from '../../src/structure/losses.js';
import { plain, randomNumbers } from '../formats/support.js';

const here = fileURLToPath(new URL('./', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mace-traj-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string): Uint8Array => new Uint8Array(readFileSync(join(here, name)));
const read = (bytes: Uint8Array, name = 'a.traj'): Structure[] => readStructures(bytes, { name });

type Values = Record<string, unknown>;
interface Expected {
  numbers: number[];
  positions: number[][];
  cell: number[][];
  pbc: boolean[];
  arrays: Values;
  results: Values;
  info: Values;
  constraints: string[];
}
const expected = JSON.parse(readFileSync(join(here, 'expected.json'), 'utf8')) as Record<string, Expected[]>;

/** Values of info and arrays as nested lists of JSON. */
function listed({ info, arrays, numbers }: Structure): { info: Values; arrays: Values } {
  const nested = (values: readonly unknown[], shape: readonly number[]): unknown => {
    if (shape.length <= 1) return [...values];
    const size = values.length / shape[0]!;
    return Array.from({ length: shape[0]! }, (_, i) => nested(values.slice(i * size, (i + 1) * size), shape.slice(1)));
  };
  const entries = <T>(record: Readonly<Record<string, T>>, value: (one: T) => unknown): Values =>
    Object.fromEntries(Object.entries(record).map(([key, one]) => [key, value(one)]));
  return {
    info: entries(info, (value) => (typeof value === 'object' ? nested([...value.values], value.shape) : value)),
    arrays: entries(arrays, ({ values, columns }) =>
      nested([...values], columns === 1 ? [numbers.length] : [numbers.length, columns]),
    ),
  };
}

describe('files of ASE', () => {
  it.each(Object.keys(expected))('%s reads as ASE reads it, also one by one from the disk', async (name) => {
    const structures = read(file(name), name);
    expect(structures.length).toBe(expected[name]!.length);
    structures.forEach((structure, i) => {
      const { numbers, positions, cell, pbc, arrays, results, info, constraints } = expected[name]![i]!;
      expect([...structure.numbers]).toEqual(numbers);
      expect([...structure.positions]).toEqual(positions.flat());
      expect([...(structure.cell ?? new Float64Array(9))]).toEqual(cell.flat());
      expect(structure.pbc).toEqual(pbc);
      const ours = listed(structure);
      // FixAtoms([0, 2]); the other one is named.
      const held = constraints.includes('FixAtoms') && {
        move_mask: numbers.map((_, atom) => atom !== 0 && atom !== 2),
      };
      const { stress } = results as { stress?: number[] };
      if (stress) results['stress'] = [0, 1, 2].map((i) => [0, 1, 2].map((j) => stress[i === j ? i : 6 - i - j]));
      const atomResults = ['forces', 'stresses', 'charges', 'magmoms', 'energies'].filter((key) => key in results);
      const { nested, ...plainInfo } = info;
      if (nested !== undefined) expect(ours.info['nested']).toBe('_JSON {"a": [1, "b"]}');
      delete ours.info['nested'];
      const of = (keys: readonly string[]): Values => Object.fromEntries(keys.map((key) => [key, results[key]]));
      expect(ours.arrays).toEqual({ ...arrays, ...held, ...of(atomResults) });
      expect(ours.info).toEqual({
        ...of(Object.keys(results).filter((key) => !atomResults.includes(key))),
        ...plainInfo,
      });
      const others = constraints.filter((one) => one !== 'FixAtoms');
      const said = others.length > 0 ? [`constraints that are not kept: ${others.join(', ')}`] : undefined;
      expect(structure.warnings).toEqual(said);
    });
    const streamed: Structure[] = [];
    for await (const structure of streamStructureFile(join(here, name))) streamed.push(structure);
    expect(streamed.map(plain)).toEqual(structures.map(plain));
  });

  it('kinds of numbers are those of the file', () => {
    const [structure] = read(file('rich.traj'));
    expect(structure!.arrays['tags']!.kind).toBe('integer');
    expect(structure!.arrays['momenta']).toMatchObject({ kind: 'real', columns: 3 });
    expect(structure!.info).toMatchObject({
      vector: { kind: 'real' },
      list: { kind: 'integer' },
      stress: { shape: [3, 3] },
    });
  });

  it('frames by @, gzip, and without a name', async () => {
    expect((await readFrames(`${join(here, 'changing.traj')}@7`)).map(({ numbers }) => [...numbers])).toEqual([[6, 8]]);
    expect((await readFrames(`${join(here, 'changing.traj')}@-2:`)).length).toBe(2);
    const all = read(file('changing.traj')).map(plain);
    expect(readStructures(file('changing.traj')).map(plain)).toEqual(all);
    writeFileSync(join(folder, 'a.traj.gz'), gzipSync(file('changing.traj')));
    expect((await readFrames(join(folder, 'a.traj.gz'))).map(plain)).toEqual(all);
    expect(() => readStructures('text', { format: 'traj' })).toThrow(
      'structure file: ase-traj is no text. Give the bytes of the file.',
    );
  });

  it('only the bytes of a frame are held', async () => {
    const bytes = file('changing.traj');
    let most = 0;
    const source = {
      size: bytes.length,
      read: async ({ at, length }: { at: number; length: number }) => {
        expect(at + length).toBeLessThanOrEqual(bytes.length);
        most = Math.max(most, length);
        return bytes.slice(at, at + length);
      },
    };
    let frames = 0;
    for await (const structure of streamAseTrajectory(source, 'a.traj')) frames += structure.numbers.length > 0 ? 1 : 0;
    expect(frames).toBe(50);
    // A table of 50 places is the largest piece.
    expect(most).toBeLessThan(600);
  });
});

describe('what is written', () => {
  const all = ['rich.traj', 'changing.traj', 'big-endian.traj'].flatMap((name) => read(file(name), name));
  const unwarned = ({ warnings: _, ...structure }: Structure): unknown => plain(structure as Structure);

  it.each([0, 1, 2, 42, 43, 55])('%d frames are the same again, also written one by one', async (count) => {
    const structures = all.slice(0, count);
    const bytes = writeStructureBytes(structures, { name: 'b.traj' });
    const writer = await openStructureWriter(join(folder, 'b.traj'));
    for (const structure of structures) await writer.write(structure);
    await writer.close();
    expect(new Uint8Array(readFileSync(join(folder, 'b.traj')))).toEqual(bytes);
    if (count === 0) expect(() => read(bytes)).toThrow('a.traj: there is no structure in it, it is empty.');
    else expect(read(bytes).map(plain)).toEqual(structures.map(unwarned));
  });

  it('a stress is xx yy zz yz xz xy there and 3×3 here, and in extended XYZ', () => {
    const stress = { shape: [3, 3], kind: 'real', values: [1, 6, 5, 6, 2, 4, 5, 4, 3] } as const;
    const structure = { ...makeStructure({ symbols: ['H'], positions: [0, 0, 0] }), info: { stress } };
    const bytes = writeStructureBytes([structure], { format: 'traj' });
    expect(new TextDecoder().decode(bytes)).toMatch(
      /"stress": \[1(\.0)?, 2(\.0)?, 3(\.0)?, 4(\.0)?, 5(\.0)?, 6(\.0)?\]/,
    );
    expect(read(bytes)[0]!.info['stress']).toEqual(stress);
    expect(writeStructures(read(bytes), { name: 'a.xyz' })).toContain('stress="1.0 6.0 5.0 6.0 2.0 4.0 5.0 4.0 3.0"');
  });

  it('move_mask is the constraint FixAtoms, frame by frame', () => {
    const masks = [
      [true, false],
      [true, false],
      [false, true],
    ];
    const structures = masks.map((values) => ({
      ...makeStructure({ symbols: ['H', 'H'], positions: [0, 0, 0, 0, 0, 1] }),
      arrays: { move_mask: { columns: 1, kind: 'logical', values } as const },
    }));
    const again = read(writeStructureBytes(structures, { format: 'traj' }));
    expect(again.map(({ arrays }) => arrays['move_mask']!.values)).toEqual(masks);
    expect(again.map(({ warnings }) => warnings)).toEqual([undefined, undefined, undefined]);
  });

  it('ASE JSON has stress and FixAtoms as .traj does, and names what is not kept', () => {
    const constraints = [
      { name: 'FixAtoms', kwargs: { indices: [-1] } },
      { name: 'FixCartesian', kwargs: { a: [0], mask: [true, true, false] } },
    ];
    const atoms = {
      numbers: [1, 8],
      positions: [
        [0, 0, 0],
        [0, 0, 1],
      ],
      cell: null,
      pbc: [false, false, false],
    };
    const [one] = readStructures(JSON.stringify({ ...atoms, constraints, stress: [1.5, 2, 3, 4, 5, 6] }), {
      format: 'ase-json',
    }) as [Structure];
    expect(one.info['stress']).toMatchObject({ shape: [3, 3], values: [1.5, 6, 5, 6, 2, 4, 5, 4, 3] });
    expect(one.arrays['move_mask']!.values).toEqual([true, false]);
    expect(one.warnings).toEqual(['constraints that are not kept: FixCartesian']);
    const written = writeStructures([one], { format: 'ase-json' });
    expect(written).toMatch(/"constraints": \[\{"name": "FixAtoms", "kwargs": \{"indices": \[1\]\}\}\]/);
    expect(written).toMatch(
      /"stress": \{"__ndarray__": \[\[6\], "float64", \[1\.5, 2\.0, 3\.0, 4\.0, 5\.0, 6\.0\]\]\}/,
    );
    const there = { constraints: [{ name: 'FixAtoms', kwargs: { indices: [2] } }] };
    expect(() => readStructures(JSON.stringify({ ...atoms, ...there }), { format: 'ase-json' })).toThrow(
      /constraints: there is no atom 2 of 2/,
    );
  });

  it('the ending decides, .gz compresses', async () => {
    await writeStructureFile(join(folder, 'c.traj.gz'), all.slice(0, 2));
    expect((await readFrames(join(folder, 'c.traj.gz'))).map(plain)).toEqual(all.slice(0, 2).map(unwarned));
    expect(() => writeStructures(all, { name: 'c.traj' })).toThrow(
      /ase-traj is no text\. Write it with writeStructureBytes/,
    );
  });

  it('what there is no place for is named, and refused', async () => {
    const real = (columns: number) => ({ columns, kind: 'real', values: new Float64Array(2 * columns) }) as const;
    const structure = {
      ...makeStructure({ symbols: ['H', 'H'], positions: [0, 0, 0, 0, 0, 1] }),
      info: {
        energy: -1.5,
        stress: { shape: [3, 3], kind: 'real', values: new Array<number>(9).fill(0.5) },
        note: 'a',
        __ndarray__: 1,
      },
      arrays: { forces: real(3), MACE_forces: real(3), magmoms: real(3), momenta: real(3) },
    } satisfies Structure;
    const writer = await openStructureWriter(join(folder, 'd.traj'));
    await expect(writer.write(structure)).rejects.toThrow(
      'ase-traj: there is no place for the per-atom array "MACE_forces".',
    );
    await writer.write({ ...structure, info: { energy: 2 }, arrays: { forces: real(3) } });
    await writer.close();
    expect((await readFrames(join(folder, 'd.traj'))).map(({ info }) => ({ ...info }))).toEqual([{ energy: 2 }]);
    const { __ndarray__: _, ...info } = structure.info;
    const format = formatByName({ format: 'traj' })!;
    expect(lossesOf({ ...structure, info, arrays: { forces: real(3), momenta: real(3) } }, format)).toMatchObject({
      keys: [],
      columns: [],
    });
    expect(() => writeStructureBytes([structure], { format: 'traj' })).toThrow(/no place for/);
    expect(() => writeStructureBytes([{ ...structure, arrays: {} }], { format: 'traj' })).toThrow(
      /keeps the info key "__ndarray__" for itself/,
    );
    expect(() =>
      writeStructureBytes([{ ...structure, info, arrays: { magmoms: real(3) } }], { format: 'traj' }),
    ).toThrow(/"magmoms" is of 3 columns; expected 1 numbers/);
  });
});

describe('damage', () => {
  const failure = (bytes: Uint8Array): string => {
    try {
      read(bytes);
    } catch (error) {
      if (!isMaceError(error)) throw error;
      return error.message;
    }
    return '';
  };

  it('a file that is cut anywhere is refused, and says where', () => {
    const bytes = file('rich.traj');
    for (let length = bytes.length - 1; length > 8; length -= length > 9400 ? 1 : 97)
      expect(failure(bytes.slice(0, length)), String(length)).toMatch(
        /^a\.traj( frame \d(, [a-z_]+)*)?: the file is cut off or damaged: .*bytes/,
      );
    expect(failure(bytes.slice(0, 30))).toMatch('it has 30 bytes, less than its header of 48. Copy it again.');
    expect(failure(bytes.slice(0, 4))).toMatch(/cut off or damaged/);
  });

  it('bytes that are changed are refused, or are other numbers', () => {
    const random = randomNumbers(5);
    let refused = 0;
    for (let trial = 0; trial < 160; trial++) {
      const bytes = file(trial % 2 === 0 ? 'rich.traj' : 'changing.traj');
      const at = trial % 4 < 2 ? Math.floor(random() * 60) : Math.floor(random() * bytes.length);
      bytes[at] = Math.floor(random() * 256);
      if (failure(bytes) !== '') refused++;
    }
    expect(refused).toBeGreaterThan(40);
  });

  it.each([
    ['a place beyond the file', 40, 1_000_000, /the table of its 3 items would lie at byte 1000000/],
    ['more items than places', 32, 2 ** 40, /the table of its 1099511627776 items/],
    ['a negative number of items', 32, -1, /the table of its -1 items/],
    ['no items', 32, 0, /there is no structure in it/],
    ['a newer version', 24, 4, /byte 24: expected a version of ULM from 1 to 3, got 4/],
  ])('%s', (_, at, value, message) => {
    const bytes = file('rich.traj');
    new DataView(bytes.buffer, bytes.byteOffset).setBigInt64(at, BigInt(value), true);
    expect(failure(bytes)).toMatch(message);
  });

  it('what JSON says is checked', () => {
    /** The text of the first frame replaced by another of its length. */
    const changed = (from: string, to: string): Uint8Array => {
      const bytes = file('changing.traj');
      const at = Buffer.from(bytes).indexOf(from);
      bytes.set(new TextEncoder().encode(to.padEnd(from.length)), at);
      return bytes;
    };
    expect(failure(changed('"float64"', '"complex"'))).toMatch(
      /frame 0, positions: expected numbers of a type of float64, float32/,
    );
    expect(failure(changed('[[3, 3], ', '[[3, 2], '))).toMatch(
      /frame 0, positions: expected a row of 3 for each of the 3 atoms, got shape \[3, 2\]/,
    );
    expect(failure(changed('"pbc": [false,', '"pbc": ["alse,'))).toMatch(/frame 0 line 1, column/);
    expect(failure(changed('"numbers."', '"members."'))).toMatch(/frame 0: it says no elements/);
    expect(failure(changed('"positions."', '"propositio"'))).toMatch(/frame 0: it has no positions/);
    expect(failure(file('other.ulm'))).toMatch('this ULM file is no trajectory, its tag is "GPAW-Calculation"');
    expect(failure(new TextEncoder().encode('3\n\nO 0 0 0\n'.repeat(20)))).toMatch(
      'this is no ULM file, it starts with "3\\n\\nO 0 0"',
    );
  });
});
