/** The grammar of the comment line, kinds and bits of numbers, and messages of extended XYZ. */
import { describe, expect, it } from 'vitest';
import type { InfoValue } from '@mace/core/structure';
import { readExtxyz, streamExtxyz, writeExtxyz } from '../../src/structure/extxyz.js';
import { array, plain, randomNumbers, structureWith } from './support.js';

const withComment = (comment: string) =>
  readExtxyz(`1\nProperties=species:S:1:pos:R:3 ${comment}\nH 0 0 0\n`, 'a.xyz')[0];
const valueOf = (comment: string, key = 'k'): InfoValue | undefined => withComment(comment)?.info[key];

describe('values of the comment line', () => {
  const cases: [string, InfoValue | undefined][] = [
    ['k=5', 5],
    ['k=-5', -5],
    ['k=+5', 5],
    ['k=5.5', 5.5],
    ['k=1d5', 1e5],
    ['k=1.5D-3', 1.5e-3],
    ['k=.5', 0.5],
    ['k=5.', 5],
    ['k=1e400', Infinity],
    ['k=nan', NaN],
    ['k=-inf', -Infinity],
    ['k=T', true],
    ['k=F', false],
    ['k=true', true],
    ['k=FALSE', false],
    ['k=t', 't'],
    ['k', true],
    ['k=abc', 'abc'],
    ['k="a b"', 'a b'],
    ["k='a \"b'", 'a "b'],
    ['k={a b}', 'a b'],
    ['k="a\\"b"', 'a"b'],
    ['k="a\\\\b"', 'a\\b'],
    ['k = 5', 5],
    ['k= 5', 5],
    ['k =5', 5],
    ['k="x=y"', 'x=y'],
    ['k=x=y', 'x=y'],
    ['"k"=5', 5],
    ['k="5"', 5],
    ['k=mp-1234', 'mp-1234'],
    ['k=0x10', '0x10'],
    ['k=1_000', '1_000'],
    ['k=123456789012345678901', '123456789012345678901'],
    ['k="1 2 3"', array([3], 'integer', [1, 2, 3])],
    ['k=1,2,3', array([3], 'integer', [1, 2, 3])],
    ['k={1 2.5}', array([2], 'real', [1, 2.5])],
    ['k="T F T"', array([3], 'logical', [true, false, true])],
    ['k="a b c"', 'a b c'],
    ['k=[1 2 3]', array([3], 'integer', [1, 2, 3])],
    ['k=[5]', array([1], 'integer', [5])],
    ['k=[[1, 2], [3, 4]]', array([2, 2], 'integer', [1, 2, 3, 4])],
    ['k=[[1.0, 2, 3]]', array([1, 3], 'real', [1, 2, 3])],
    ['k=[a, "b c"]', array([2], 'text', ['a', 'b c'])],
    ['k=[T, F]', array([2], 'logical', [true, false])],
    ['k=[[1,2],[3]]', '[1,2],[3]'],
    ['k=[1, foo]', '1, foo'],
    ['k="_JSON [1, 2.0]"', array([2], 'real', [1, 2])],
    ['k="_JSON [[1, 2], [3, 4]]"', array([2, 2], 'integer', [1, 2, 3, 4])],
    ['k="_JSON [NaN, -Infinity]"', array([2], 'real', [NaN, -Infinity])],
    ['k="_JSON \\"5\\""', '5'],
    ['k="_JSON {\\"a\\": 1}"', '_JSON {"a": 1}'],
    ['k="_JSON 5"', 5],
    ['k="_JSON [true, false]"', array([2], 'logical', [true, false])],
    ['uid=5', undefined],
    ['k=""', array([0], 'integer', [])],
    ['k=1 k=2', 2],
    ['__proto__=5 k=6', 6],
  ];
  it.each(cases)('%s', (comment, expected) => {
    expect(valueOf(comment)).toEqual(expected);
  });

  it('stress and virial are matrices in column order, other nine numbers are not', () => {
    expect(valueOf('stress="1 2 3 4 5 6 7 8 9"', 'stress')).toEqual(
      array([3, 3], 'integer', [1, 4, 7, 2, 5, 8, 3, 6, 9]),
    );
    expect(valueOf('REF_stress="1 2 3 4 5 6 7 8 9"', 'REF_stress')).toEqual(
      array([9], 'integer', [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    );
  });

  it('a key __proto__ is a key', () => {
    const structure = withComment('__proto__=5 constructor=6');
    expect(Object.keys(structure?.info ?? {})).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['k']).toBeUndefined();
  });

  it('uid stays text', () => expect(valueOf('uid=5', 'uid')).toBe('5'));
});

describe('frames', () => {
  it('takes columns in any order, also Z', () => {
    const [frame] = readExtxyz(
      '2\nProperties=forces:R:3:Z:I:1:flag:L:1:pos:R:3:tag:I:2 pbc="T F T"\n1 2 3 8 T 4 5 6 7 8\n.1 .2 .3 1 False 1d0 -2 3e0 9 10\n',
    );
    expect(plain(frame!)).toEqual({
      numbers: [8, 1],
      positions: [4, 5, 6, 1, -2, 3],
      cell: null,
      pbc: [true, false, true],
      info: [],
      arrays: [
        ['forces', { columns: 3, kind: 'real', values: [1, 2, 3, 0.1, 0.2, 0.3] }],
        ['flag', { columns: 1, kind: 'logical', values: [true, false] }],
        ['tag', { columns: 2, kind: 'integer', values: [7, 8, 9, 10] }],
      ],
    });
  });
  it('is periodic when there is a Lattice and no pbc', () => {
    expect(readExtxyz('1\nLattice="1 0 0 0 2 0 0 0 3"\nH 0 0 0')[0]?.pbc).toEqual([true, true, true]);
    expect(readExtxyz('1\nk=1\nH 0 0 0')[0]?.pbc).toEqual([false, false, false]);
  });
  it('reads plain XYZ: numbers for elements, free comment, more columns, CRLF, blank lines between frames', () => {
    const frames = readExtxyz(
      "2\r\nDon't care: E is -5 eV\r\n8 0 0 0 0.5\r\nh 0 0 1 0.1\r\n\r\n1\r\n\r\nCL 0 0 0\r\n\r\n",
    );
    expect(frames.map(({ warnings }) => warnings?.map((text) => text.slice(0, 46)))).toEqual([
      ['elements are read from atomic numbers: 8 is O', 'column 5 of the atoms is ignored: the file doe'],
      undefined,
    ]);
    expect(frames.map((frame) => [...frame.numbers])).toEqual([[8, 1], [17]]);
    expect(frames.map((frame) => ({ ...frame.info }))).toEqual([{ comment: "Don't care: E is -5 eV" }, {}]);
  });
  it('a frame is given before the error of the line after it', async () => {
    const given: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const frame of streamExtxyz(['1\n\nH 0 0 0\nhello\n'], 'a.xyz')) given.push(frame);
    };
    await expect(read()).rejects.toThrow(/line 4: expected the number of atoms/);
    expect(given.length).toBe(1);
  });
  it('charge and total_charge that differ are named', () => {
    expect(withComment('charge=1 total_charge=1')?.warnings).toBeUndefined();
    expect(withComment('charge=1 total_charge=2')?.warnings).toEqual([
      'line 2: charge and total_charge are not the same',
    ]);
  });
  it('an empty frame is read', () => {
    expect(readExtxyz('0\n\n')[0]?.numbers.length).toBe(0);
  });
});

describe('keys that are nearly those of the format', () => {
  const cell = '"5 0 0 0 6 0 0 0 7"';
  it.each([
    [`lattice=${cell} properties=species:S:1:pos:R:3 PBC="T T F"`, ['lattice', 'properties', 'PBC']],
    [`LATTICE=${cell} Properties=species:S:1:pos:R:3 Pbc="T T F"`, ['LATTICE', 'Pbc']],
    [`Lattice=${cell} PROPERTIES=Species:S:1:Pos:R:3 pbc="T T F"`, ['PROPERTIES', 'Species', 'Pos']],
  ])('%s', (comment, named) => {
    const [frame] = readExtxyz(`1\n${comment}\nH 0 0 1\n`);
    expect([...(frame?.cell ?? [])]).toEqual([5, 0, 0, 0, 6, 0, 0, 0, 7]);
    expect(frame?.pbc).toEqual([true, true, false]);
    expect(Object.keys(frame?.info ?? {})).toEqual([]);
    expect(frame?.warnings?.map((text) => /"(\w+)" is read as/.exec(text)?.[1])).toEqual(named);
  });
  it('keys that models read', () => {
    const frame = withComment('Charge=-1 SPIN=2 head=a HEAD=b');
    expect({ ...frame?.info }).toEqual({ head: 'a', HEAD: 'b', charge: -1, spin: 2 });
    expect(frame?.warnings).toEqual([
      'line 2: "HEAD" is not read, head is',
      'line 2: "Charge" is read as charge',
      'line 2: "SPIN" is read as spin',
    ]);
  });
  it.each([
    ['note= pbc="T T F"', { note: array([0], 'integer', []) }],
    ['note = pbc="T T F"', { note: array([0], 'integer', []) }],
    ['note= pbc ="T T F"', { note: array([0], 'integer', []) }],
    ['a=1 note= b=2 pbc = "T T F"', { a: 1, note: array([0], 'integer', []), b: 2 }],
  ])('an empty value swallows nothing: %s', (comment, info) => {
    const frame = withComment(`Lattice=${cell} ${comment}`);
    expect(frame?.pbc).toEqual([true, true, false]);
    expect({ ...frame?.info }).toEqual(info);
    expect(frame?.warnings).toEqual(['line 2: the key "note" has no value']);
  });
  it.each([
    `Latice=${cell}`,
    `Lattcie=${cell}`,
    `"Lattice:"=${cell}`,
    `cell=${cell}`,
    `unit_cell="5 6 7 90 90 90"`,
    `box=10.0`,
    'pbcs="T T T"',
    'pcb="T T T"',
    `note=Lattice=${cell}`,
    `note="a"Lattice=${cell}`,
    `note='a'Lattice=${cell}`,
    `note=xLattice=${cell}`,
    `"a"Lattice=${cell}`,
    `noteLattice=${cell}`,
    `notepbc="T T F"`,
    `energy=-5.0Lattice=${cell}`,
    'box 5 6 7 energy=1',
    'TVEC1="5 0 0"',
    'units=bohr',
    'length_unit="nm"',
    'coordinates=Bohr',
    'bohr energy=1',
    'a=5 b=6 c=7 alpha=90 beta=90 gamma=90',
    'cell_vectors="5 0 0 0 6 0 0 0 7"',
    'k=1 k=2',
  ])('a warning names %s', (comment) => expect(withComment(comment)?.warnings?.length).toBe(1));
  it('Properties to which a word sticks are named, and a key that is none is not', () => {
    const of = (comment: string): unknown => readExtxyz(`1\n${comment}\nH 0 0 0\n`)[0]?.warnings;
    expect(of('noteProperties=species:S:1:pos:R:3')).toEqual([
      'line 2: the key "noteProperties" is not read, Properties is; put a space before it',
    ]);
    expect(of('electronic_properties=none')).toBeUndefined();
  });
  it.each([
    'Lattice "5 0 0 0 6 0 0 0 7"',
    'lattice: 5 0 0 0 6 0 0 0 7',
    'pbc T T T',
    '# CELL(abcABC): 10.0 10.0 10.0 90.0 90.0 90.0 Step: 0',
    'unit cell 10 10 10',
    'water VEC1 3.2 0 0 VEC2 0 3.2 0 VEC3 0 0 3.2',
    'coordinates in Bohr',
    'Properties species:S:1:pos:R:3',
    "it's charge=1",
    '5 0 0 0 6 0 0 0 7',
    ' 5.0  6.0 7.0 90 90.0 90.0 ',
  ])('a warning names the text %j', (comment) =>
    expect(readExtxyz(`1\n${comment}\nH 0 0 0\n`)[0]?.warnings?.length).toBe(1),
  );
  it.each([
    'i = 5, time = 2.5, E = -17.1',
    'water in a box',
    'units=Angstrom energy_unit=au force_unit=eV/bohr length_unit=Å',
    'i 5 energy=1',
    'Nonperiodic system',
    '1 2 3 4 5 6 7',
    'periodic="F F F"',
    `Lattice=${cell} periodic=T boundary="p p p"`,
    `Lattice=${cell} pbc="T T F" periodic=F`,
    'H2 O1',
    'energy: -13.66 gnorm: 0.0001 xtb: 6.2.2 (655bc02)',
    `Lattice=${cell} cell=1 energy=-5 config_type=cell`,
    'generated by VESTA from a 2 x 2 x 2 supercell',
  ])('nothing is said about %j', (comment) =>
    expect(readExtxyz(`1\n${comment}\nH 0 0 0\n`)[0]?.warnings).toBeUndefined(),
  );
});

describe('elements, vectors and lines after the atoms', () => {
  it('labels, isotopes, names beside Z', () => {
    const frame = readExtxyz('5\n\nO1 0 0 0\nFE2+ 0 0 1\nD 0 0 2\ncl_3 0 0 3\nT 0 0 4\n')[0]!;
    expect([...frame.numbers]).toEqual([8, 26, 1, 17, 1]);
    expect(frame.warnings).toEqual([
      'deuterium and tritium are computed as H: their forces are the same, their mass is not',
      'elements are read from labels: O1 is O, FE2+ is Fe, cl_3 is Cl',
    ]);
    expect(readExtxyz(writeExtxyz([frame]))[0]?.arrays['species']?.values).toEqual(['O1', 'FE2+', 'D', 'cl_3', 'T']);
    const named = readExtxyz('3\nProperties=species:S:1:Z:I:1:pos:R:3\nCA 6 0 0 0\nOw 8 0 0 1\nD 1 0 0 2\n')[0]!;
    expect([...named.numbers]).toEqual([6, 8, 1]);
  });
  it.each(['2\n\nSi 0 0 0\nSi 1 1 1\n', '5\n\nSi 0 0 0\nSi 1 1 1\n'])('VEC1 to VEC3: %j', (head) => {
    const text = `${head}VEC1 5 0 0\nVEC2 0 6 0\nVEC3 0 0 7\n`;
    const frames = readExtxyz(text.repeat(2));
    expect(frames.length).toBe(2);
    for (const frame of frames) {
      expect(frame.numbers.length).toBe(2);
      expect([...(frame.cell ?? [])]).toEqual([5, 0, 0, 0, 6, 0, 0, 0, 7]);
      expect(frame.pbc).toEqual([true, true, true]);
    }
  });
  it('vectors are counted as atoms all or none, and with a warning', () => {
    const text = 'Si 0 0 0\nSi 1 1 1\nVEC1 5 0 0\nVEC2 0 6 0\nVEC3 0 0 7\n';
    expect(readExtxyz(`2\n\n${text}`)[0]?.warnings).toBeUndefined();
    expect(readExtxyz(`5\n\n${text}`)[0]?.warnings?.[0]).toMatch(/the number of atoms, 5, counts 3 lattice vectors/);
    for (const count of [3, 4])
      expect(() => readExtxyz(`${count}\n\n${text}`)).toThrow(/announces . atoms, and 2 stand before VEC1/);
  });
  it('two vectors are a slab', () => {
    const [frame] = readExtxyz('1\n\nC 0 0 0\nVEC1 5 0 0\nVEC2 0 6 0\n');
    expect([...(frame?.cell ?? [])]).toEqual([5, 0, 0, 0, 6, 0, 0, 0, 0]);
    expect(frame?.pbc).toEqual([true, true, false]);
  });
  it('a file of QM9', () => {
    const one = [
      '3',
      'gdb 3\t799.58812\t437.90386\t282.94545\t1.8511\t6.31\t-0.2928\t0.0687\t0.3615\t19.0002\t0.021375\t-76.404702\t-76.401867\t-76.400922\t-76.422349\t6.002\t',
      'O\t-0.0343604951\t 0.9775395708\t 0.0076015923\t-0.589706',
      'H\t 6.47664*^-2\t 0.0205721989\t 1.5346*^-3\t 0.294853',
      'H\t 0.8717903737\t 1.3007924048\t 0.0006931336\t 0.294853',
      '1671.4222\t3803.6305\t3907.698',
      'O\tO',
      'InChI=1S/H2O/h1H2\tInChI=1S/H2O/h1H2',
      '',
    ].join('\n');
    const frames = readExtxyz(one.repeat(2));
    expect(frames.length).toBe(2);
    expect([...(frames[1]?.positions ?? [])].slice(3, 6)).toEqual([0.0647664, 0.0205721989, 0.0015346]);
    expect(frames[1]?.warnings?.map((text) => text.slice(0, 22))).toEqual([
      'the frequencies, SMILE',
      'column 5 of the atoms ',
    ]);
    expect(() => readExtxyz(one.replace('gdb 3', 'gbd 3'))).toThrow(/expected the number of atoms of a frame/);
  });
});

describe('writing', () => {
  const values: [string, InfoValue][] = [
    ['real', 0.1 + 0.2],
    ['tiny', 5e-324],
    ['integer', 7],
    ['negative zero', -0],
    ['nan', NaN],
    ['inf', -Infinity],
    ['truth', false],
    ['text', 'abc'],
    ['spaces', 'a b'],
    ['quotes', `"'{}[]=\\`],
    ['number text', '5'],
    ['truth text', 'T'],
    ['list text', '1 2 3'],
    ['empty', ''],
    ['line end', 'a\nb'],
    ['json text', '_JSON {"a": [1, 2.0, null]}'],
    ['almost json', '_JSON {'],
    ['leading space', ' x '],
    ['greek', 'α=β'],
    ['big integer', '12345678901234567890'],
    ['vector', array([3], 'real', [1, 2, 0.5])],
    ['whole vector', array([2], 'real', [1, 2])],
    ['integers', array([2], 'integer', [1, -2])],
    ['one', array([1], 'real', [2])],
    ['none', array([0], 'integer', [])],
    ['none real', array([0], 'real', [])],
    ['truths', array([2], 'logical', [true, false])],
    ['texts', array([2], 'text', ['a b', '5'])],
    ['matrix', array([2, 2], 'real', [1, 2, 3, 4])],
    ['integer matrix', array([1, 2], 'integer', [1, 2])],
    ['stress', array([3, 3], 'real', [1, 2, 3, 4, 5, 6, 7, 8, 9.5])],
    ['virial', array([3, 3], 'real', [1, 2, 3, 4, 5, 6, 7, 8, 9])],
    ['nans', array([2], 'real', [NaN, 1])],
    ['nan matrix', array([1, 2], 'real', [NaN, Infinity])],
    ['a=b "c"', 5],
    ['__proto__', 5],
  ];
  it.each(values)('%s reads back the same', (key, value) => {
    const info = Object.create(null) as Record<string, InfoValue>;
    info[key] = value;
    const [again] = readExtxyz(writeExtxyz([structureWith({ info })]));
    expect(Object.entries(again?.info ?? {})).toEqual([[key, value]]);
    // ASE would take the pair after it for the value.
    expect(writeExtxyz([structureWith({ info })])).not.toContain('=""');
  });
  it('keeps whole reals apart from integers, also through a spread copy', () => {
    const text = '1\nProperties=species:S:1:pos:R:3 a=1.0 b=1 c=-0.0 pbc="F F F"\nH 0.0 0.0 0.0\n';
    const [frame] = readExtxyz(text);
    expect(writeExtxyz([frame!])).toBe(text);
    expect(writeExtxyz([{ ...frame!, info: { ...frame!.info, d: 2 } }])).toContain('a=1.0 b=1 c=-0.0 d=2 ');
  });
  it('random float64 bits survive', () => {
    const random = randomNumbers(7);
    const bits = new Uint32Array(600).map(() => Math.floor(random() * 2 ** 32));
    const positions = new Float64Array(bits.buffer).map((value) => (Number.isFinite(value) ? value : 1));
    const [again] = readExtxyz(
      writeExtxyz([structureWith({ numbers: new Int32Array(100).fill(6), positions, cell: positions.slice(0, 9) })]),
    );
    expect(new Uint32Array(again!.positions.buffer)).toEqual(new Uint32Array(positions.buffer));
    expect([...again!.cell!]).toEqual([...positions.slice(0, 9)]);
  });
  it('arrays of all kinds, labels beside numbers', () => {
    const arrays = {
      species: { columns: 1, kind: 'text', values: ['Ow', 'Hw', 'Hw'] } as const,
      q: { columns: 1, kind: 'real', values: Float64Array.of(1, NaN, -0) } as const,
      id: { columns: 1, kind: 'integer', values: Float64Array.of(3, -1, 2) } as const,
      m: { columns: 2, kind: 'logical', values: [true, false, false, true, true, true] } as const,
      't w': { columns: 1, kind: 'text', values: ['a', 'β', '"'] } as const,
    };
    const structure = structureWith({ arrays });
    const [again] = readExtxyz(writeExtxyz([structure]));
    expect(plain(again!)).toEqual(plain(structure));
  });
  it.each([
    [
      'a gap in a text column',
      { arrays: { t: { columns: 1, kind: 'text' as const, values: ['a', '', 'c'] } } },
      /array "t" holds "" for atom 2/,
    ],
    [
      'a column that is too short',
      { arrays: { t: { columns: 1, kind: 'real' as const, values: new Float64Array(2) } } },
      /expected 3 atoms/,
    ],
    ['a reserved key', { info: { Lattice: 5 } }, /Lattice is not an info key/],
    [
      'a colon in a name',
      { arrays: { 'a:b': { columns: 1, kind: 'real' as const, values: new Float64Array(3) } } },
      /Rename/,
    ],
  ])('refuses %s', (_, part, message) => {
    expect(() => writeExtxyz([structureWith(part)])).toThrow(message);
  });
});
