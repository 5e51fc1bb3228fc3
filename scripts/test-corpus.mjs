// `npm run test:corpus`: reads every structure file below the folder that MACE_CORPUS names and compares composition, number of
// atoms and volume of the cell with what ASE, gemmi and pymatgen read of it (tests/corpus/peers.json, made by read-with-peers.py
// beside it). Prints what differs, what is refused and why, and a table; writes it to .setup/corpus.json. Ends with exit code 1 where a file is read in another way
// without a warning and without a reason in tests/corpus/judged.json, or where more than 3 % are refused that hold an ordered structure.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ready } from './lib/ready.mjs';
import { root } from './lib/workspace.mjs';

/** Of all files. */
const mostRefused = 0.03;
/** Relative: peers print volumes of cells that they compute from rounded lengths and angles. */
const volumeTolerance = 1e-3;

/** @typedef {{ composition: string, atoms: number, volume?: number | null, partial?: boolean }} Reading */
/** What messages say of files without coordinates, and of those whose sites no single structure has. */
const nothingToCompute =
  /no data block has atom coordinates|no ATOM or HETATM record|has occupancy|is a mixture|disorder groups|share one place|modulated structure/;

/** @typedef {'as every peer' | 'as judged' | 'differs, with a warning' | 'refused' | 'refused, as judged' | 'no ordered structure' | 'unlisted' | 'WRONG'} Verdict */

const folder = process.env['MACE_CORPUS'];
if (!folder) {
  process.stderr.write(
    'MACE_CORPUS is not set. It names a folder with structure files: for instance the folders of tests of ASE, gemmi and pymatgen.\n',
  );
  process.exit(2);
}
await ready('start');
const { readStructureFile } = await import(
  pathToFileURL(join(root, 'packages', 'io', 'dist', 'node', 'index.js')).href
);
const { volumeOf, chemicalSymbols } = await import(
  pathToFileURL(join(root, 'packages', 'core', 'dist', 'structure', 'index.js')).href
);
const peers = JSON.parse(readFileSync(join(root, 'tests', 'corpus', 'peers.json'), 'utf8')).files;
/** @type {Record<string, { right: string, why: string }>} by name of the file */
const judged = JSON.parse(readFileSync(join(root, 'tests', 'corpus', 'judged.json'), 'utf8'));

const found = [];
for (const path of filesBelow(folder)) {
  process.stderr.write(`\r\x1b[K${relative(folder, path)}`);
  found.push({ name: relative(folder, path), ...(await verdictOn(path)) });
}
process.stderr.write('\r\x1b[K');
for (const { name, verdict, text } of found)
  if (verdict !== 'as every peer' && verdict !== 'unlisted') process.stdout.write(`${verdict}: ${name}: ${text}\n`);
const counts = /** @type {Record<Verdict, number>} */ ({});
for (const { verdict } of found) counts[verdict] = (counts[verdict] ?? 0) + 1;
writeFileSync(join(root, '.setup', 'corpus.json'), `${JSON.stringify({ counts, found }, null, 1)}\n`);
process.stdout.write(`\n${found.length} files\n`);
for (const [verdict, count] of Object.entries(counts))
  process.stdout.write(
    `${String(count).padStart(6)}  ${((100 * count) / found.length).toFixed(1).padStart(5)} %  ${verdict}\n`,
  );
process.exitCode = counts.WRONG || (counts.refused ?? 0) > mostRefused * found.length ? 1 : 0;

/** @param {string} path @returns {Promise<{ verdict: Verdict, text: string }>} */
async function verdictOn(path) {
  const known = peers[createHash('sha256').update(readFileSync(path)).digest('hex')];
  /** @type {import('@mace/core').Structure[]} */
  let structures;
  try {
    structures = await readStructureFile(path);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const reason = known && judged[known.name];
    if (reason?.right === 'refused') return { verdict: 'refused, as judged', text: `${text} (${reason.why})` };
    return { verdict: nothingToCompute.test(text) ? 'no ordered structure' : 'refused', text };
  }
  const first = structures[0];
  if (!known) return { verdict: 'unlisted', text: '' };
  if (!first) return { verdict: 'WRONG', text: 'no structure and no error' };
  const ours = readingOf(first);
  const theirs = Object.entries(known).filter(([name, reading]) => name !== 'name' && !('refused' in reading));
  const agreeing = theirs.filter(([, reading]) => same(ours, reading));
  const text = [`we read ${textOf(ours)}`, ...theirs.map(([name, reading]) => `${name} ${textOf(reading)}`)].join('; ');
  const warnings = structures.flatMap((structure) => structure.warnings ?? []);
  if (agreeing.length > 0 && agreeing.length === theirs.length) return { verdict: 'as every peer', text };
  const reason = judged[known.name];
  if (reason) return { verdict: 'as judged', text: `${text} (${reason.right} is right: ${reason.why})` };
  if (warnings.length > 0) return { verdict: 'differs, with a warning', text: `${text}; ${warnings[0]}` };
  return { verdict: 'WRONG', text };
}

/** @param {import('@mace/core').Structure} structure @returns {Reading} */
function readingOf({ numbers, cell, pbc }) {
  const counts = /** @type {Map<string, number>} */ (new Map());
  for (const number of numbers) {
    const symbol = chemicalSymbols[number];
    counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    composition: sorted.map(([symbol, count]) => `${symbol}${count}`).join(' '),
    atoms: numbers.length,
    volume: cell && pbc.some(Boolean) ? volumeOf(cell) : null,
  };
}

/** @param {Reading} ours @param {Reading} theirs */
function same(ours, theirs) {
  if (ours.composition !== theirs.composition) return false;
  // Some read no cell of some formats.
  if (theirs.volume === undefined) return true;
  if (!ours.volume || !theirs.volume) return ours.volume === theirs.volume;
  return Math.abs(ours.volume / theirs.volume - 1) < volumeTolerance;
}

/** @param {Reading} reading */
function textOf({ composition, volume, partial }) {
  const cell = volume === undefined ? '' : volume === null ? ' in no cell' : ` in ${volume.toFixed(2)} Å³`;
  return `${composition}${cell}${partial ? ', sites occupied in part' : ''}`;
}

/** @param {string} path @returns {string[]} */
function filesBelow(path) {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
