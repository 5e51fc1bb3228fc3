/**
 * Alternative locations of PDB and mmCIF: of each residue the one of the highest occupancy, so that every atom stands in one place.
 */
interface Located {
  readonly name: string;
  readonly residue: string;
  /** What all alternatives of one residue share. */
  readonly place: string;
  /** Empty for an atom that has no alternatives. */
  readonly alternative: string;
  readonly occupancy: number | undefined;
  /** Å. */
  readonly position: readonly [x: number, y: number, z: number];
}

export interface Chosen<Atom> {
  readonly kept: readonly Atom[];
  readonly warnings: readonly string[];
  /** True for an atom that was kept for its occupancy. */
  readonly isChosen: (atom: Atom) => boolean;
}

/** Below it an atom is partly occupied; files give two decimals. */
const whole = 0.99;

/** The atoms of one location of each residue, the first of equally occupied ones; and a warning that says which. */
export function withoutAlternatives<Atom extends Located>(atoms: readonly Atom[]): Chosen<Atom> {
  const marked = withMarks(atoms);
  const residues = grouped(
    marked.filter(({ alternative }) => alternative !== ''),
    ({ place }) => place,
  );
  const choices = new Map<string, string>();
  const dropped = new Set<Atom>();
  for (const [place, members] of residues) {
    const locations = grouped(members, ({ alternative }) => alternative);
    if (locations.size < 2) continue;
    // The sort is stable: of equal ones the first stays first.
    const [best] = [...locations].sort(([, a], [, b]) => (Math.abs(mean(b) - mean(a)) > 1e-6 ? mean(b) - mean(a) : 0));
    if (best === undefined) continue;
    const [choice, chosen] = best;
    choices.set(place, choice);
    const names = new Set(chosen.map(({ name }) => name));
    const others = grouped(
      members.filter(({ name }) => !names.has(name)),
      ({ name }) => name,
    );
    const staying = new Set<Atom>(chosen);
    // An atom whose locations make a whole one is part of every conformation, whatever letters its residue has else.
    for (const locationsOfAtom of others.values()) {
      const sum = locationsOfAtom.reduce((total, { occupancy }) => total + (occupancy ?? 1), 0);
      const isEverywhere = sum >= whole && (locationsOfAtom.length > 1 || mean(chosen) < whole);
      const [first] = [...locationsOfAtom].sort((a, b) => (b.occupancy ?? 1) - (a.occupancy ?? 1));
      if (isEverywhere && first !== undefined) staying.add(first);
    }
    for (const atom of members) if (!staying.has(atom)) dropped.add(atom);
  }
  if (choices.size === 0) return { kept: atoms, warnings: [], isChosen: () => false };
  const examples = [...choices].slice(0, 4).map(([place, choice]) => {
    const residue = residues.get(place)?.find(({ alternative }) => alternative === choice)?.residue ?? '';
    return `${choice} of ${residue} ${place.replaceAll('|', ' ').trim()}`;
  });
  const more = choices.size > examples.length ? `, and ${choices.size - examples.length} more` : '';
  const left = dropped.size === 1 ? '1 atom was' : `${dropped.size} atoms were`;
  return {
    kept: marked.filter((atom) => !dropped.has(atom)),
    warnings: [
      `alternative locations: the one of the highest occupancy was kept (${examples.join(', ')}${more}), ${left} left out`,
    ],
    isChosen: ({ place, alternative }) => alternative !== '' && choices.has(place),
  };
}

/** Å: atoms of one name that are farther apart may be of several waters under one number, or under none. */
const farthest = 2;
/** A name that occurs more often under one number is that of many residues. */
const most = 100;

/**
 * A partly occupied atom that is listed again under the same name is an alternative, also where the file does not mark it; so is an
 * unmarked atom beside marked ones of its name, under a letter of its residue that none of them has.
 */
function withMarks<Atom extends Located>(atoms: readonly Atom[]): readonly Atom[] {
  const isOpen = ({ alternative, occupancy }: Atom): boolean =>
    alternative === '' && occupancy !== undefined && occupancy > 0 && occupancy < 0.999;
  const keyOf = ({ place, residue, name }: Atom): string => `${place}|${residue}|${name}`;
  const lettered = atoms.filter(({ alternative }) => alternative !== '');
  const sameName = grouped([...lettered, ...atoms.filter(isOpen)], keyOf);
  const residues = grouped(lettered, ({ place }) => place);
  // With a name that occurs once it is one residue.
  const residueOf = ({ place, residue }: Atom): string => `${place}|${residue}`;
  const isOne = new Set(
    [...grouped(atoms, keyOf).values()].flatMap(([first, other]) => (first && !other ? [residueOf(first)] : [])),
  );
  return atoms.map((atom) => {
    if (atom.alternative !== '') return atom;
    const same = sameName.get(keyOf(atom)) ?? [];
    const near = (same.length > most ? [] : same).filter(
      (other) => isOne.has(residueOf(atom)) || distance(atom, other) < farthest,
    );
    const letters = near.flatMap(({ alternative }) => (alternative === '' ? [] : [alternative]));
    if (letters.length > 0) {
      const free = residues.get(atom.place)?.find(({ alternative }) => !letters.includes(alternative));
      return { ...atom, alternative: free?.alternative ?? '#1' };
    }
    return near.length > 1 && isOpen(atom) ? { ...atom, alternative: `#${near.indexOf(atom) + 1}` } : atom;
  });
}

function distance(first: Located, second: Located): number {
  return Math.hypot(...first.position.map((x, axis) => x - (second.position[axis] ?? 0)));
}

function mean(atoms: readonly Located[]): number {
  return atoms.reduce((sum, { occupancy }) => sum + (occupancy ?? 1), 0) / atoms.length;
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
