/**
 * The syntax of CIF 1.1: data blocks of tags and loops. Tags are lower case with `.` as `_`, so CIF and mmCIF names meet.
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
}

/** Parses all data blocks. Throws FormatError with the line. */
export function parseCifBlocks(text: string, source: string): CifBlock[] {
  const blocks: { name: string; line: number; values: Map<string, CifValue[]> }[] = [];
  const all = [...cifTokens(text, source)];
  let at = 0;
  const isTag = (token: CifValue | undefined): boolean =>
    token !== undefined && !token.isQuoted && token.text.startsWith('_');
  const isWord = (token: CifValue | undefined): boolean =>
    token !== undefined && !token.isQuoted && /^(?:data_|save_|loop_|global_|stop_)/i.test(token.text);
  while (at < all.length) {
    const token = all[at++] as CifValue;
    if (isWord(token) && /^data_/i.test(token.text)) {
      blocks.push({ name: token.text.slice(5), line: token.line, values: new Map() });
      continue;
    }
    const block = blocks[blocks.length - 1];
    if (block === undefined)
      failAt(
        source,
        token.line,
        `expected data_NAME before anything else, got ${quoted(token.text)}. Is this a CIF file?`,
      );
    const add = (tag: CifValue, values: CifValue[]): void => {
      const name = tag.text.toLowerCase().replaceAll('.', '_');
      if (block.values.has(name))
        failAt(source, tag.line, `${quoted(tag.text)} is given twice in block ${quoted(block.name)}. Remove one.`);
      block.values.set(name, values);
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
        failAt(
          source,
          token.line,
          `the loop of ${tags.length} tags from ${quoted(tags[0]?.text ?? '')} has ${count} values, which fills no whole number of rows. A value is missing, or a text with spaces lacks quotes.`,
        );
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
  const pattern = /\s*(?:(#.*)|'((?:[^']|'(?!\s|$))*)'(?=\s|$)|"((?:[^"]|"(?!\s|$))*)"(?=\s|$)|([^\s'"#]\S*))/y;
  while (pattern.lastIndex < line.length) {
    const start = pattern.lastIndex;
    const found = pattern.exec(line);
    if (found === null) {
      if (line.slice(start).trim() === '') return;
      failAt(
        source,
        number,
        `a quote is never closed: ${quoted(line.slice(start).trim())}. Close it on the same line.`,
      );
    }
    const [, comment, single, double, bare] = found;
    if (comment !== undefined) return;
    yield { text: single ?? double ?? bare ?? '', line: number, isQuoted: bare === undefined };
  }
}
