/** What a run of one structure comes to, for programs: how it ended, averages of its log, how far the fast calculation was off. */
import { driftOf } from './drift.js';
import type { Distance } from './gate.js';
import { readLog } from './log.js';
import type { Member } from './member.js';
import { removeOldTables } from './old-tables.js';
import type { PreparedRun } from './prepared-run.js';

/** Also writes the tables of observers, which it names, and removes those of observers that the run had before. @param steps - that were made */
export async function writeSummary(
  member: Member,
  steps: number,
  { settings, options, isExact }: PreparedRun,
): Promise<void> {
  // A storage may keep back what was appended until then.
  await member.flush();
  const log = readLog((await member.read('log.csv')) ?? '');
  const atoms = member.start.numbers.length;
  const drift = driftOf(log, atoms);
  const observed = (await member.writeObserved()).map(({ tables, ...result }) => ({
    ...result,
    tables: tables.map(({ name, title }) => ({ file: `${name}.csv`, title })),
  }));
  await removeOldTables(
    member,
    observed.flatMap(({ tables }) => tables.map(({ file }) => file)),
  );
  const summary = {
    structure: member.index,
    outcome: member.failure === null ? 'finished' : 'stopped',
    ...(member.failure !== null && { reason: member.failure }),
    atoms,
    steps,
    units: { energy: 'eV', temperature: 'K', pressure: 'GPa', volume: 'Å³', density: 'g/cm³', drift: 'meV/atom/ns' },
    ...(member.minimized && { minimized: member.minimized }),
    averages: averages(log),
    drift: drift?.value ?? null,
    driftError: drift?.error ?? null,
    observed,
    gate: options.gate ? { ...largest(await member.read('gate.csv')), wentOnExactly: isExact } : null,
    madeWith: options.madeWith ?? {},
    settings,
  };
  await member.replace('summary.json', `${JSON.stringify(summary, null, 2)}\n`);
}

/** Mean and standard deviation of the columns, of the second half of the run: in the first it may not have settled. */
function averages(log: ReturnType<typeof readLog>): Record<string, { mean: number; deviation: number }> {
  const found: Record<string, { mean: number; deviation: number }> = {};
  for (const [name, values] of Object.entries(log)) {
    if (name === 'step' || name === 'time' || name === 'conserved') continue;
    const late = values.subarray(Math.floor(values.length / 2));
    const mean = late.reduce((sum, value) => sum + value, 0) / late.length;
    if (!Number.isFinite(mean)) continue;
    const square = late.reduce((sum, value) => sum + (value - mean) ** 2, 0) / late.length;
    found[name] = { mean, deviation: Math.sqrt(square) };
  }
  return found;
}

function largest(csv: string | null): Distance & { frames: number } {
  const { step = new Float64Array(), energy, forces, stress } = readLog(csv ?? '');
  const most = (values: Float64Array | undefined): number => Math.max(0, ...(values ?? []));
  return {
    frames: step.length,
    energy: most(energy),
    forces: most(forces),
    stress: stress && !Number.isNaN(stress[0]) ? most(stress) : null,
  };
}
