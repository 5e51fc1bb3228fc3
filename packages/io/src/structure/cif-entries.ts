/**
 * The entries of one data block by the names of the dictionaries, `category.item`: core CIF writes `_category_item`, mmCIF and newer
 * core dictionaries `_category.item`. Only names that are asked for are looked at, so names that differ never meet.
 */
import type { CifBlock, CifValue } from './cif-syntax.js';
import { failAt, finiteReal, quoted } from './text.js';

export class CifEntries {
  private readonly columns = new Map<string, readonly CifValue[] | undefined>();

  constructor(
    readonly block: CifBlock,
    readonly source: string,
  ) {}

  /** All values of an item; undefined when the block does not have it. Throws FormatError when it is given twice. */
  column(item: string): readonly CifValue[] | undefined {
    if (!this.columns.has(item)) this.columns.set(item, this.found(item));
    return this.columns.get(item);
  }

  private found(item: string): readonly CifValue[] | undefined {
    const [dotted, plain] = spellings(item).map((name) => {
      const again = this.block.repeated.get(name);
      if (again !== undefined)
        this.fail(again, `${quoted(name)} is given twice in block ${quoted(this.block.name)}. Remove one.`);
      const broken = this.block.broken.get(name);
      if (broken !== undefined) this.fail(broken.line, broken.problem);
      return this.block.values.get(name);
    });
    if (dotted !== undefined && plain !== undefined) {
      const isSame = dotted.length === plain.length && dotted.every(({ text }, row) => text === plain[row]?.text);
      if (!isSame)
        this.fail(
          plain[0]?.line ?? this.block.line,
          `${quoted(spellings(item)[1])} and ${quoted(spellings(item)[0])} are one name in two spellings, and differ. Remove one.`,
        );
    }
    return dotted ?? plain;
  }

  /** The first of these items that has a column with anything known. */
  firstColumn(...items: readonly string[]): readonly CifValue[] | undefined {
    return items.map((item) => this.column(item)).find((column) => column !== undefined && !column.every(isUnknown));
  }

  /** The value of an item in one row of its loop; undefined when it is `?`, `.` or missing. */
  at(item: string, row: number): CifValue | undefined {
    const value = this.column(item)?.[row];
    return isUnknown(value) ? undefined : value;
  }

  /** The value of an item that a structure has once, also where it stands in a loop. Throws FormatError where rows differ. */
  single(item: string): CifValue | undefined {
    const [first, ...others] = (this.column(item) ?? []).filter((value) => !isUnknown(value));
    const other = others.find(({ text }) => text !== first?.text);
    if (first !== undefined && other !== undefined)
      this.fail(
        other.line,
        `${quoted(spellings(item)[1])} is ${quoted(first.text)} and ${quoted(other.text)} in one loop. Expected one value: remove the other rows, or give each structure a data block of its own.`,
      );
    return first;
  }

  /** The first of these items that has a known value. Throws FormatError as `single`. */
  first(...items: readonly string[]): CifValue | undefined {
    return items.map((item) => this.single(item)).find((value) => value !== undefined);
  }

  /**
   * Checks that the columns of one list that a block has stand in one loop: rows of several may be in another order.
   * Throws FormatError with the line of the second loop.
   */
  requireOneLoop(...items: readonly string[]): void {
    const columns = items.flatMap((item) => {
      const column = this.column(item);
      return column === undefined ? [] : [{ item, column }];
    });
    const [first, ...others] = columns;
    const lineOf = (column: readonly CifValue[], row: number): number => column[row]?.line ?? this.block.line;
    for (const { item, column } of others) {
      const one = first?.column ?? [];
      const areApart = one.length > 1 && (lineOf(column, 0) > lineOf(one, 1) || lineOf(one, 0) > lineOf(column, 1));
      if (column.length === one.length && !areApart) continue;
      this.fail(
        Math.max(lineOf(one, 0), lineOf(column, 0)),
        `${quoted(spellings(item)[1])} and ${quoted(spellings(first?.item ?? '')[1])}, of ${column.length} and ${one.length} rows, stand in different loops. Write the columns of one list in one loop.`,
      );
    }
  }

  /** A number with its standard uncertainty `1.234(5)` taken off. Throws FormatError. */
  measured(value: CifValue, what: string): number {
    const text = value.text.trim();
    const digits = text.endsWith(')') ? text.slice(0, Math.max(0, text.lastIndexOf('('))) : text;
    return finiteReal(digits, what, this.source, value.line);
  }

  /** The names of all tags that start like this, dots as `_`. */
  tagsLike(start: string): string[] {
    return [...this.block.values.keys()].filter((name) => name.replaceAll('.', '_').startsWith(start));
  }

  fail(line: number, message: string): never {
    failAt(this.source, line, message);
  }
}

/** True for what is missing, empty, `?` or `.`; in quotes too, since nothing is called so. */
export function isUnknown(value: CifValue | undefined): boolean {
  return value === undefined || /^\s*[?.]?\s*$/.test(value.text);
}

function spellings(item: string): [string, string] {
  return [`_${item}`, `_${item.replace('.', '_')}`];
}
