/** What a viewer is given: atoms, how they are drawn, in which colours, and what it tells. */
import { StructureError } from '@mace/core/errors';

/** Atoms and what is known of them. Arrays are read when they are given, and not kept. */
export interface Shown {
  /** Atomic numbers [atoms]. */
  readonly numbers: ArrayLike<number>;
  /** Å [atoms 3]. */
  readonly positions: ArrayLike<number>;
  /** Å, vectors as rows [3 3]. */
  readonly cell?: ArrayLike<number> | null;
  /** Directions along which bonds go through the walls of the cell, and atoms are wrapped. */
  readonly pbc?: readonly boolean[];
  /** eV/Å [atoms 3], drawn as arrows. */
  readonly forces?: ArrayLike<number> | null;
  /** A value for each atom [atoms], drawn as its colour in place of that of its element; one that is not finite keeps the element's. */
  readonly colors?: ArrayLike<number> | null;
  /** Values of the ends of the colour map; default the least and the greatest of `colors`. */
  readonly colorRange?: readonly [number, number];
  /** Atoms with a halo, and with a label. */
  readonly selected?: readonly number[];
  /** Atoms with a cross: they are held. */
  readonly fixed?: readonly number[];
}

/** How atoms are drawn, and what else is. */
export interface Look {
  readonly style: 'balls' | 'spheres' | 'sticks';
  readonly bonds: boolean;
  readonly cell: boolean;
  readonly forces: boolean;
  readonly labels: boolean;
  /** Atoms are drawn inside the cell, along periodic directions. */
  readonly wrap: boolean;
}

/** CSS colours of everything that is not an atom. */
export interface ViewerColors {
  readonly stage: string;
  readonly text: string;
  readonly cell: string;
  readonly force: string;
  readonly outline: string;
  /** Halos of selected atoms. */
  readonly accent: string;
}

export const lightColors: ViewerColors = {
  stage: '#fbfbfc',
  text: '#1d2129',
  cell: '#8792a5',
  force: '#e0630d',
  outline: '#3a4252',
  accent: '#2563eb',
};

export const darkColors: ViewerColors = {
  stage: '#14181d',
  text: '#e7eaf0',
  cell: '#8b97aa',
  force: '#ffb454',
  outline: '#05070a',
  accent: '#7aa7ff',
};

export interface ViewerEvents {
  /** A picture was drawn. */
  drawn?(): void;
  /** An atom was clicked, tapped, or chosen by Page Up and Page Down; null is the background. */
  picked?(atom: number | null, event: { readonly shift: boolean }): void;
  /** An atom is drawn to a place, Å [3]; it is up to the program to move it. */
  dragged?(atom: number, position: readonly [number, number, number], phase: 'start' | 'move' | 'end'): void;
}

/** @throws StructureError where numbers of values do not agree, an atom is not of the periodic table, or a place is not finite */
export function checkShown(shown: Shown): void {
  const atoms = shown.numbers.length;
  for (let i = 0; i < atoms; i++) {
    const number = shown.numbers[i]!;
    if (!(Number.isInteger(number) && number >= 0 && number <= 118))
      throw new StructureError(`Atom ${i} cannot be shown. Expected an atomic number from 0 to 118, found ${number}.`);
  }
  checkValues('positions', shown.positions, 3 * atoms, true);
  if (shown.forces) checkValues('forces', shown.forces, 3 * atoms, false);
  if (shown.colors) checkValues('colors', shown.colors, atoms, false);
  if (shown.cell) checkValues('cell', shown.cell, 9, true);
  for (const [name, list] of Object.entries({ selected: shown.selected, fixed: shown.fixed }))
    for (const atom of list ?? [])
      if (!(Number.isInteger(atom) && atom >= 0 && atom < atoms))
        throw new StructureError(`${name} names atom ${atom}. Expected a whole number from 0 to ${atoms - 1}.`);
}

/** @throws StructureError for another number of values, and for one that is not finite where all have to be */
export function checkValues(name: string, values: ArrayLike<number>, length: number, finite: boolean): void {
  if (values.length !== length)
    throw new StructureError(`${name} cannot be shown. Expected ${length} values, found ${values.length}.`);
  if (!finite) return;
  for (let i = 0; i < length; i++)
    if (!Number.isFinite(values[i]))
      throw new StructureError(
        `${name} cannot be shown. Expected finite numbers, found ${values[i]} as value ${i}${name === 'cell' ? '' : ` (atom ${Math.floor(i / 3)})`}. The calculation that gave them went wrong.`,
      );
}
