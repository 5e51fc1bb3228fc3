/** Plots of what runs, or ran last: energies and temperature of dynamics, energy and force of a relaxation. */
import { effect } from '@preact/signals';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import { largestOfPath, path, trace } from '../state.js';
import { theme } from '../theme.js';

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

export function Plots() {
  if (trace.value.length < 2 && path.value.length < 2) return null;
  const ofDynamics = trace.value.length >= 2;
  return (
    <section class="plots" aria-label="Plots">
      {ofDynamics ? (
        <>
          <Plot of={temperatures} />
          <Plot of={energies} />
        </>
      ) : (
        <>
          <Plot of={relaxationEnergy} />
          <Plot of={relaxationForce} />
        </>
      )}
    </section>
  );
}

/** What is plotted now. */
export function plotsOfNow(): PlotData[] {
  if (trace.value.length >= 2) return [temperatures(), energies()];
  return path.value.length >= 2 ? [relaxationEnergy(), relaxationForce()] : [];
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

function relaxationEnergy(): PlotData {
  const all = path.value;
  const last = all.at(-1)!.energy;
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

function Plot({ of }: { of: () => PlotData }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let plot: uPlot | null = null;
    const draw = (): void => {
      const { x, lines } = of();
      const data = [x, ...lines.map(({ values }) => values)] as unknown as uPlot.AlignedData;
      if (plot) plot.setData(data);
    };
    const make = (): void => {
      plot?.destroy();
      plot = new uPlot(optionsOf(of(), element.current!), undefined, element.current!);
      draw();
    };
    const stop = [
      effect(() => {
        void theme.value;
        // After the page has taken the theme.
        queueMicrotask(make);
      }),
      effect(() => {
        void [trace.value, path.value];
        if (trace.value.length + path.value.length > 1) draw();
      }),
    ];
    const watch = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry!.contentRect.width);
      if (width > 0) plot?.setSize({ width, height });
    });
    watch.observe(element.current!);
    return () => {
      stop.forEach((end) => end());
      watch.disconnect();
      plot?.destroy();
      plot = null;
    };
  }, [of]);
  const { title, lines } = of();
  return (
    <figure class="plot">
      <figcaption>
        {title}
        {lines.length > 1 &&
          lines.map(({ label, color }) => (
            <span key={label} class={`key ${color.slice(2)}`}>
              {label}
            </span>
          ))}
      </figcaption>
      <div ref={element} />
    </figure>
  );
}

const height = 150;

function optionsOf({ lines, xLabel, isLogarithmic }: PlotData, element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { stroke: color('--line'), width: 1 },
    font: '11px system-ui, sans-serif',
  };
  return {
    width: Math.max(200, element.clientWidth),
    height,
    legend: { show: false },
    cursor: { y: false },
    scales: { x: { time: false }, y: isLogarithmic ? { distr: 3 } : {} },
    axes: [
      { ...axis, label: xLabel, labelSize: 16, labelFont: axis.font, size: 28 },
      { ...axis, size: 56 },
    ],
    series: [
      {},
      ...lines.map((line) => ({ label: line.label, stroke: color(line.color), width: 1.5, points: { show: false } })),
    ],
  };
}
