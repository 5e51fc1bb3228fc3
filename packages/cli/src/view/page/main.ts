/** The page of `mace view`: asks its server what there is, and shows it. */
import { chemicalSymbol } from '@mace/core/structure';
import { darkColors, lightColors, Viewer, type Look } from '@mace/viewer';
import type { ViewFrame } from '../record.js';
import { addControls, fillShortcuts, toggles, type Control } from './controls.js';
import { Frames } from './frames.js';
import { measureText, mostChosen } from './measure.js';
import { Player, speeds } from './player.js';
import { nearest, Plots, type Curve } from './plots.js';

interface About {
  readonly title: string;
  readonly count: number;
  readonly isWhole: boolean;
  readonly failure: string | null;
  readonly hasLog: boolean;
}

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const [slider, frameInput, speedSelect] = [
  byId<HTMLInputElement>('slider'),
  byId<HTMLInputElement>('frame'),
  byId<HTMLSelectElement>('speed'),
];

const frames = new Frames();
let look: Look = { style: 'balls', bonds: true, cell: true, forces: false, labels: false, wrap: false };
let chosen: number[] = [];
const series: Record<string, (number | null)[]> = {};
let log: Record<string, (number | null)[]> = {};
/** Column of the log that its plots are over, and the one that frames have too, by which their place in it is known. */
let logAxis: string | undefined;
let shared: { readonly inLog: string; readonly inFrames: string } | undefined;

const viewer = makeViewer(byId('scene'));
setTheme(matchMedia('(prefers-color-scheme: dark)').matches);
const plots = new Plots(byId('choices'), byId('plots'), (over, x) => void goTo(over, x));
const player = new Player(show, showTransport);
const refresh = addControls(allControls());
fillShortcuts(byId('shortcuts').querySelector('tbody')!, allControls());
wire();
await begin();

async function begin(): Promise<void> {
  const about = await ask<About>('about');
  document.title = `${about.title} – mace view`;
  byId('title').textContent = about.title;
  if (about.hasLog) log = await ask('log');
  logAxis =
    Object.keys(log).find((name) => /^time/i.test(name)) ?? Object.keys(log).find((name) => /^step/i.test(name));
  await follow(about);
  await player.go(0);
  document.body.dataset['ready'] = 'true';
  for (let now = about; !now.isWhole; ) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    now = await ask<About>('about');
    await follow(now);
  }
}

/** What has come since: frames, and their numbers. */
async function follow({ count, isWhole, failure }: About): Promise<void> {
  const known = Math.max(0, ...Object.values(series).map(({ length }) => length));
  const more = await ask<{ from: number; series: typeof series }>(`series?from=${known}`);
  for (const [name, values] of Object.entries(more.series))
    (series[name] ??= new Array<null>(more.from).fill(null)).push(...values);
  for (const inLog of Object.keys(log))
    for (const inFrames of Object.keys(series))
      if (['step', 'time'].includes(plain(inLog)) && plain(inLog) === plain(inFrames)) shared ??= { inLog, inFrames };
  player.count = count;
  slider.max = String(count - 1);
  frameInput.max = String(count - 1);
  byId('count').textContent = `of ${count - 1}${isWhole ? '' : ' …'}`;
  byId('transport').hidden = count === 1 && isWhole;
  if (failure !== null) notice(`The file is broken behind these frames: ${failure}`);
  plots.set(curves());
}

function curves(): Curve[] {
  const of = (columns: typeof series, over: string, x: number[]): Curve[] =>
    Object.entries(columns)
      .filter(([name]) => name !== over && plain(name) !== 'step')
      .map(([name, y]) => ({ name, over, x, y }));
  const known = Math.max(0, ...Object.values(series).map(({ length }) => length));
  const ofFrames = of(
    series,
    'frame',
    Array.from({ length: known }, (_, i) => i),
  );
  if (logAxis === undefined) return ofFrames;
  const { [logAxis]: x = [], ...others } = log;
  return [...of(others, logAxis, x as number[]), ...ofFrames.filter(({ name }) => !Object.hasOwn(others, name))];
}

/** Where a frame is on the axis of the log, if it says so. */
function onLogAxis(index: number): number | undefined {
  if (logAxis === undefined || !shared) return undefined;
  const value = series[shared.inFrames]?.[index];
  if (value === null || value === undefined) return undefined;
  return log[logAxis]![nearest(log[shared.inLog] as number[], value)] ?? undefined;
}

async function goTo(over: string, x: number): Promise<void> {
  player.pause();
  if (over === 'frame') return player.go(x);
  if (!shared) return notice('The frames do not say which rows of the log they belong to.');
  const value = log[shared.inLog]![nearest(log[over] as number[], x)] ?? 0;
  return player.go(nearest(series[shared.inFrames] as number[], value));
}

/** A name without its unit: `time (fs)` and `time_fs` are time. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_([].*$/, '');
}

async function show(index: number): Promise<void> {
  try {
    if (!frames.get(index, player.count)) await frames.fetch(index);
  } catch {
    player.pause();
    return notice('The program behind this page has ended. Start mace view again.');
  }
  const frame = frames.get(index, player.count)!;
  chosen = chosen.filter((atom) => atom < frame.numbers.length);
  draw(frame);
  byId('formula').replaceChildren(...formulaNodes(frame.numbers));
  byId('keys')
    .querySelector('tbody')!
    .replaceChildren(
      ...Object.entries(frame.keys).map(([key, value]) => {
        const row = document.createElement('tr');
        for (const text of [key, value]) row.append(Object.assign(document.createElement('td'), { textContent: text }));
        return row;
      }),
    );
  byId('keys').hidden = Object.keys(frame.keys).length === 0;
  if (frame.keys['note'] !== undefined) notice(frame.keys['note']);
  showNow(index, frame.cell, frame.numbers.length);
  showMeasure();
  slider.value = String(index);
  if (document.activeElement !== frameInput) frameInput.value = String(index);
  const at = onLogAxis(index);
  plots.mark(
    new Map([['frame', index], ...(logAxis !== undefined && at !== undefined ? [[logAxis, at] as const] : [])]),
  );
  document.body.dataset['frame'] = String(index);
}

/** The numbers of the frame that people look at first. */
function showNow(index: number, cell: Float64Array | null, atoms: number): void {
  const find = (pattern: RegExp): [string, number] | undefined => {
    for (const [name, values] of Object.entries(series)) {
      const value = values[index];
      if (pattern.test(name) && value !== null && value !== undefined) return [name, value];
    }
    return undefined;
  };
  const cards: [name: string, value: string, unit: string][] = [['atoms', String(atoms), '']];
  const add = (found: [string, number] | undefined, digits: number, unit: string): void => {
    if (found) cards.push([found[0].replace(/ \(.*\)$/, ''), found[1].toFixed(digits), unit]);
  };
  add(find(/energy/i), 4, 'eV');
  add(find(/largest force/), 4, 'eV/Å');
  add(find(/^temp/i), 1, 'K');
  if (cell) cards.push(['volume', Math.abs(determinant(cell)).toFixed(2), 'Å³']);
  byId('now').replaceChildren(
    ...cards.map(([name, value, unit]) => {
      const card = document.createElement('div');
      const [term, said, small] = [
        document.createElement('dt'),
        document.createElement('dd'),
        document.createElement('small'),
      ];
      term.textContent = name;
      small.textContent = unit === '' ? '' : ` ${unit}`;
      said.append(value, small);
      card.append(term, said);
      return card;
    }),
  );
}

/** Undefined, with a notice, where the browser cannot draw; numbers and plots are there all the same. */
function makeViewer(element: HTMLElement): Viewer | undefined {
  try {
    const made = new Viewer(element, look, { picked: (atom) => atom !== null && choose(atom) });
    // Keys turn the structure where the keyboard has gone to it; after a click they are still those of the page.
    element.addEventListener('mousedown', (event) => {
      event.preventDefault();
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    });
    return made;
  } catch (error) {
    notice((error as Error).message);
    return undefined;
  }
}

function draw(frame: ViewFrame): void {
  try {
    viewer?.show({ ...frame, selected: chosen });
  } catch (error) {
    notice((error as Error).message);
  }
}

/** Clicked again it is no longer chosen; a fifth one begins anew. */
function choose(atom: number): void {
  if (chosen.includes(atom)) chosen = chosen.filter((one) => one !== atom);
  else chosen = chosen.length === mostChosen ? [atom] : [...chosen, atom];
  const frame = frames.get(player.index, player.count);
  if (frame) draw(frame);
  showMeasure();
}

function showMeasure(): void {
  const frame = frames.get(player.index, player.count);
  const place = byId('measure');
  place.hidden = !frame || chosen.length === 0;
  if (frame && chosen.length > 0) place.textContent = measureText(frame, viewer?.positions ?? frame.positions, chosen);
}

function showTransport(): void {
  const play = byId('play');
  play.dataset['playing'] = String(player.isPlaying);
  play.setAttribute('aria-label', player.isPlaying ? 'Pause' : 'Play');
  speedSelect.value = String(player.speed);
}

function notice(text: string): void {
  byId('notice').textContent = text;
  byId('notice').hidden = false;
}

function setTheme(isDark: boolean): void {
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  viewer?.theme(isDark ? darkColors : lightColors);
}

function switchTheme(): void {
  setTheme(document.documentElement.dataset['theme'] !== 'dark');
  plots.draw();
}

function allControls(): Control[] {
  const change = (part: Partial<Look>): void => {
    look = { ...look, ...part };
    if (viewer) viewer.look = look;
    showMeasure();
  };
  const step = (by: number) => (): void => {
    player.pause();
    void player.go(player.index + by);
  };
  const kinds: readonly Look['style'][] = ['balls', 'spheres', 'sticks'];
  return [
    { key: 'space', name: 'play or pause', act: () => player.toggle() },
    { key: 'ArrowLeft', name: 'one frame back', act: step(-1) },
    { key: 'ArrowRight', name: 'one frame on', act: step(1) },
    { key: 'shift ArrowLeft', name: 'ten frames back', act: step(-10) },
    { key: 'shift ArrowRight', name: 'ten frames on', act: step(10) },
    { key: 'Home', name: 'first frame', act: step(-Infinity) },
    { key: 'End', name: 'last frame', act: step(Infinity) },
    { key: '+', name: 'faster', act: () => player.faster(1) },
    { key: '-', name: 'slower', act: () => player.faster(-1) },
    {
      key: 'v',
      name: 'balls, spheres, sticks',
      label: 'Style',
      place: 'tools',
      act: () => change({ style: kinds[(kinds.indexOf(look.style) + 1) % kinds.length]! }),
    },
    ...toggles.map(
      ([key, name, label, help]): Control => ({
        key,
        name: help,
        label,
        place: 'tools',
        isOn: () => look[name],
        act: () => change({ [name]: !look[name] }),
      }),
    ),
    { key: 's', name: 'save a picture', label: 'Picture', place: 'tools', act: () => void savePicture() },
    ...['a', 'b', 'c'].map(
      (vector, axis): Control => ({
        key: String(axis + 1),
        name: `along ${vector}, or ${'xyz'[axis]}`,
        label: vector,
        place: 'axes',
        act: () => viewer?.along(axis),
      }),
    ),
    { key: 'r', name: 'everything in view', label: 'Reset', place: 'axes', act: () => viewer?.reset() },
    { key: 'd', name: 'light or dark', act: switchTheme },
    { key: '?', name: 'these keys', act: () => byId<HTMLDialogElement>('shortcuts').showModal() },
  ];
}

async function savePicture(): Promise<void> {
  if (!viewer) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await viewer.picture());
  link.download = `${document.title.replace(/ – mace view$/, '')}-${player.index}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function wire(): void {
  speedSelect.append(...speeds.map((speed) => new Option(`${speed}/s`, String(speed))));
  speedSelect.onchange = () => (player.speed = Number(speedSelect.value));
  slider.oninput = () => {
    player.pause();
    void player.go(Number(slider.value));
  };
  frameInput.onchange = () => {
    player.pause();
    void player.go(Number(frameInput.value) || 0);
  };
  byId('play').onclick = () => player.toggle();
  byId('first').onclick = () => void player.go(0);
  byId('last').onclick = () => void player.go(Infinity);
  byId('theme').onclick = switchTheme;
  byId('help').onclick = () => byId<HTMLDialogElement>('shortcuts').showModal();
  showTransport();
  refresh();
}

function formulaNodes(numbers: Uint8Array): (string | HTMLElement)[] {
  const counts = new Map<string, number>();
  for (const number of numbers) counts.set(chemicalSymbol(number), (counts.get(chemicalSymbol(number)) ?? 0) + 1);
  const rank = (symbol: string): string => (counts.has('C') ? ({ C: '0', H: '1' }[symbol] ?? `2${symbol}`) : symbol);
  return [...counts]
    .sort(([one], [other]) => (rank(one) < rank(other) ? -1 : 1))
    .flatMap(([symbol, count]) =>
      count === 1 ? [symbol] : [symbol, Object.assign(document.createElement('sub'), { textContent: String(count) })],
    );
}

function determinant(m: Float64Array): number {
  const [a, b, c, d, e, f, g, h, i] = m as unknown as number[];
  return a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!);
}

async function ask<T>(path: string): Promise<T> {
  return (await (await fetch(path)).json()) as T;
}
