// What may not stand in any tracked file: commands that would run a stranger's package, and traces of one machine.
import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { read, trackedFiles } from './support/workspace.js';

const binary = /\.(model|pt|png|gif|ico|gz|zip|wasm|tgz|npz|npy|safetensors)$/;
const files = trackedFiles();
const texts = (files ?? []).filter((path) => !binary.test(path)).map((path) => [path, read(path)] as const);

/** Lines that match, as `path:line: text`. */
function findLines(pattern: RegExp): string[] {
  return texts.flatMap(([path, text]) =>
    pattern.test(text)
      ? text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []))
      : [],
  );
}

// Put together from parts, so that this file does not match itself.
const runner = ['n', 'p', 'x'].join('');
const bare = new RegExp(`\\b${runner}(\\.cmd)?\\s+(-y\\s+|--yes\\s+)?mace\\b`);
const places = new RegExp(`(^|[\\s'"\`(=:])/(${['work', 'root', 'home', 'Users'].join('|')})/`, 'm');
const registries = new RegExp(['registry', '(npmjs|yarnpkg)', ''].join('\\.'));

describe.skipIf(!files)('tracked files', () => {
  it('are found', () => {
    expect(texts.map(([path]) => path)).toContain('package.json');
  });

  // npm has an unrelated package called mace, which that command would download and run.
  it(`never say "${runner}" with the bare name`, () => {
    expect(bare.test(`${runner} mace eval`) && bare.test(`${runner} -y mace`)).toBe(true);
    expect(bare.test(`${runner} --no-install mace`) || bare.test(`${runner} @mace/cli`)).toBe(false);
    expect(findLines(bare)).toEqual([]);
  });

  it('name no path of one machine', () => {
    expect(places.test(`cd ${'/work'}/x`)).toBe(true);
    expect(findLines(places)).toEqual([]);
  });

  it('name no package registry', () => {
    expect(registries.test(['https://registry', 'npmjs', 'org'].join('.'))).toBe(true);
    expect(findLines(registries)).toEqual([]);
    expect(read('pnpm-lock.yaml')).not.toMatch(/tarball:\s*http/);
    expect(read('.npmrc')).not.toMatch(/registry|_auth/);
  });

  it('have LF line ends, but for the files that test the other kind', () => {
    expect(
      texts.filter(([path, text]) => text.includes('\r\n') && !path.includes('crlf')).map(([path]) => path),
    ).toEqual([]);
  });

  it('are at most 2 MB each', () => {
    expect(files!.filter((path) => statSync(new URL(`../${path}`, import.meta.url)).size > 2e6)).toEqual([]);
  });
});

describe('package scripts', () => {
  it('use no shell syntax, which Windows would read otherwise', () => {
    const manifests = [
      'package.json',
      ...(files ?? []).filter((path) => /^packages\/[^/]+\/package\.json$/.test(path)),
    ];
    for (const path of manifests) {
      const { scripts = {} } = JSON.parse(read(path)) as { scripts?: Record<string, string> };
      const shell = Object.entries(scripts).filter(([, command]) => /[&|;<>$`'*(]|^\w+=/.test(command));
      expect(shell, path).toEqual([]);
    }
  });
});
