/**
 * Products of matrices as the reference computes them, to the bit, but several times faster: for what the planner computes of
 * parameters when a model is loaded. Where WebAssembly or its vectors are missing or forbidden, the reference's own.
 */
import { makeKernels, type Kernels, type Value } from '../../reference/index.js';
import { productModule } from './module.js';

type Product = (a: number, b: number, out: number, rowBlocks: number, inner: number, panels: number) => void;

/** What is used of the global `WebAssembly`, which not every environment has. */
interface Engine {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (sizes: { initial: number }) => Memory;
  readonly Instance: new (
    module: object,
    imports: { host: { memory: Memory } },
  ) => { readonly exports: { readonly product: Product } };
}
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Multiplications below which packing takes longer than it saves. */
const leastWork = 2 ** 14;
/** Bytes of a page of memory. */
const pageBytes = 2 ** 16;
/** Rows of the result at once: as many as stay in a cache. */
const rowsAtOnce = 128;

const { matmul } = makeKernels('f64');
let compiled: object | null | undefined;

/**
 * A `matmul` for one interpreter in float64, with memory of its own that goes with it. Matrices that it was given once are taken to
 * keep their values.
 */
export function quickMatmul(): Kernels['matmul'] {
  const engine = (globalThis as { readonly WebAssembly?: unknown }).WebAssembly as Engine | undefined;
  if (!engine || !(compiled = compiled === undefined ? moduleOf(engine) : compiled)) return matmul;
  const memory = new engine.Memory({ initial: 1 });
  const { product } = new engine.Instance(compiled, { host: { memory } }).exports;
  const packed = new WeakMap<Value['data'], Map<string, Float64Array>>();
  return (x, y, form, group, shape) => {
    const inner = x.shape.at(-1)!;
    const columns = shape.at(-1)!;
    const rows = x.data.length / inner;
    const plain = group !== undefined || form === 'tn' || x.uniform || y.uniform;
    if (plain || rows * inner * columns < leastWork) return matmul(x, y, form, group, shape);
    let known = packed.get(y.data);
    if (!known) packed.set(y.data, (known = new Map()));
    // One array may be several matrices: itself and its transpose, or of another shape.
    const key = `${form} ${inner} ${columns}`;
    let panels = known.get(key);
    if (!panels) known.set(key, (panels = panelsOf(y.data, inner, columns, form === 'nt')));
    const data = new Float64Array(rows * columns);
    multiply(memory, product, x.data, panels, { rows, inner, columns }, data);
    return { shape, data, uniform: false };
  };
}

function moduleOf(engine: Engine): object | null {
  try {
    return new engine.Module(productModule());
  } catch {
    // No vectors, or a page that forbids code made at run time.
    return null;
  }
}

interface Sizes {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** In memory lie, one after the other: some rows of `a`, the panels of the matrix, those rows of the result. */
function multiply(
  memory: Memory,
  product: Product,
  a: Value['data'],
  panels: Float64Array,
  { rows, inner, columns }: Sizes,
  out: Float64Array,
): void {
  const blocks = Math.ceil(Math.min(rows, rowsAtOnce) / 4);
  const stride = panels.length / inner;
  const atPanels = 4 * blocks * inner;
  const atOut = atPanels + panels.length;
  const missing = Math.ceil((8 * (atOut + 4 * blocks * stride) - memory.buffer.byteLength) / pageBytes);
  if (missing > 0) memory.grow(missing);
  const numbers = new Float64Array(memory.buffer);
  numbers.set(panels, atPanels);
  for (let first = 0; first < rows; first += 4 * blocks) {
    const count = Math.min(4 * blocks, rows - first);
    packRows(a, first, count, inner, numbers);
    product(0, 8 * atPanels, 8 * atOut, Math.ceil(count / 4), inner, stride / 4);
    // Rows without zeros at their ends lie as they are wanted.
    const atOnce = columns === stride ? count : 1;
    for (let row = 0; row < count; row += atOnce) {
      const from = atOut + row * stride;
      out.set(numbers.subarray(from, from + atOnce * columns), (first + row) * columns);
    }
  }
}

/** Rows from `first` on as [blocks, inner, 4]. Rows that fill the last block keep what was there: nobody reads theirs. */
function packRows(a: Value['data'], first: number, count: number, inner: number, to: Float64Array): void {
  for (let row = 0; row < count; row++) {
    const from = (first + row) * inner;
    const at = (row - (row % 4)) * inner + (row % 4);
    for (let k = 0; k < inner; k++) to[at + 4 * k] = a[from + k]!;
  }
}

/** A matrix [inner, columns], or [columns, inner] where `transposed`, as panels [columns / 4, inner, 4], zeros at the end. */
function panelsOf(b: Value['data'], inner: number, columns: number, transposed: boolean): Float64Array {
  const [rowStep, columnStep] = transposed ? [1, inner] : [columns, 1];
  const panels = new Float64Array(4 * Math.ceil(columns / 4) * inner);
  for (let column = 0; column < columns; column++) {
    const at = (column - (column % 4)) * inner + (column % 4);
    for (let k = 0; k < inner; k++) panels[at + 4 * k] = b[k * rowStep + column * columnStep]!;
  }
  return panels;
}
