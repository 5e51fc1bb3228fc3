// One report of the conformance kit from those of its parts, which ran one after another on one device.

/** @typedef {import('@mace/conformance').Report} Report */

const statuses = /** @type {const} */ (['passed', 'failed', 'limited', 'unavailable']);
/** How many of the slowest cases a report names, beside those that did not pass. */
const slow = 10;

/** @param {readonly Report[]} parts - at least one @returns {Report} */
export function joinedReport(parts) {
  const [first] = parts;
  if (!first) throw new RangeError('there is no report to join.');
  const absent = parts.find((part) => part.absent);
  if (absent) return absent;
  /** @type {Record<string, import('@mace/conformance').SuiteSummary>} */
  const suites = {};
  /** @type {Record<string, number>} */
  const reasons = {};
  for (const part of parts) {
    for (const [name, suite] of Object.entries(part.suites)) {
      const known = suites[name];
      suites[name] = known ? { ...added(known, suite), worst: largest(known.worst, suite.worst) } : { ...suite };
    }
    for (const [reason, count] of Object.entries(part.unavailableBecause ?? {}))
      reasons[reason] = (reasons[reason] ?? 0) + count;
  }
  const notable = parts.flatMap((part) => part.notable);
  const slowest = new Set([...notable].sort((a, b) => b.seconds - a.seconds).slice(0, slow));
  return {
    ...first,
    ...parts.map(countsOf).reduce(added),
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    suites,
    errors: {
      reference: parts.map(({ errors }) => errors.reference).reduce(largerOfEach),
      rotation: parts.map(({ errors }) => errors.rotation).reduce(largerOfEach),
    },
    unavailableBecause: reasons,
    notable: notable.filter((one) => one.status === 'failed' || one.status === 'limited' || slowest.has(one)),
  };
}

/** @param {import('@mace/conformance').Counts} counts */
function countsOf({ passed, failed, limited, unavailable }) {
  return { passed, failed, limited, unavailable };
}

/** @param {import('@mace/conformance').Counts} a @param {import('@mace/conformance').Counts} b */
function added(a, b) {
  const sum = countsOf(a);
  for (const status of statuses) sum[status] += b[status];
  return sum;
}

/** @param {number | null} a @param {number | null} b */
function largest(a, b) {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** @param {import('@mace/conformance').Measured} a @param {import('@mace/conformance').Measured} b */
function largerOfEach(a, b) {
  /** @type {Record<string, number>} */
  const both = { ...a };
  for (const [name, value] of Object.entries(b)) both[name] = Math.max(both[name] ?? 0, value);
  return both;
}
