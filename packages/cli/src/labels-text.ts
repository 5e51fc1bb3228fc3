/** Errors against labels as a table for people, in meV, and as JSON. */
import type { Evaluated } from './evaluated.js';
import type { Place } from './structure-stream.js';
import { dim, yellow } from './console.js';
import { labelNames, type Comparison, type LabelName } from './labels.js';

const units: Readonly<Record<LabelName, string>> = { energy: 'eV/atom', forces: 'eV/Å', stress: 'eV/Å³' };

/** Lines with their ends; those of labels that no structure has only if they were asked for. */
export function labelsText(
  { errors, withoutLabels, unfit, firstUnfit }: Comparison,
  structures: number,
  place: (of: Place) => string,
  isAsked: boolean,
): string {
  const rows = labelNames.flatMap((name) => {
    const row = errors[name];
    if (!row || (row.structures === 0 && !isAsked)) return [];
    if (row.worst === null) return [yellow(`${name}: no structure has ${row.key}`)];
    const numbers = [milli(row.rmse!), milli(row.mae!), String(row.structures)].map((text) => text.padStart(12));
    return [
      `${`${name} (m${units[name]})`.padEnd(18)}${numbers.join('')}  ${milli(row.worst.rmse)} in ${place(row.worst)}; ${row.key}`,
    ];
  });
  if (rows.length === 0 && unfit === 0) return '';
  return [
    dim(
      `errors of labels  ${['RMSE', 'MAE', 'structures'].map((text) => text.padStart(12)).join('')}  largest of a structure`,
    ),
    ...rows,
    ...(withoutLabels > 0 ? [yellow(`${withoutLabels} of ${structures} structures have no labels`)] : []),
    ...(firstUnfit
      ? [
          yellow(
            `${unfit} label${unfit === 1 ? ' is' : 's are'} left out; the first: ${place(firstUnfit)}: ${firstUnfit.reason}`,
          ),
        ]
      : []),
    '',
  ].join('\n');
}

/** The last object of `--json`, with units beside the numbers. */
export function labelsJson(comparison: Comparison): Record<string, unknown> {
  const errors = Object.entries(comparison.errors).map(([name, row]) => [
    name,
    { unit: units[name as LabelName], ...row },
  ]);
  return { labels: { ...comparison, errors: Object.fromEntries(errors) } };
}

/** What a person might have meant with a key: those of a structure. */
export function keysText({ structure }: Pick<Evaluated, 'structure'>): string {
  const keys = [...Object.keys(structure.info), ...Object.keys(structure.arrays)];
  return keys.length === 0 ? 'none' : `${keys.slice(0, 12).join(', ')}${keys.length > 12 ? ', …' : ''}`;
}

function milli(value: number): string {
  const thousandfold = 1000 * value;
  return thousandfold > 0 && thousandfold < 0.01 ? thousandfold.toExponential(2) : thousandfold.toFixed(3);
}
