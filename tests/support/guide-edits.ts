// What a comment before a code block of a guide tells the test to do with the block, as the text beside it tells the reader:
// `is FILE` (the whole file), `goes into FILE, WHERE`, `changes FILE` (a diff). Places: `after the imports`, `at the end`,
// `above "WORDS"` and `in place of "WORDS"`, where WORDS stand in exactly one line.

/** An edit of one file. */
export interface Edit {
  readonly path: string;
  /** @param text - of the file now; empty if there is none */
  apply(text: string): string;
}

/** @throws Error for an instruction that is none, or a place that is not in the file exactly once */
export function editOf(instruction: string, code: string): Edit {
  const [, path = '', place] =
    /^is (\S+)$/.exec(instruction) ??
    /^changes (\S+)$/.exec(instruction) ??
    /^goes into (\S+), (.+)$/.exec(instruction) ??
    [];
  if (path === '') throw new Error(`"${instruction}" says nothing about a file: see tests/support/guide-edits.ts.`);
  if (place !== undefined) return { path, apply: (text) => inserted(text, place, code, path) };
  if (instruction.startsWith('is ')) return { path, apply: () => `${code}\n` };
  return { path, apply: (text) => hunksOf(code).reduce((current, hunk) => changed(current, hunk, path), text) };
}

function inserted(text: string, place: string, code: string, path: string): string {
  const lines = text.split('\n');
  const block = code.split('\n');
  if (place === 'at the end') return `${text}\n${code}\n`;
  if (place === 'after the imports') {
    const last = lines.map((line) => /^(import .*|\} )from '.*';$/.test(line)).lastIndexOf(true);
    if (last < 0) throw new Error(`${path} has no imports.`);
    return [...lines.slice(0, last + 1), ...block, ...lines.slice(last + 1)].join('\n');
  }
  const [, how, mark = ''] = /^(above|in place of) "(.+)"$/.exec(place) ?? [];
  const found = lines.flatMap((line, at) => (mark !== '' && line.includes(mark) ? [at] : []));
  const [at] = found;
  if (at === undefined || found.length > 1)
    throw new Error(`${path}: expected one line with "${mark}" for ${place}, found ${found.length}.`);
  return [
    ...lines.slice(0, at),
    ...block,
    ...(how === 'above' ? [''] : []),
    ...lines.slice(at + (how === 'above' ? 0 : 1)),
  ].join('\n');
}

// The parts of a diff: a line that begins with @@ separates them.
function hunksOf(diff: string): string[][] {
  const hunks: string[][] = [[]];
  for (const line of diff.split('\n')) {
    if (line.startsWith('@@')) hunks.push([]);
    else hunks.at(-1)!.push(line);
  }
  return hunks.filter((hunk) => hunk.length > 0);
}

function changed(text: string, hunk: readonly string[], path: string): string {
  const without = (sign: string): string[] =>
    hunk.filter((line) => !line.startsWith(sign)).map((line) => line.slice(1));
  const [before, after, lines] = [without('+'), without('-'), text.split('\n')];
  const places = lines.flatMap((_, at) => (before.every((line, i) => lines[at + i] === line) ? [at] : []));
  const [at] = places;
  if (at === undefined || places.length > 1)
    throw new Error(`${path}: expected these lines once, found them ${places.length} times:\n${before.join('\n')}`);
  return [...lines.slice(0, at), ...after, ...lines.slice(at + before.length)].join('\n');
}
