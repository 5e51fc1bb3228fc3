/**
 * The WebAssembly behind {@link quickMatmul}: one function that multiplies packed float64 matrices in tiles of four rows by
 * four columns, with multiplications and additions in the order of the plain loops, so that the bits are the same.
 */

/** Bytes of a module that imports the memory `host.memory` and exports `product(a, b, out, rowBlocks, inner, panels)`. */
export function productModule(): Uint8Array<ArrayBuffer> {
  const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const i32 = 0x7f;
  const signature = [0x60, ...list(parameters.map(() => [i32])), 0];
  return Uint8Array.from([
    ...magic,
    ...section(1, list([signature])),
    ...section(2, list([[...text('host'), ...text('memory'), 0x02, 0x00, 0x00]])),
    ...section(3, list([[0]])),
    ...section(7, list([[...text('product'), 0x00, 0]])),
    ...section(10, list([sized(body())])),
  ]);
}

/**
 * Addresses of `a` [rowBlocks, inner, 4], of `b` [panels, inner, 4] and of the result [4·rowBlocks, 4·panels]; then sizes.
 * All numbers of the function are i32 but for the vectors.
 */
const parameters = ['a', 'b', 'out', 'rowBlocks', 'inner', 'panels'] as const;
const counters = ['panel', 'row', 'atA', 'atB', 'end', 'to', 'stride', 'blockBytes'] as const;
type Name = (typeof parameters)[number] | (typeof counters)[number];

/** Sums of a tile, row by row, two vectors a row; then the two vectors of `b`, and one number of `a` twice. */
const sums = 8;
const vectors = sums + 3;
const firstVector = parameters.length + counters.length;

type Code = readonly number[];

function body(): Code {
  const [left, right, factor] = [sums, sums + 1, sums + 2] as const;
  const step: Code[] = [
    setVector(left, load(get('atB'), 0)),
    setVector(right, load(get('atB'), 16)),
    ...[0, 1, 2, 3].flatMap((row) => [
      setVector(factor, loadTwice(get('atA'), 8 * row)),
      ...[left, right].map((vector, half) => {
        const sum = 2 * row + half;
        return setVector(sum, add(vectorOf(sum), multiply(vectorOf(factor), vectorOf(vector))));
      }),
    ]),
    advance('atA', number(32)),
    advance('atB', number(32)),
  ];
  const tile: Code[] = [
    ...Array.from({ length: sums }, (_, sum) => setVector(sum, zeros)),
    set('atB', get('panel')),
    set('end', plus(get('atA'), get('blockBytes'))),
    repeat(step, lessThan(get('atA'), get('end'))),
    ...[0, 1, 2, 3].flatMap((row) => [
      store(get('to'), 0, vectorOf(2 * row)),
      store(get('to'), 16, vectorOf(2 * row + 1)),
      advance('to', get('stride')),
    ]),
    advance('row', number(1)),
  ];
  const panel: Code[] = [
    set('atA', get('a')),
    set('to', get('out')),
    set('row', number(0)),
    repeat(tile, lessThan(get('row'), get('rowBlocks'))),
    advance('panel', get('blockBytes')),
    advance('out', number(32)),
    advance('panels', number(-1)),
  ];
  const code: Code[] = [
    set('blockBytes', times(get('inner'), number(32))),
    set('stride', times(get('panels'), number(32))),
    set('panel', get('b')),
    repeat(panel, get('panels')),
  ];
  const locals = list([
    [...unsigned(counters.length), 0x7f],
    [...unsigned(vectors), 0x7b],
  ]);
  return [...locals, ...code.flat(), 0x0b];
}

const local = (name: Name): number => [...parameters, ...counters].indexOf(name as never);
const get = (name: Name): Code => [0x20, local(name)];
const set = (name: Name, value: Code): Code => [...value, 0x21, local(name)];
const advance = (name: Name, by: Code): Code => set(name, plus(get(name), by));
const vectorOf = (vector: number): Code => [0x20, firstVector + vector];
const setVector = (vector: number, value: Code): Code => [...value, 0x21, firstVector + vector];

const number = (value: number): Code => [0x41, ...signed(value)];
const plus = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
const times = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
const lessThan = (a: Code, b: Code): Code => [...a, ...b, 0x49];
/** Runs at least once, and again while `condition` is not zero. */
const repeat = (code: readonly Code[], condition: Code): Code => [
  0x03,
  0x40,
  ...code.flat(),
  ...condition,
  0x0d,
  0,
  0x0b,
];

/** Exponent of the alignment that loads and stores hint at: eight bytes. */
const alignment = 3;
const load = (at: Code, offset: number): Code => [...at, 0xfd, 0x00, alignment, ...unsigned(offset)];
const loadTwice = (at: Code, offset: number): Code => [...at, 0xfd, 0x0a, alignment, ...unsigned(offset)];
const store = (at: Code, offset: number, value: Code): Code => [
  ...at,
  ...value,
  0xfd,
  0x0b,
  alignment,
  ...unsigned(offset),
];
const zeros: Code = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const add = (a: Code, b: Code): Code => [...a, ...b, 0xfd, ...unsigned(0xf0)];
const multiply = (a: Code, b: Code): Code => [...a, ...b, 0xfd, ...unsigned(0xf2)];

const section = (id: number, content: Code): Code => [id, ...sized(content)];
const sized = (content: Code): Code => [...unsigned(content.length), ...content];
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const text = (value: string): Code => sized([...value].map((char) => char.charCodeAt(0)));

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of a small number of either sign. */
function signed(value: number): Code {
  const last = value >= -0x40 && value < 0x40;
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
