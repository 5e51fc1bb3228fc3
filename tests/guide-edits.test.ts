// The edits that a guide asks for are made where it says, or not at all.
import { describe, expect, it } from 'vitest';
import { editOf } from './support/guide-edits.js';

const text = "import a from 'a';\nimport {\n  b,\n} from 'b';\n\nconst c = [\n  // Fill in here\n];\n";
const edited = (instruction: string, code: string): string => editOf(instruction, code).apply(text);

describe('an edit of a guide', () => {
  it('names its file', () => {
    expect(editOf('goes into src/c.ts, at the end', '').path).toBe('src/c.ts');
    expect(editOf('changes src/c.ts', ' x').path).toBe('src/c.ts');
    expect(editOf('is src/new.ts', 'x')).toMatchObject({ path: 'src/new.ts' });
    expect(() => editOf('goes somewhere', 'x')).toThrow('goes somewhere');
  });

  it('replaces a file, or puts lines where it says', () => {
    expect(edited('is src/c.ts', 'x')).toBe('x\n');
    expect(edited('goes into src/c.ts, at the end', 'x')).toBe(`${text}\nx\n`);
    expect(edited('goes into src/c.ts, after the imports', 'x')).toBe(text.replace("'b';\n", "'b';\nx\n"));
    expect(edited('goes into src/c.ts, above "Fill in here"', '  1,')).toBe(text.replace('  //', '  1,\n\n  //'));
    expect(edited('goes into src/c.ts, in place of "Fill in here"', '  1,')).toBe(
      text.replace('  // Fill in here', '  1,'),
    );
  });

  it('refuses a place that is not there, or there twice', () => {
    expect(() => edited('goes into src/c.ts, above "Fill out"', 'x')).toThrow('found 0');
    expect(() => edited('goes into src/c.ts, above "import"', 'x')).toThrow('found 2');
    expect(() => edited('goes into src/c.ts, somewhere', 'x')).toThrow('somewhere');
  });

  it('applies a diff of several parts, each of which must fit once', () => {
    const diff = "@@ imports\n-import a from 'a';\n@@ the table\n const c = [\n-  // Fill in here\n+  1,\n ];";
    const wanted = text.replace("import a from 'a';\n", '').replace('  // Fill in here', '  1,');
    expect(edited('changes src/c.ts', diff)).toBe(wanted);
    expect(() => edited('changes src/c.ts', '-const d')).toThrow('0 times');
  });
});
