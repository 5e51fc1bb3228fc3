/** What the playground is served with: policies that keep pages and workers to their own files, and the isolation that threads need. */

/** Threads share memory only where nobody else's page is in reach. */
export const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const common = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  // Published models are fetched from their hosts, after a yes.
  'connect-src': "'self' https:",
  'base-uri': "'none'",
  'form-action': "'none'",
};

/** Of the page, which has it in its head too, for hosts that set no headers. */
export const pagePolicy = policyText({
  ...common,
  'worker-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  'font-src': "'self'",
  'manifest-src': "'self'",
});

/** Of workers, which do not take that of their page. Their threads begin as text of the code that starts them. */
export const workerPolicy = policyText({ ...common, 'worker-src': 'blob:' });

/** Headers of a file of the build, by its path in the folder. */
export function headersOf(path: string): Readonly<Record<string, string>> {
  const policy = /(^|\/)assets\/worker-[^/]*$/.test(path) ? workerPolicy : pagePolicy;
  return { ...isolation, 'content-security-policy': policy, 'x-content-type-options': 'nosniff' };
}

function policyText(policy: Readonly<Record<string, string>>): string {
  return Object.entries(policy)
    .map((words) => words.join(' '))
    .join('; ');
}
