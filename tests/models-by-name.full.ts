/** `mace models`, and models by name in other commands, against a server of random-weight files that stand in for the published. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishedModel } from '@mace/models';
import { serve, type TestServer } from '../packages/models/test/testing/server.js';
import { standIn, standInFigures } from '../packages/models/test/testing/standins.js';
import { bash, file, folder, jsonLines, mace } from '../packages/cli/test/testing/run.js';

let server: TestServer;
let cache: string;
const addressIn = (name: string): string => publishedModel(name).address.replace('https://', '');
beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), 'mace cache '));
  server = await serve({
    [addressIn('medium')]: { bytes: standIn('medium'), version: '"1"' },
    [addressIn('off-medium')]: { bytes: standIn('off-medium') },
    [addressIn('small')]: { bytes: standIn('medium') },
  });
  process.env.MACE_MIRROR = server.address;
  process.env.XDG_CACHE_HOME = cache;
});
afterAll(async () => {
  delete process.env.MACE_MIRROR;
  delete process.env.XDG_CACHE_HOME;
  rmSync(cache, { recursive: true, force: true });
  await server.close();
});

const water = 'water.xyz';
beforeAll(() => void file(water, '3\n\nO 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n'));

describe('models by name', () => {
  test('compute after one command, and offline from then on', async () => {
    const first = await mace('eval', water, '--model', 'mace-mp-0-medium', '--json');
    expect([first.code, first.err]).toEqual([0, '']);
    const again = await bash(`MACE_OFFLINE=1 mace eval ${water} --model medium --json`);
    expect(again.out).toBe(first.out);
    const file = jsonLines(first.out)[0]!.energy as number;
    const path = (await mace('models', 'path', 'medium')).out.trim();
    expect(jsonLines((await mace('eval', water, '--model', path, '--json')).out)[0]!.energy).toBe(file);
  });

  test('every command that takes a model takes a name', async () => {
    for (const words of [
      ['model', 'inspect', 'medium'],
      ['model', 'convert', 'medium', 'm.safetensors'],
      ['export', 'onnx', 'medium', 'm.onnx', '--elements', 'H,O'],
      ['estimate', '--model', 'medium', '--structures', water],
    ])
      expect(await mace(...words), words.join(' ')).toMatchObject({ code: 0 });
  });

  test('a file that has the name of a model is taken, and said', async () => {
    const hidden = file('off-medium', '');
    writeFileSync(hidden, standIn('medium'));
    const { code, err } = await mace('eval', water, '--model', 'off-medium');
    expect([code, err]).toEqual([0, expect.stringMatching(/^note: off-medium is a file .* for MACE-OFF23 medium/)]);
    rmSync(hidden);
  });

  test('list, pull, import and what goes wrong with them', async () => {
    expect((await mace('models', 'path', 'bundled')).out).toMatch(/hcno-xtb\.safetensors\n$/);
    expect((await mace('models', 'pull', 'bundled')).err).toContain('comes along');
    const listed = await mace('models', 'list');
    expect(listed.out).toMatch(/^medium +MACE-MP-0 medium +89 +1 +float32 +MIT +3\.5 MB$/m);
    const { err: licence } = await mace('models', 'pull', 'off-medium');
    expect(licence).toContain('`npm run mace -- models pull off-medium --accept-licence ASL`');
    expect(await mace('models', 'pull', 'off-medium', '--accept-licence', 'ASL')).toMatchObject({ code: 0 });
    expect(await mace('eval', water, '--model', 'off-medium')).toMatchObject({ code: 0 });
    expect((await mace('models', 'pull', 'small')).err).toContain('its sha256 is');
    expect((await mace('models', 'pull', 'medum')).err).toContain('The nearest: medium');
    const path = file('downloaded.model', '');
    writeFileSync(path, standIn('medium'));
    expect((await mace('models', 'import', path)).err).toContain('--name NAME');
    expect(await mace('models', 'import', path, '--name', 'medium')).toMatchObject({ code: 0 });
    expect((await mace('models', 'import', path, '--name', 'off-large')).err).toContain('is not MACE-OFF23 large');
    expect(
      jsonLines((await mace('models', 'list', '--elements', 'H,S,I', '--json')).out).map(({ name }) => name),
    ).toContain('off-medium');
    expect((await mace('models', 'list', '--elements', 'Hx')).err).toContain('Hx');
  });

  test('verify compares the file, and says what there is to compare', async () => {
    const { out, code } = await mace('models', 'verify', 'medium');
    expect([code, out]).toEqual([0, expect.stringContaining('as when it was first downloaded')]);
    const path = (await mace('models', 'path', 'medium')).out.trim();
    const bytes = readFileSync(path);
    bytes[bytes.length - 30_000]! ^= 1;
    writeFileSync(path, bytes);
    const damaged = await mace('models', 'verify', 'medium');
    expect([damaged.code, damaged.err]).toEqual([1, expect.stringContaining('medium')]);
    writeFileSync(path, standIn('medium'));
  });

  test('an element that a model lacks: the models that have it', async () => {
    const gold = file('gold.xyz', '1\n\nAu 0 0 0\n');
    expect((await mace('eval', gold)).err).toContain('Published models that know Au: medium-mpa-0, small, medium');
    expect((await mace('eval', gold, '--model', 'medium')).code).toBe(0);
  });

  test('the energies are those of mace-torch', async () => {
    const { figures } = standInFigures('medium');
    const atom = file('atom.xyz', '1\n\nO 0 0 0\n');
    const [result] = jsonLines((await mace('eval', atom, '--model', 'medium', '--json')).out);
    expect(result!.energy).toBeCloseTo(figures.find(({ structure }) => structure === 'isolated atom')!.energy, 9);
  });
});

describe('files that are refused', () => {
  test('are skipped when asked, and said', async () => {
    const mixed = file('mixed.xyz', '1\n\nH 0 0 0\n1\n\nFe 0 0 0\n1\n\nH 0 0 0\n');
    const broken = file('broken.xyz', '1\n\nH 0 0\n');
    const stopped = await mace('eval', mixed, broken, water);
    expect([stopped.code, stopped.err]).toEqual([
      1,
      expect.stringMatching(/mixed\.xyz, structure 1: Element that the model.* With --on-error skip it is left out/),
    ]);
    const skipped = await mace('eval', mixed, broken, water, '--on-error', 'skip', '--output', 'rest.xyz');
    expect(skipped).toMatchObject({ code: 0, out: expect.stringContaining('2 refused and skipped') as string });
    expect(skipped.err.match(/^skipped /gm)).toHaveLength(2);
    const lines = jsonLines((await mace('eval', mixed, broken, water, '--on-error', 'skip', '--json')).out);
    expect(lines.map(({ index, frame, error }) => [index, frame, error !== undefined])).toEqual([
      [0, 0, false],
      [1, 1, true],
      [2, 2, false],
      [3, 0, true],
      [4, 0, false],
    ]);
    expect(await mace('eval', broken, '--on-error', 'skip')).toMatchObject({ code: 1 });
  });

  test('files of one name in several folders are told apart', async () => {
    for (const name of ['one', 'two']) mkdirSync(join(folder, 'runs', name), { recursive: true });
    file('runs/one/x.xyz', '1\n\nH 0 0 0\n');
    file('runs/two/x.xyz', 'no atoms\n');
    const { code, err } = await mace('eval', 'runs/*/x.xyz');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^error \(format\): runs\/two\/x\.xyz line 1.* With --on-error skip it is left out/),
    ]);
  });

  test('a pattern that no file matches, and a folder without structures', async () => {
    const one = file('one water.xyz', '3\n\nO 0 0 0\nH 0.96 0 0\nH 0 0.96 0\n');
    const { code, out, err } = await mace('eval', 'none*.cif', one, '--on-error', 'skip', '--json');
    expect([code, err]).toEqual([0, expect.stringContaining('skipped none*.cif: no file matches this pattern')]);
    expect(jsonLines(out).map(({ index, file: name, error }) => [index, name, Boolean(error)])).toEqual([
      [null, 'none*.cif', true],
      [0, one, false],
    ]);
    const none = await mace('eval', 'none*.cif', '--on-error', 'skip');
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('the only structure or file was refused')]);
  });

  test('where all are refused, the output that is there stays', async () => {
    const before = file('results.xyz', '1\n\nH 0 0 0\n');
    const iron = file('iron.xyz', '1\n\nFe 0 0 0\n');
    const { code, out, err } = await mace('eval', iron, '--on-error', 'skip', '--output', before);
    expect([code, err]).toEqual([1, expect.stringContaining('results.xyz was not written')]);
    expect(out).not.toContain('wrote');
    expect(readFileSync(before, 'utf8')).toBe('1\n\nH 0 0 0\n');
  });
});

describe('the command line itself', () => {
  test('doctor finds the default backend, and says how to get the others', async () => {
    const { code, out } = await mace('doctor', '--json');
    const { engines } = jsonLines(out)[0] as { engines: { name: string; available: boolean; remedy: string | null }[] };
    expect(code).toBe(0);
    expect(engines.find(({ name }) => name === 'wasm')).toMatchObject({ available: true });
    for (const { available, remedy } of engines) if (!available) expect(remedy).toMatch(/npm|VK_ICD/);
  });

  test('errors are one line with the way to help', async () => {
    for (const [words, text] of [
      [
        ['eval', '--presision', 'f64'],
        /^error \(usage\): unknown option '--presision' \(Did you mean --precision\?\) See `npm run mace -- eval --help`\.\n$/,
      ],
      [['model', 'inspct'], /^error \(usage\): unknown command 'inspct' .*See `npm run mace -- model --help`\.\n$/],
      [['phonons', 'x.xyz'], /^error \(usage\): mace phonons is not here yet\. [^\n]+\n$/],
      [
        ['eval', '--backend', 'sharp'],
        /^error \(backend-unavailable\): --backend sharp: there is no such backend\.[^\n]+\n$/,
      ],
      [
        ['models', 'pull'],
        /^error \(usage\): missing required argument 'names'\. See `npm run mace -- models pull --help`\.\n$/,
      ],
    ] as const)
      expect(await mace(...words), words.join(' ')).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(text) as string,
      });
  });

  test.runIf(process.platform !== 'win32')('bash completes commands, options and files', async () => {
    const complete = (words: string): string =>
      `source <(mace completion bash); COMP_WORDS=(mace ${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); compopt() { :; }; _mace; echo "\${COMPREPLY[@]}"`;
    expect((await bash(complete('mod'))).out.trim()).toBe('model models');
    expect((await bash(complete('models pu'))).out.trim()).toBe('pull');
    expect((await bash(complete('eval --prec'))).out.trim()).toBe('--precision');
    expect((await bash(complete('eval water.xyz --precision f'))).out.trim()).toBe('f64 f32');
    expect((await bash(complete('eval --model medium-om'))).out.trim()).toBe('medium-omat-0');
    expect((await bash(complete('eval --output wat'))).out.trim()).toBe('water.xyz');
    expect((await bash(complete('models pull off-s'))).out.trim()).toBe('off-small');
    expect((await bash(complete('eval wat'))).out.trim()).toBe('water.xyz');
  });
});
