/** States of dynamics, taken apart into those of single structures and put together: a structure goes on in any company. */
import type { DynamicsState } from '../dynamics.js';

/** Arrays that have three numbers for each atom; the others have some for each structure. */
const ofAtoms: ReadonlySet<string> = new Set<keyof DynamicsState>(['positions', 'momenta']);

/** That of one structure. @param offsets - first atom of each structure, and the number of atoms */
export function stateOfOne(state: DynamicsState, offsets: Int32Array, structure: number): DynamicsState {
  const count = offsets.length - 1;
  const part = Object.entries(state).map(([name, value]: [string, unknown]) => {
    if (!(value instanceof Float64Array)) return [name, value] as const;
    const width = value.length / count;
    const [from, to] = ofAtoms.has(name)
      ? [3 * offsets[structure]!, 3 * offsets[structure + 1]!]
      : [width * structure, width * (structure + 1)];
    return [name, value.slice(from, to)] as const;
  });
  return Object.fromEntries(part) as unknown as DynamicsState;
}

/** That of several, which have made the same number of steps. */
export function joinedStates(states: readonly DynamicsState[]): DynamicsState {
  const joined = Object.entries(states[0]!).map(([name, value]: [string, unknown]) => {
    if (!(value instanceof Float64Array)) return [name, value] as const;
    const parts = states.map((state) => [...(state as unknown as Record<string, Float64Array>)[name]!]);
    return [name, Float64Array.from(parts.flat())] as const;
  });
  return Object.fromEntries(joined) as unknown as DynamicsState;
}
