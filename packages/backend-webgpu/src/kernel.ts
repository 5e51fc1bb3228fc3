/**
 * Kernels as records: a name, what is read, which sizes are asked for, and the text, which is made only when a device has not
 * met the kernel yet. Sizes are uniforms and never part of the text, so one kernel serves every size.
 */

/** What an array holds. Tables of monomials, index maps and coordinates are whole numbers. */
export type ElementType = 'f32' | 'u32' | 'i32';

export interface Kernel {
  /** For people: `matmul`, `gather`. */
  readonly name: string;
  /** Two kernels with the same key have the same text. */
  readonly key: string;
  /** Types of the arrays that it reads, which the text calls x0, x1, … */
  readonly arrays: readonly ElementType[];
  /** Names of the sizes, in the order in which a dispatch gives them; the text calls them sizes.NAME. */
  readonly sizes: readonly string[];
  /** Statements for thread number `index`, which write to `out`. */
  body(): string;
  /** Functions that the statements call. */
  readonly functions?: string;
}

/** Threads of a workgroup. */
export const workgroupSize = 64;

/** The whole text of a kernel. @param comment - what it is for: op and scope */
export function wgslOf(kernel: Kernel, comment: string): string {
  const count = kernel.arrays.length;
  const lines = [
    `// ${comment}`,
    'struct Sizes {',
    '  // Threads of this dispatch that count, and the number of the first one.',
    '  threads: u32,',
    '  first: u32,',
    ...kernel.sizes.map((name) => `  ${name}: u32,`),
    '}',
    ...kernel.arrays.map((type, i) => `@group(0) @binding(${i}) var<storage, read> x${i}: array<${type}>;`),
    `@group(0) @binding(${count}) var<storage, read_write> out: array<f32>;`,
    `@group(0) @binding(${count + 1}) var<uniform> sizes: Sizes;`,
    ...(kernel.functions ? [kernel.functions.trim()] : []),
    '',
    `@compute @workgroup_size(${workgroupSize})`,
    'fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {',
    `  let thread = id.x + id.y * groups.x * ${workgroupSize}u;`,
    '  if (thread >= sizes.threads) { return; }',
    '  let index = sizes.first + thread;',
    indented(kernel.body()),
    '}',
    '',
  ];
  return lines.join('\n');
}

function indented(text: string): string {
  const lines = text.trim().split('\n');
  let depth = 1;
  return lines
    .map((line) => {
      const own = line.trim();
      if (own.startsWith('}')) depth--;
      const out = `${'  '.repeat(depth)}${own}`;
      if (own.endsWith('{')) depth++;
      return out;
    })
    .join('\n');
}
