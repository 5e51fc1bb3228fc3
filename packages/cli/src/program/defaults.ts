/**
 * In which precision each command computes, and how functions of distance. What is compared with other programs or differentiated
 * again is exact and in float64; what is about time is as dynamics computes it.
 */
export const defaults = {
  eval: { precision: 'f64', tables: false },
  relax: { precision: 'f64', tables: false },
  eos: { precision: 'f64', tables: false },
  md: { precision: 'f32', tables: true },
  bench: { precision: 'f32', tables: true },
  estimate: { precision: 'f32', tables: true },
  ipi: { precision: 'f64', tables: false },
  export: { precision: 'f32', tables: false },
} as const;

/** How the keys of an output file begin. */
export const usualPrefix = 'MACE_';

/** As `--mask` names strains, in its order. */
export const strainNames = ['xx', 'yy', 'zz', 'yz', 'xz', 'xy'];

/** Whether functions of distance come from tables, by the options of a command or its default. */
export function withTables(
  kind: keyof typeof defaults,
  { tables, exact }: { readonly tables?: boolean; readonly exact?: boolean },
): boolean {
  return exact === true ? false : (tables ?? defaults[kind].tables);
}
