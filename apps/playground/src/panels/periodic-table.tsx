/** The periodic table, with the elements that a model knows and those that the structure has. */
import { chemicalSymbol } from '@mace/core/structure';

/** @param known - atomic numbers @param asked - atomic numbers of the structure */
export function PeriodicTable({ known, asked }: { known: readonly number[]; asked: readonly number[] }) {
  const names = known.map(chemicalSymbol).join(', ');
  return (
    <div class="periodic" role="img" aria-label={`Knows ${known.length} elements: ${names}`}>
      {rows.flat().map((z, place) => (
        <span key={place} class={classOf(z, known, asked)} title={z ? chemicalSymbol(z) : undefined}>
          {z ? chemicalSymbol(z) : ''}
        </span>
      ))}
    </div>
  );
}

function classOf(z: number, known: readonly number[], asked: readonly number[]): string | undefined {
  if (z === 0) return undefined;
  const isKnown = known.includes(z) ? 'known' : 'unknown';
  return asked.includes(z) ? `${isKnown} asked` : isKnown;
}

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const gap = (places: number): number[] => Array.from({ length: places }, () => 0);

/** Eighteen places a row, 0 where there is nothing; lanthanoids and actinoids below. */
const rows: readonly (readonly number[])[] = [
  [1, ...gap(16), 2],
  [3, 4, ...gap(10), ...range(5, 10)],
  [11, 12, ...gap(10), ...range(13, 18)],
  range(19, 36),
  range(37, 54),
  [55, 56, 0, ...range(72, 86)],
  [87, 88, 0, ...range(104, 118)],
  [...gap(2), ...range(57, 71), 0],
  [...gap(2), ...range(89, 103), 0],
];
