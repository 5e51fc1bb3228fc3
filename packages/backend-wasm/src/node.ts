/** Modules of Node, where it is Node; found at run time, so that bundlers for pages see no import. */

interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: string): unknown;
}

/** The module of that name; nothing elsewhere. */
export function nodeModule<Module>(name: string): Module | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.versions?.node ? (process.getBuiltinModule?.(name) as Module | undefined) : undefined;
}
