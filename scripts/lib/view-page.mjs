// The page of `mace view`: its markup, its style and its script with three.js and uPlot, as one file. It lies beside the command line's
// JavaScript and is read when it is shown.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from './workspace.mjs';

const folder = join(root, 'packages', 'cli');
const source = join(folder, 'src', 'view', 'page');

/** Writes `packages/cli/dist/view.html`. */
export async function bundleViewPage() {
  const { build, transform } = await import('esbuild');
  const require = createRequire(join(folder, 'package.json'));
  const { outputFiles } = await build({
    entryPoints: [join(source, 'main.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // From sources, as nothing else has to be built first.
    conditions: ['@mace/source'],
    legalComments: 'none',
    write: false,
    logLevel: 'warning',
  });
  const uplot = readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  const own = readFileSync(join(source, 'view.css'), 'utf8');
  const style = await transform(uplot + own, { loader: 'css', minify: true });
  // A script ends at the first such tag, in a text of its own too.
  const script = (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const html = readFileSync(join(source, 'view.html'), 'utf8')
    .replace('<script>', '<script type="module">')
    .replace(/\/\* style \*\/\s*/, () => style.code)
    .replace(/\/\* script \*\/\s*/, () => script)
    .replace('</html>', () => `<!--\n${licences(require)}\n--></html>`);
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'dist', 'view.html'), html);
}

/**
 * What the authors of the libraries want to go with copies of them.
 * @param {NodeJS.Require} require
 */
function licences(require) {
  // three.js exports its code alone.
  const three = createRequire(join(root, 'packages', 'viewer', 'package.json')).resolve('three');
  const files = [
    ['three.js', join(dirname(three), '..', 'LICENSE')],
    ['uPlot', require.resolve('uplot/LICENSE')],
  ];
  // Two dashes would end the comment.
  return files
    .map(([name, path = '']) => `${name}\n${readFileSync(path, 'utf8')}`)
    .join('\n')
    .replaceAll('--', '- -');
}
