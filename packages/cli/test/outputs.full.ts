/** Outputs that cannot lie, as a shell, a signal and a full disk see them. */
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readStructureFile } from '@mace/io/node';
import { bundledModel } from '../src/inputs.js';
import { bash, bundled, file, folder, jsonLines, mace, start } from './testing/run.js';

const isPosix = process.platform !== 'win32';
const isRoot = process.getuid?.() === 0;
/** What is printed of so many frames, as JSON or as structures, is longer than what a pipe takes and its reader's first piece. */
const frames = 40;
/** Ends of a command whose reader went away; where a pipe takes all of it, either is a matter of luck. */
const ends = ['0', '141'];
let ice = '';
let many = '';
beforeAll(() => {
  ice = readFileSync(bundled('ice.xyz'), 'utf8');
  many = file('many.xyz', ice.repeat(frames));
});
const temporaries = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.tmp'));
const noStack = /\n\s+at |node:|Unhandled/;

describe.runIf(isPosix)('where a reader of standard output goes away', () => {
  test.each(['--json', ''])('eval %s stops quietly, as other programs do', async (json) => {
    const line = `mace eval --structures many.xyz --batch-size 2 ${json} | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { out, err } = await bash(line);
    expect(err).toBe('');
    const [first, code, ...rest] = out.trim().split('\n');
    expect(first).toMatch(json ? /^\{"index":0,/ : /^index/);
    expect(json ? ['141'] : ends).toContain(code);
    expect(rest).toEqual([]);
  });

  test('outputs that were asked for are written all the same', async () => {
    const { out, err } = await bash(
      'mace eval --structures many.xyz --json --output all.xyz | head -n 1 | wc -l; echo "${PIPESTATUS[0]}"',
    );
    expect([out.trim().split(/\s+/), err]).toEqual([['1', '0'], '']);
    expect(await readStructureFile(join(folder, 'all.xyz'))).toHaveLength(frames);
  });

  test('so do other commands, and an output that is standard output itself', async () => {
    for (const [command, expected] of [
      ['conform --list', ends],
      ['eval --structures many.xyz --output -', ['141']],
    ] as const) {
      const { out, err } = await bash(`mace ${command} 2> errors.txt | head -n 1; echo "\${PIPESTATUS[0]}"`);
      expect(expected, command).toContain(out.trim().split('\n').at(-1));
      expect(err, command).toBe('');
      const errors = readFileSync(join(folder, 'errors.txt'), 'utf8');
      expect(errors, command).not.toMatch(noStack);
      expect(errors, command).not.toContain('error');
    }
  });
});

describe.runIf(isPosix)('where the reader of a FIFO goes away', () => {
  test('the error names the FIFO, and what was printed stays', async () => {
    const line =
      'mkfifo short; head -n 1 short > first.txt & mace eval --structures many.xyz --batch-size 2 --json --output short';
    const { code, out, err } = await bash(line);
    expect([code, err]).toEqual([
      141,
      'error (format): short: the file cannot be written: its reader went away before the end.\n',
    ]);
    expect(jsonLines(out).length).toBeGreaterThan(0);
  });
});

describe.runIf(isPosix && statSync('/dev/full', { throwIfNoEntry: false }))('where standard output is full', () => {
  test('one line says so, and outputs are written', async () => {
    const { code, err } = await bash(`mace eval --structures '${bundled('ice.xyz')}' --output full.xyz > /dev/full`);
    expect(code).toBe(1);
    expect(err).toMatch(/^error \(file\): standard output: not all could be printed: the disk is full\.[^\n]*\n$/);
    expect(await readStructureFile(join(folder, 'full.xyz'))).toHaveLength(1);
  });

  test('an output that is full is an error', async () => {
    const { code, err } = await bash(`mace eval --structures '${bundled('ice.xyz')}' --output /dev/full`);
    expect(code).toBe(1);
    expect(err).toMatch(/^error \(format\): \/dev\/full: the file cannot be written: the disk is full\.[^\n]*\n$/);
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });
});

describe('the target', () => {
  test.runIf(isPosix)('is neither what is printed into, nor the model; both stay as they are', async () => {
    for (const line of [
      'mace eval --structures many.xyz@0 --json --output both.xyz > both.xyz',
      'mace eval --structures many.xyz@0 --output both.xyz 2>> both.xyz > /dev/null',
      'ln -sf both.xyz link.xyz; mace convert many.xyz link.xyz >> both.xyz',
    ]) {
      expect((await bash(`${line} || exit 1`)).code, line).toBe(1);
      // What was printed until then: nothing, or the error itself.
      expect(readFileSync(join(folder, 'both.xyz'), 'utf8'), line).not.toContain('Lattice');
    }
    expect(readFileSync(join(folder, 'both.xyz'), 'utf8')).toContain(
      'redirected into the same file, and would be lost',
    );
    const model = readFileSync(bundledModel);
    writeFileSync(join(folder, 'model'), model);
    const { code, err } = await mace('eval', '--structures', 'many.xyz', '--model', 'model', '--output', './model');
    expect([code, err]).toEqual([
      1,
      'error (format): --output ./model: this is the model. Give the name of another file.\n',
    ]);
    expect(readFileSync(join(folder, 'model')).equals(model)).toBe(true);
  });

  test('a prefix that no column can have is refused at once', async () => {
    const { code, err } = await mace('eval', '--structures', 'none.xyz', '--output', 'x.xyz', '--info-prefix', 'run1:');
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('--info-prefix "run1:": extended XYZ has no columns with'),
    ]);
  });

  test.runIf(isPosix)('is checked before anything is computed or even read', async () => {
    mkdirSync(join(folder, 'a folder'), { recursive: true });
    const cases: [string[], RegExp][] = [
      [['eval', '--output', 'a folder'], /a folder: the file cannot be written: this is a folder/],
      [['eval', '--output', 'none/o.xyz'], /none\/o\.xyz: .*there is no folder none/],
      [['eval', '--output', ''], /--output "": expected the name of a file|the name of the output is empty/],
      [['eval', '--output', `${'x'.repeat(300)}.xyz`], /the name is too long/],
      [['eval', '--output', 'o.cif'], /o\.cif: the ending \.cif does not fit: what is written is extended XYZ/],
      [['eval', '--output', 'o.xyz.bz2'], /End it with \.xyz, \.extxyz/],
      [['eval', '--output', '-', '--json'], /--json prints on standard output too/],
      [['model', 'convert', 'not read', 'm.model'], /m\.model: .* our own model format. End it with \.safetensors/],
      [['model', 'convert', 'not read', 'none/m.safetensors'], /there is no folder none/],
      [['model', 'select-head', 'not read', 'm.pt', '--head', 'x'], /End it with \.safetensors/],
      [['export', 'onnx', 'not read', 'm.safetensors'], /m\.safetensors: .*what is written is ONNX/],
      [['conform', '--output', 'none/r.json'], /there is no folder none/],
    ];
    for (const [args, message] of cases) {
      const { code, out, err } = await mace(...args);
      expect([code, out], args.join(' ')).toEqual([1, '']);
      expect(err, args.join(' ')).toMatch(message);
      expect(err, args.join(' ')).not.toContain('.tmp');
    }
    expect(temporaries()).toEqual([]);
  });

  test('standard input, of which content or --format tells what it is', async () => {
    const ice = `'${bundled('ice.xyz')}'`;
    const whole = await bash(`mace eval --structures ${ice} --json`);
    for (const format of ['', ' --format xyz']) {
      const piped = await bash(`cat ${ice} | mace eval --structures - --json${format}`);
      expect([piped.code, piped.out.replace('"file":"-"', `"file":${JSON.stringify(bundled('ice.xyz'))}`)]).toEqual([
        0,
        whole.out,
      ]);
    }
    const empty = await bash('mace eval --structures - --json < /dev/null');
    expect(empty.code).toBe(1);
    expect(empty.err).toMatch(/standard input: /);
  });

  test('a name that ends with .gz is compressed', async () => {
    expect((await mace('eval', '--structures', many, '--output', 'o.xyz.gz')).code).toBe(0);
    expect(gunzipSync(readFileSync(join(folder, 'o.xyz.gz'))).toString()).toMatch(/^48\nLattice="/);
    expect(await readStructureFile(join(folder, 'o.xyz.gz'))).toHaveLength(frames);
  });

  test.runIf(isPosix)('a FIFO has the frames and stays; so does a device behind a link', async () => {
    const line = `mkfifo pipe; cat pipe > read.xyz & mace eval --structures '${bundled('ice.xyz')}' --output pipe; wait`;
    expect(await bash(line)).toMatchObject({ code: 0, err: '' });
    expect(lstatSync(join(folder, 'pipe')).isFIFO()).toBe(true);
    expect(await readStructureFile(join(folder, 'read.xyz'))).toHaveLength(1);
    symlinkSync('/dev/null', join(folder, 'nothing'));
    expect((await mace('eval', '--structures', bundled('ice.xyz'), '--output', 'nothing')).code).toBe(0);
    expect(readlinkSync(join(folder, 'nothing'))).toBe('/dev/null');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test.runIf(isPosix)('standard output has the structures, and standard error the table', async () => {
    for (const name of ['-', '/dev/stdout']) {
      const to = await bash(`mace eval --structures '${bundled('ice.xyz')}' --output ${name} > standard.xyz`);
      expect([to.code, to.out]).toEqual([0, '']);
      expect(to.err).toContain('largest force');
      expect(await readStructureFile(join(folder, 'standard.xyz'))).toHaveLength(1);
    }
  });

  test.runIf(isPosix)(
    'frames before a stop are kept where they are streamed, and no file is made of them',
    async () => {
      const third = file('third is wrong.xyz', `${ice}${ice}1\n\nXx 0 0 0\n`);
      const streamed = await bash(`mace eval --structures '${third}' --output - > kept.xyz`);
      expect(streamed.code).toBe(1);
      expect(await readStructureFile(join(folder, 'kept.xyz'))).toHaveLength(2);
      const { code, out } = await mace('eval', '--structures', third, '--output', 'whole.xyz');
      expect([code, out.match(/H32O16/g)?.length]).toEqual([1, 2]);
      expect(readdirSync(folder)).not.toContain('whole.xyz');
      expect(temporaries()).toEqual([]);
    },
  );
});

describe.runIf(isPosix)('a run that is ended', () => {
  const long = ['eval', '--structures', 'endless.xyz', '--batch-size', '1', '--output', 'old.xyz'];
  beforeAll(() => void file('endless.xyz', ice.repeat(2000)));

  async function ended(signal: NodeJS.Signals): Promise<NodeJS.Signals | number | null> {
    const run = start(...long);
    const end = new Promise<NodeJS.Signals | number | null>((resolve) =>
      run.on('exit', (code, by) => resolve(by ?? code)),
    );
    while (temporaries().length === 0) {
      expect(run.exitCode).toBe(null);
      await sleep(20);
    }
    run.kill(signal);
    return end;
  }

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s leaves the old file and nothing else', async (signal) => {
    file('old.xyz', 'old\n');
    expect(await ended(signal)).toBe(signal);
    expect(temporaries()).toEqual([]);
    expect(readFileSync(join(folder, 'old.xyz'), 'utf8')).toBe('old\n');
  });

  test('by SIGKILL leaves the old file; the next run sweeps the other', async () => {
    file('old.xyz', 'old\n');
    expect(await ended('SIGKILL')).toBe('SIGKILL');
    expect(temporaries()).toHaveLength(1);
    expect(readFileSync(join(folder, 'old.xyz'), 'utf8')).toBe('old\n');
    expect((await mace('eval', '--structures', bundled('ice.xyz'), '--output', 'old.xyz')).code).toBe(0);
    expect(temporaries()).toEqual([]);
    expect(await readStructureFile(join(folder, 'old.xyz'))).toHaveLength(1);
  });
});

describe.runIf(process.platform === 'linux' && isRoot)('a disk of 16 kB (needs the superuser)', () => {
  let disk = '';
  beforeAll(() => {
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]);
  });
  afterAll(() => void execFileSync('umount', [disk]));

  test.each([
    ['eval --structures many.xyz --output disk/old', '.xyz'],
    [`model convert '${bundled('../hcno-xtb.safetensors')}' disk/old`, '.safetensors'],
    [`export onnx '${bundled('../hcno-xtb.safetensors')}' disk/old`, '.onnx'],
    ['conform --backend reference --only ops --output disk/old', '.json'],
  ])('%s%s: an error, and the old file', async (command, ending) => {
    const path = file(join('disk', `old${ending}`), 'old\n');
    const filler = file(join('disk', 'filler'), 'x'.repeat(12288));
    const { code, err } = await bash(`mace ${command}${ending}`);
    expect(code).toBe(1);
    expect(err).toContain(`disk/old${ending}: the file cannot be written: the disk is full`);
    expect(err).not.toMatch(noStack);
    expect(readFileSync(path, 'utf8')).toBe('old\n');
    expect(readdirSync(disk).sort()).toEqual(['filler', `old${ending}`]);
    for (const name of [path, filler]) rmSync(name);
  });

  test('one frame that is longer than the disk, whose write is cut short', async () => {
    const path = file(join('disk', 'old.xyz'), 'old\n');
    file('long.xyz', `1200\n\n${Array.from({ length: 1200 }, (_, i) => `H ${3 * i} 0 0\n`).join('')}`);
    const { code, err } = await bash('mace eval --structures long.xyz --output disk/old.xyz');
    expect([code, readFileSync(path, 'utf8'), readdirSync(disk)]).toEqual([1, 'old\n', ['old.xyz']]);
    expect(err).toContain('the disk is full');
    const printed = await bash('mace eval --structures long.xyz --json > disk/printed.json');
    expect([printed.code, printed.err]).toEqual([
      1,
      expect.stringContaining('standard output: not all could be printed'),
    ]);
    rmSync(join(disk, 'printed.json'));
    rmSync(path);
  });
});

describe.runIf(isPosix)('a limit of the shell on the size of files', () => {
  test('is an error, and the old file stays', async () => {
    const path = file('limited.xyz', 'old\n');
    const { code, err } = await bash('ulimit -f 4; mace eval --structures many.xyz --output limited.xyz');
    expect([code, readFileSync(path, 'utf8'), temporaries()]).toEqual([1, 'old\n', []]);
    expect(err).toContain('limited.xyz: the file cannot be written: the file is larger than this disk, or a limit');
  });
});

describe('control sequences of foreign text', () => {
  const evil = '\x1b[31mred\x1b]0;title\x07 \x9b2J \u202eright-to-left\u2066 \u2028line \u200bx';
  const seen = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f]/;

  const foreign = `1\nhead="${evil}" charge=1\nO 0 0 0\n1\n\n${evil} 0 0 0\n`;

  test('never reach a terminal, whatever brings them', async () => {
    const structures = file('evil.xyz', foreign);
    const runs = [
      await mace('eval', '--structures', structures, '--batch-size', '1'),
      await mace('eval', '--structures', structures, '--batch-size', '1', '--json'),
      await mace('eval', '--structures', `${evil}.xyz`.replaceAll('/', '')),
      await mace('eval', `--${evil}`),
      await mace('model', 'inspect', `${evil}.model`),
      await mace('eval', '--output', `none${evil}/o.xyz`),
      await mace('eval', '--backend', evil),
    ];
    for (const { out, err } of runs) {
      expect(out).not.toMatch(seen);
      expect(err).not.toMatch(seen);
    }
    expect(runs.slice(2).map(({ err }) => err.includes('\\u001b'))).toEqual([true, true, true, true, true]);
    const [{ warnings }] = jsonLines(runs[1]!.out) as [{ warnings: string[] }];
    expect(warnings[0]).toContain(evil);
  });

  test.runIf(isPosix)('our own colours do', async () => {
    file('evil.xyz', foreign);
    const { out, err } = await bash('FORCE_COLOR=1 mace eval --structures evil.xyz --batch-size 1');
    expect(out).toContain('\x1b[1mO\x1b[22m');
    expect(out).toContain('\\u001b[31mred');
    expect(err).toContain('\x1b[31merror\x1b[39m');
    expect(`${out}${err}`.replaceAll(/\x1b\[(?:1|2|22|31|33|39)m/g, '')).not.toMatch(seen);
  });
});

describe('an output holds the results of its run only', () => {
  test('what an earlier run left under the same prefix is gone', async () => {
    const before = file(
      'before.xyz',
      '1\nProperties=species:S:1:pos:R:3:MACE_forces:R:3:MACE_node_energies:R:1 MACE_energy=-999.0 MACE_stress="1 0 0 0 1 0 0 0 1" energy=-3 pbc="F F F"\nO 0 0 0 9 9 9 -7\n',
    );
    expect((await mace('eval', '--structures', before, '--output', 'after.xyz')).code).toBe(0);
    const [{ info, arrays }] = (await readStructureFile(join(folder, 'after.xyz'))) as [
      Awaited<ReturnType<typeof readStructureFile>>[number],
    ];
    expect(Object.keys(info).sort()).toEqual(['MACE_energy', 'energy']);
    expect(info.energy).toBe(-3);
    expect(info.MACE_energy).not.toBe(-999);
    expect(Object.keys(arrays)).toEqual(['MACE_forces']);
  });
});
