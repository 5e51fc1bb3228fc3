// What the playground can go back to: the last hundred structures, fewer where they are large.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Structure } from '@mace/core/structure';
import { hasMomenta, withMoveMask } from '@mace/sim';
import { edit, fixAtoms, redo, show, showEndOfRun, showFrame, undo } from '../apps/playground/src/actions/show.js';
import { afterDeletion, deleteAtoms, inCopies } from '../apps/playground/src/files/edit-structure.js';
import {
  controls,
  current,
  fixed,
  frames,
  future,
  inputs,
  live,
  notices,
  past,
  path,
  selected,
  shown,
} from '../apps/playground/src/state.js';

/** Nothing computes them here: no model is open. */
const atomsOf = (count: number): Structure => ({
  numbers: new Int32Array(count).fill(1),
  positions: new Float64Array(3 * count),
  cell: null,
  pbc: [false, false, false],
  info: {},
  arrays: {},
});
const showMany = (times: number, atoms: number): void => {
  for (let i = 0; i < times; i++) show({ name: String(i), structure: atomsOf(atoms) });
};

describe('the history of the playground', () => {
  beforeEach(() => {
    past.value = [];
    future.value = [];
    shown.value = null;
  });

  it.each([
    ['small ones: a hundred', 120, 3, 100],
    ['large ones: a million atoms', 30, 90_000, 11],
    ['one that is larger than that: none', 2, 1_000_001, 0],
  ])('%s', (_, times, atoms, kept) => {
    showMany(times, atoms);
    expect(past.value.length).toBe(kept);
  });

  it('goes back and forth to the same structures', () => {
    showMany(3, 2);
    undo();
    undo();
    expect(shown.value?.name).toBe('0');
    redo();
    expect([shown.value?.name, past.value.length, future.value.length]).toEqual(['1', 1, 1]);
  });

  it('fixed atoms go with their structure: through edits, runs and undo, and to no other', () => {
    show({ name: 'one', structure: atomsOf(4) });
    fixAtoms([3, 1, 3]);
    expect(fixed.value).toEqual([1, 3]);
    showEndOfRun(shown.value!, atomsOf(4));
    expect(fixed.value).toEqual([1, 3]);
    edit(deleteAtoms(shown.value!.structure, [0, 1]), afterDeletion(fixed.value, [0, 1]));
    expect(fixed.value).toEqual([1]);
    undo();
    expect(fixed.value).toEqual([1, 3]);
    show({ name: 'another of the same elements', structure: atomsOf(4) });
    expect(fixed.value).toEqual([]);
    undo();
    expect(fixed.value).toEqual([1, 3]);
    expect(inCopies([1, 3], 4, 3)).toEqual([1, 3, 5, 7, 9, 11]);
  });

  it('fixing atoms is undone, and nothing else with it', () => {
    show({ name: 'one', structure: atomsOf(4) });
    fixAtoms([1]);
    const { structure } = shown.value!;
    path.value = [{ evaluation: 0, energy: 0, largestForce: 0 }];
    undo();
    expect([fixed.value, shown.value!.structure === structure, path.value.length]).toEqual([[], true, 1]);
    redo();
    expect(fixed.value).toEqual([1]);
  });

  it('plots and chosen atoms are of one structure', () => {
    const point = { evaluation: 0, energy: 0, largestForce: 0 };
    show({ name: 'one', structure: atomsOf(4) });
    path.value = [point];
    selected.value = [2];
    showEndOfRun(shown.value!, atomsOf(4));
    expect([path.value, selected.value]).toEqual([[point], [2]]);
    edit(atomsOf(4));
    expect([path.value, selected.value]).toEqual([[], [2]]);
    path.value = [point];
    show({ name: 'another', structure: atomsOf(4) });
    expect([path.value, selected.value]).toEqual([[], []]);
  });

  it('a frame that was changed can be gone back to, one that was looked at is in the file', () => {
    const all = [atomsOf(2), atomsOf(2)];
    show({ name: 'file', structure: all[0]!, frames: all, frame: 0 });
    showFrame(all[1]!);
    expect(past.value.length).toBe(0);
    const changed = atomsOf(2);
    edit(changed);
    showFrame(all[0]!);
    undo();
    expect(shown.value?.structure).toBe(changed);
    show({ name: 'another', structure: atomsOf(2) });
    expect(frames.value).toEqual([]);
  });

  it('a frame holds the atoms that its file says, or those of the frame before', () => {
    const all = [atomsOf(2), withMoveMask(atomsOf(2), [1]), atomsOf(2)];
    show({ name: 'file', structure: all[0]!, frames: all, frame: 0 });
    fixAtoms([0]);
    showFrame(all[2]!);
    expect(fixed.value).toEqual([0]);
    showFrame(all[1]!);
    expect(fixed.value).toEqual([1]);
  });

  it('says that a charge which was set holds for the next structure too', () => {
    inputs.value = { total_charge: 1 };
    show({ name: 'another', structure: atomsOf(2) });
    expect(notices.value.map(({ text }) => text)).toEqual([expect.stringMatching(/^total_charge 1 holds/)]);
    inputs.value = {};
  });

  it('leaves constant pressure where atoms are fixed, and says so', () => {
    const crystal = {
      ...atomsOf(2),
      cell: Float64Array.of(3, 0, 0, 0, 3, 0, 0, 0, 3),
      pbc: [true, true, true] as const,
    };
    show({ name: 'crystal', structure: crystal });
    controls.value = { ...controls.value, ensemble: 'npt' };
    fixAtoms([1]);
    expect(controls.value.ensemble).toBe('nvt');
    expect(notices.value.at(-1)?.text).toMatch(/no fixed atoms: constant temperature is chosen/);
  });

  it('atoms that move leave behind what their file said of other places', () => {
    const velocities = { columns: 3, values: new Float64Array(6).fill(1), kind: 'real' } as const;
    const structure = { ...atomsOf(2), info: { energy: -1 }, arrays: { velocities } };
    show({ name: 'of a file', structure });
    expect(current.value).toBe(structure);
    const positions = new Float64Array(6).fill(2);
    live.value = { positions, cell: null, forces: new Float64Array(6) };
    expect(current.value).toMatchObject({ positions, info: {}, arrays: {} });
    expect(hasMomenta(current.value!)).toBe(false);
    live.value = null;
  });
});
