// The committed reports of the conformance kit: where they are, and which sources they speak for.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashOfSources } from './sources.mjs';
import { packageFolders, root } from './workspace.mjs';

/** Folder of the committed reports. */
export const reportFolder = join(root, 'benchmarks', 'results', 'conformance');

/**
 * Hash of everything that a report of a backend depends on: all of core but its entry and errors, the kit,
 * and the backend's own sources.
 * @param {string} backend - its name on the command line
 */
export function sourcesHash(backend) {
  const core = [
    'ir',
    'autodiff',
    'backend',
    'planner',
    'reference',
    'model',
    'calculator',
    'equivariant',
    'structure',
    'generators',
  ];
  const folders = [...core.map((name) => `packages/core/src/${name}`), 'packages/conformance/src'];
  if (existsSync(join(root, 'packages', `backend-${backend}`))) folders.push(`packages/backend-${backend}/src`);
  return hashOfSources(folders);
}

/**
 * A committed report, or undefined where there is none or it is not one.
 * @param {string} file
 */
export function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Every committed report with its file name. */
export function committedReports() {
  if (!existsSync(reportFolder)) return [];
  return readdirSync(reportFolder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ name, report: readReport(join(reportFolder, name)) }));
}

/**
 * Writes a file whole or not at all.
 * @param {string} file
 * @param {string} text
 */
export function writeWhole(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

const begin = '<!-- support table: made by npm run conform:all -->';
const end = '<!-- support table: end -->';

/**
 * A text with its support table replaced; unchanged where it has no place for one.
 * @param {string} text
 * @param {string} table
 */
export function withSupportTable(text, table) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  return from < 0 || to < from ? text : `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`;
}

/**
 * The text with the support table that it should have: all reports, or in the README of a backend those of that backend.
 * @template {{ backend: string }} T
 * @param {string} path - of the README, from the root
 * @param {string} text
 * @param {T[]} reports
 * @param {(reports: T[]) => string} supportTable - of the kit
 */
export function withOwnSupportTable(path, text, reports, supportTable) {
  const own = /^packages\/backend-(.+)\/README\.md$/.exec(path)?.[1];
  return withSupportTable(text, supportTable(own ? reports.filter(({ backend }) => backend === own) : reports));
}

/**
 * Brings the support tables of all READMEs up to date with the committed reports, those of other machines too.
 * @param {(reports: any[]) => string} supportTable - of the kit
 */
export function writeSupportTables(supportTable) {
  const reports = committedReports().flatMap(({ report }) => (report ? [report] : []));
  for (const path of ['docs/support.md', ...packageFolders().map((name) => `packages/${name}/README.md`)]) {
    const file = join(root, path);
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    const written = withOwnSupportTable(path, text, reports, supportTable);
    if (written !== text) writeWhole(file, written);
  }
}
