// Edits of the playground: what a file says of its atoms goes with them, and what new atoms have no value of is named.
import { describe, expect, it } from 'vitest';
import { readExtxyz } from '@mace/io';
import {
  addAtom,
  changeElement,
  columnsLost,
  deleteAtoms,
  repeat,
} from '../apps/playground/src/files/edit-structure.js';

const [cell] = readExtxyz(`3
Lattice="4 0 0 0 4 0 0 0 4" energy=-3 Properties=species:S:1:pos:R:3:site:I:1:spin:R:2:tag:S:1:masses:R:1:forces:R:3
C 0 0 0 1 0.5 1 a 13.0 0 0 1
O 1.1 0 0 2 -0.5 2 b 16.0 0 0 2
H 0 1 0 3 1.5 3 c 2.0 0 0 3
`) as [ReturnType<typeof readExtxyz>[number]];
const columns = (structure: typeof cell): object =>
  Object.fromEntries(Object.entries(structure.arrays).map(([name, { values }]) => [name, [...values]]));

describe('columns of a file', () => {
  it('go with atoms that are deleted and repeated, without results', () => {
    expect(columns(deleteAtoms(cell, [1]))).toEqual({
      site: [1, 3],
      spin: [0.5, 1, 1.5, 3],
      tag: ['a', 'c'],
      masses: [13, 2],
    });
    const twice = repeat(cell, [1, 2, 1]);
    expect(columns(twice)).toEqual({
      site: [1, 2, 3, 1, 2, 3],
      spin: [0.5, 1, -0.5, 2, 1.5, 3, 0.5, 1, -0.5, 2, 1.5, 3],
      tag: ['a', 'b', 'c', 'a', 'b', 'c'],
      masses: [13, 16, 2, 13, 16, 2],
    });
    expect([columnsLost(cell, twice), columnsLost(cell, deleteAtoms(cell, [0]))]).toEqual([[], []]);
  });

  it('but masses are lost where an atom is new or another', () => {
    for (const edited of [addAtom(cell, 'H', [0]), changeElement(cell, [2], 'N')]) {
      expect(Object.keys(edited.arrays)).toEqual(['masses']);
      expect([...edited.arrays['masses']!.values].slice(0, 2)).toEqual([13, 16]);
      expect(columnsLost(cell, edited)).toEqual(['site', 'spin', 'tag']);
    }
  });
});
