/** 500 CIF and PDB files of which one statement was changed. */
import { describe, expect, it } from 'vitest';
import { contradict, harmless } from './crystal-contradictions.js';

describe('files that contradict themselves, long', () => {
  it.each([
    ['cif', 400],
    ['pdb', 100],
  ] as const)('%s: %d', (format, count) => {
    const verdicts = contradict(format, count, 20);
    const table = [...verdicts].map(([kind, each]) => {
      const of = (verdict: string): number => each.filter((one) => one === verdict).length;
      return `${kind}: ${each.length} changed, ${of('refused')} refused, ${of('warned')} warned, ${of('same')} the same structure, ${of('silent')} silent${kind in harmless ? ` (${harmless[kind]})` : ''}`;
    });
    console.log(table.join('\n'));
    expect([...verdicts.values()].flat().filter((verdict) => verdict === 'refused').length).toBeGreaterThan(count / 4);
  });
});
