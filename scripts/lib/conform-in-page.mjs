// Runs the conformance kit on a backend that needs a page, in a headless Chromium.
import { selectCases } from '@mace/conformance';
import { joinedReport } from './joined-report.mjs';
import { moduleOf, pageBackends } from './page-backends.mjs';
import { runInPage } from './page.mjs';

/**
 * The report of the kit on a page backend.
 * @param {string} name
 * @param {{ precision: 'f32' | 'f64', only?: readonly string[], limitations?: readonly unknown[],
 *   timeoutSeconds?: number,
 *   onCase?: (result: import('@mace/conformance').CaseResult) => void }} options
 * @returns {Promise<import('@mace/conformance').Report>}
 */
export async function conformInPage(name, options) {
  const { casesPerPage } = pageBackends[name] ?? {};
  if (!casesPerPage || options.only) return conformInOnePage(name, options);
  const paths = selectCases(null).map(({ path }) => path);
  /** @type {import('@mace/conformance').Report[]} */
  const parts = [];
  for (let from = 0; from < paths.length; from += casesPerPage)
    parts.push(await conformInOnePage(name, { ...options, only: paths.slice(from, from + casesPerPage) }));
  return { ...joinedReport(parts), only: null };
}

/**
 * @param {string} name
 * @param {Parameters<typeof conformInPage>[1]} options
 * @returns {Promise<import('@mace/conformance').Report>}
 */
async function conformInOnePage(name, { onCase, ...options }) {
  const module = moduleOf(name);
  const source = `import { definition } from 'page:${name}';
    import { runConformance } from '@mace/conformance';
    export const main = (progress) =>
      runConformance(definition, { ...${JSON.stringify(options)}, onCase: (result) => progress(JSON.stringify(result)) });`;
  return runInPage(source, {
    folder: module.folder,
    modules: { [name]: module },
    assets: pageBackends[name]?.assets ?? [],
    timeoutSeconds: 7200,
    ...(onCase && { onProgress: (text) => onCase(JSON.parse(text)) }),
  });
}
