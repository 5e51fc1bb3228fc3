/** Plots of what runs, or ran last. */
import { effect } from '@preact/signals';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import { path, trace } from '../state.js';
import { theme } from '../theme.js';
import { plotsOfNow, type PlotData } from './plot-data.js';

export function Plots() {
  const now = plotsOfNow();
  if (now.length === 0) return null;
  return (
    <section class="plots" aria-label="Plots">
      {now.map((of, i) => (
        <Plot key={i} of={of} />
      ))}
    </section>
  );
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
      { ...axis, size: 56, ...(isLogarithmic && { grid: { ...axis.grid, filter: powersOfTen } }) },
    ],
    series: [
      {},
      ...lines.map((line) => ({ label: line.label, stroke: color(line.color), width: 1.5, points: { show: false } })),
    ],
  };
}

/** Of the values where a logarithmic axis may be marked, 1 to 9 of every power of ten, those where a line is drawn. */
function powersOfTen(_plot: uPlot, values: readonly number[]): (number | null)[] {
  return values.map((value) => (Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9 ? value : null));
}
