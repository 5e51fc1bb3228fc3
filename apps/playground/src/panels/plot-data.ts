/** What is plotted of a run: energies, temperature and pressure of dynamics; energy and force of a relaxation. */
import { largestOfPath, path, trace } from '../state.js';

interface Line {
  readonly label: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
}
export interface PlotData {
  readonly title: string;
  readonly x: readonly number[];
  readonly xLabel: string;
  readonly isLogarithmic?: boolean;
  readonly lines: readonly Line[];
}

/** What is plotted now: functions, as what they give grows while a run goes on. */
export function plotsOfNow(): (() => PlotData)[] {
  if (trace.value.length >= 2) return [temperatures, energies, ...(hasPressure() ? [pressures] : [])];
  return path.value.length >= 2 ? [relaxationEnergy, relaxationForce] : [];
}

function temperatures(): PlotData {
  const all = trace.value;
  return {
    title: 'temperature (K)',
    xLabel: 'time (ps)',
    x: all.map(({ time }) => time / 1000),
    lines: [{ label: 'temperature', color: '--plot-1', values: all.map(({ temperature }) => temperature) }],
  };
}

function energies(): PlotData {
  const all = trace.value;
  const first = all[0]!;
  return {
    title: 'energy since the start (eV)',
    xLabel: 'time (ps)',
    x: all.map(({ time }) => time / 1000),
    lines: [
      { label: 'potential', color: '--plot-2', values: all.map(({ energy }) => energy - first.energy) },
      {
        label: 'total',
        color: '--plot-3',
        values: all.map(({ energy, kinetic }) => energy + kinetic - first.energy - first.kinetic),
      },
    ],
  };
}

/** Structures without a volume have none. */
function hasPressure(): boolean {
  return trace.value.some(({ pressure }) => pressure !== null);
}

function pressures(): PlotData {
  const all = trace.value;
  return {
    title: 'pressure, with kinetic part (GPa)',
    xLabel: 'time (ps)',
    x: all.map(({ time }) => time / 1000),
    lines: [{ label: 'pressure', color: '--plot-1', values: all.map(({ pressure }) => pressure) }],
  };
}

function relaxationEnergy(): PlotData {
  const all = path.value;
  const last = all.at(-1)?.energy ?? 0;
  return {
    title: 'energy above the end (eV)',
    xLabel: 'evaluation',
    x: all.map(({ evaluation }) => evaluation),
    lines: [{ label: 'energy', color: '--plot-2', values: all.map(({ energy }) => energy - last) }],
  };
}

function relaxationForce(): PlotData {
  const all = path.value;
  return {
    title: `${largestOfPath.value} (eV/Å)`,
    xLabel: 'evaluation',
    isLogarithmic: true,
    x: all.map(({ evaluation }) => evaluation),
    lines: [{ label: 'largest force', color: '--plot-1', values: all.map(({ largestForce }) => largestForce) }],
  };
}
