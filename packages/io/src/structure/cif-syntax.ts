/**
 * The syntax of CIF 1.1: data blocks of tags and loops. Tags are lower case and otherwise as written: `_a.b_c` is not `_a_b.c`.
 */
import { failAt, quoted, splitLines } from './text.js';

export interface CifValue {
  readonly text: string;
  readonly line: number;
  /** True for text in quotes or semicolons, where `.` and `?` are not special. */
  readonly isQuoted: boolean;
}

export interface CifBlock {
  readonly name: string;
  readonly line: number;
  /** All values of a tag; a tag outside loops has one. */
  readonly values: ReadonlyMap<string, readonly CifValue[]>;
  /** Tags that occur more than once, with the line of the last; it matters only for those that are read. */
  readonly repeated: ReadonlyMap<string, number>;
  /** Tags of loops whose values fill no whole number of rows, with what is wrong; it too matters only for those that are read. */
  readonly broken: ReadonlyMap<string, { readonly line: number; readonly problem: string }>;
}

/** Parses all data blocks. Throws FormatError with the line. */
export function parseCifBlocks(text: string, source: string): CifBlock[] {
  const blocks: OpenBlock[] = [];
  /** Where values of a save frame go: definitions of a dictionary, no structure. */
  let frame: OpenBlock | undefined;
  const all = [...cifTokens(text, source)];
  let at = 0;
  const isTag = (token: CifValue | undefined): boolean =>
    token !== undefined && !token.isQuoted && token.text.startsWith('_');
  const isWord = (token: CifValue | undefined): boolean =>
    token !== undefined && !token.isQuoted && /^(?:data_|save_|loop_|global_|stop_)/i.test(token.text);
  while (at < all.length) {
    const token = all[at++] as CifValue;
    if (isWord(token) && /^data_/i.test(token.text)) {
      blocks.push(openBlock(token, token.text.slice(5)));
      frame = undefined;
      continue;
    }
    if (isWord(token) && /^save_/i.test(token.text)) {
      frame = token.text.length > 5 ? openBlock(token, token.text) : undefined;
      continue;
    }
    const block = frame ?? blocks[blocks.length - 1];
    if (block === undefined)
      failAt(
        source,
        token.line,
        `expected data_NAME before anything else, got ${quoted(token.text)}. Is this a CIF file?`,
      );
    const add = (tag: CifValue, values: CifValue[]): void => {
      const name = tag.text.toLowerCase();
      if (block.values.has(name)) block.repeated.set(name, tag.line);
      else block.values.set(name, values);
    };
    if (isTag(token)) {
      const value = all[at++];
      if (value === undefined || isTag(value) || isWord(value))
        failAt(source, token.line, `${quoted(token.text)} has no value. Add one, or ? for unknown.`);
      add(token, [value]);
    } else if (/^loop_$/i.test(token.text) && !token.isQuoted) {
      const tags: CifValue[] = [];
      while (isTag(all[at])) tags.push(all[at++] as CifValue);
      const columns = tags.map((): CifValue[] => []);
      let count = 0;
      for (; at < all.length && !isTag(all[at]) && !isWord(all[at]); at++, count++)
        columns[count % tags.length]?.push(all[at] as CifValue);
      if (tags.length === 0) failAt(source, token.line, 'this loop_ has no tags. Add the _tags before the values.');
      if (count % tags.length !== 0) {
        const problem = `the loop of ${tags.length} tags from ${quoted(tags[0]?.text ?? '')} has ${count} values, which fills no whole number of rows. A value is missing, or a text with spaces lacks quotes.`;
        for (const tag of tags) block.broken.set(tag.text.toLowerCase(), { line: token.line, problem });
      }
      tags.forEach((tag, column) => add(tag, columns[column] ?? []));
    } else if (!isWord(token)) {
      failAt(
        source,
        token.line,
        `the value ${quoted(token.text)} belongs to no tag. A text with spaces lacks quotes, or a loop has too many values.`,
      );
    }
  }
  return blocks;
}

function* cifTokens(text: string, source: string): Generator<CifValue> {
  const lines = splitLines(text);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    if (line.startsWith(';')) {
      const start = index;
      const parts = [line.slice(1)];
      while (++index < lines.length && !(lines[index] as string).startsWith(';')) parts.push(lines[index] as string);
      if (index >= lines.length)
        failAt(source, start + 1, 'this text field is never closed. Add a line that starts with a semicolon.');
      yield { text: parts.join('\n'), line: start + 1, isQuoted: true };
      lines[index] = (lines[index] as string).slice(1);
      index--;
      continue;
    }
    yield* lineTokens(line, index + 1, source);
  }
}

function* lineTokens(line: string, number: number, source: string): Generator<CifValue> {
  let at = 0;
  for (;;) {
    while (isBlank(line, at)) at++;
    const first = line.charAt(at);
    if (first === '' || first === '#') return;
    let end = at + 1;
    const isQuoted = first === "'" || first === '"';
    if (isQuoted) {
      // A quote ends its text only before white space or the end of the line.
      for (end = line.indexOf(first, at + 1); end >= 0; end = line.indexOf(first, end + 1))
        if (end + 1 === line.length || isBlank(line, end + 1)) break;
      if (end < 0)
        failAt(source, number, `a quote is never closed: ${quoted(line.slice(at))}. Close it on the same line.`);
      yield { text: line.slice(at + 1, end), line: number, isQuoted };
      at = end + 1;
      continue;
    }
    while (end < line.length && !isBlank(line, end)) end++;
    yield { text: line.slice(at, end), line: number, isQuoted };
    at = end;
  }
}

function isBlank(line: string, at: number): boolean {
  return at < line.length && /\s/.test(line.charAt(at));
}

interface OpenBlock extends CifBlock {
  readonly values: Map<string, readonly CifValue[]>;
  readonly repeated: Map<string, number>;
  readonly broken: Map<string, { line: number; problem: string }>;
}

function openBlock(token: CifValue, name: string): OpenBlock {
  return { name, line: token.line, values: new Map(), repeated: new Map(), broken: new Map() };
}
