/** Atoms that an option names, by number, in ranges, or by element. */
import { FormatError } from '@mace/core/errors';
import { atomicNumber, chemicalSymbol, type Structure } from '@mace/core/structure';

/** What an option says of atoms, before there is a structure. */
export type AtomChoice = readonly (readonly [from: number, to: number] | { readonly element: number })[];

/** `0,4-7,Pt`: numbers from 0 on, ranges with both ends, elements. The parser of an option. @throws FormatError */
export function atomChoice(option: string): (text: string) => AtomChoice {
  return (text) =>
    text.split(',').map((part) => {
      const word = part.trim();
      const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
      if (from !== undefined && Number(from) <= Number(to ?? from)) return [Number(from), Number(to ?? from)] as const;
      const element = /^[A-Z][a-z]?$/.test(word) ? elementOf(word) : null;
      if (element !== null) return { element };
      throw new FormatError(
        `${option} ${JSON.stringify(text)}: ${JSON.stringify(word)} names no atoms. Expected numbers from 0 on, ranges, or elements, such as 0,4-7,Pt.`,
      );
    });
}

/** As the option has it. */
export function choiceText(choice: AtomChoice): string {
  return choice
    .map((one) => ('element' in one ? chemicalSymbol(one.element) : one[0] === one[1] ? one[0] : one.join('-')))
    .join(',');
}

/** The atoms of a structure, ascending. @throws FormatError for a number that it has no atom for */
export function chosenAtoms(option: string, choice: AtomChoice, { numbers }: Structure): number[] {
  const atoms = new Set<number>();
  for (const one of choice) {
    if ('element' in one) numbers.forEach((z, atom) => z === one.element && atoms.add(atom));
    else {
      if (one[1] >= numbers.length)
        throw new FormatError(`${option}: there is no atom ${one[1]}; the structure has ${numbers.length}, from 0 on.`);
      for (let atom = one[0]; atom <= one[1]; atom++) atoms.add(atom);
    }
  }
  return [...atoms].sort((a, b) => a - b);
}

/** What to say of a structure that has none of an element which `--fixed` names. */
export function noteOnFixed(fixed: AtomChoice | undefined, { numbers }: Structure): string | null {
  const missing = (fixed ?? []).flatMap((one) => ('element' in one && !numbers.includes(one.element) ? [one] : []));
  const names = missing.map(({ element }) => chemicalSymbol(element)).join(', ');
  return missing.length > 0 ? `--fixed names ${names}, of which there is none in it` : null;
}

function elementOf(symbol: string): number | null {
  try {
    return atomicNumber(symbol);
  } catch {
    return null;
  }
}
