import { showCount } from '../../controllers/shown.js';
import { createExpositionFinding } from '../create-finding.js';
import type { Finding } from '../finding.js';
import { countingSamplesOf, type Exposition, type Family, groupedBy } from './exposition.js';
import { listSome } from './sentence.js';
import { classOf, labelNames, type Traffic, totalName } from './traffic.js';

// The most routes to which Coalmine gives their own series, and its two other routes.
const MANY_VALUES = 1_002;
const MANY_SERIES = 10_000;
// Fewer values may come from a list that somebody maintains.
const SOME_VALUES = 20;
const SCANNED = 3;

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const IDENTITIES: readonly RegExp[] = [
  UUID,
  /^\d{4,}$/,
  /^[^@\s]+@[^@\s]+\.[a-z]{2,}$/i,
  /^(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?$/,
  /^[0-9a-f:]*:[0-9a-f:]+$/i,
  /^\d{4}-\d\d-\d\dT/,
];

/** Returns labels whose number of values depends on the clients, not on the service. */
export function checkLabels({ families }: Exposition, traffic: Traffic): readonly Finding[] {
  return [...rawPaths(traffic), ...findScanned(traffic), ...families.flatMap((family) => cardinality(family, traffic))];
}

/** Finds paths in place of the patterns of routes. */
function rawPaths({ family, labels, requests }: Traffic): readonly Finding[] {
  const routes = [...new Set(requests.map(({ route }) => route))];
  const numbered = groupedBy(
    routes.filter((route) => !isPattern(route)),
    withoutNumbers,
  );
  const isRaw = (route: string): boolean =>
    hasQuery(route) ||
    (!isPattern(route) &&
      (route.split('/').some(isIdentity) || (numbered.get(withoutNumbers(route))?.length ?? 0) > 1));
  const raw = routes.filter(isRaw);
  const first = requests.find(({ route }) => route === raw[0]);
  if (family === undefined || first === undefined) return [];
  return [
    createExpositionFinding(
      'path-as-label',
      first.line,
      `${raw.length} of ${routes.length} values of ${labels.route} in ${totalName(family)} are paths, not patterns: ${listSome(raw)}. Each path starts its own series at 1, an increase that rate() does not see, and their number is unlimited`,
    ),
  ];
}

/** Finds paths that nothing serves, such as paths from scanners, each with its own series. */
function findScanned({ labels, requests }: Traffic): readonly Finding[] {
  const routes = groupedBy(requests, ({ route }) => route);
  const missed = [...routes].filter(
    ([route, statuses]) =>
      /^\/[^:*{}()#]*$/.test(route) &&
      statuses.every(({ status }) => classOf(status) === '4' && /^4(?:04|xx)$/i.test(status)),
  );
  const [[, [first] = []] = []] = missed;
  if (first === undefined || missed.length < SCANNED) return [];
  return [
    createExpositionFinding(
      'unmatched-paths',
      first.line,
      `${missed.length} values of ${labels.route} have had only 404s: ${listSome(missed.map(([route]) => route))}. A scanner can create any number of series`,
    ),
  ];
}

function cardinality(family: Family, { labels: { route }, family: requests }: Traffic): readonly Finding[] {
  const series = countingSamplesOf(family);
  const findings: Finding[] = [];
  const counts: [label: string, values: number][] = [];
  for (const label of labelNames(family)) {
    const values = [...new Set(series.flatMap(({ labels }) => labels.get(label) ?? []))];
    counts.push([label, values.length]);
    // The values of the route have a rule of their own.
    if (values.length < SOME_VALUES || (label === route && family === requests)) continue;
    const identities = values.filter((value) => IDENTITIES.some((pattern) => pattern.test(value)) || isRandom(value));
    if (identities.length < values.length / 2) continue;
    findings.push(
      createExpositionFinding(
        'unbounded-label',
        family.line,
        `The label ${label} of ${totalName(family)} has ${values.length} values, ${identities.length} of them ids, addresses or times: ${listSome(identities)}. Each starts its own series at 1, an increase that rate() does not see, and their number is unlimited`,
      ),
    );
  }
  const [label, values] = counts.reduce((most, count) => (count[1] > most[1] ? count : most), ['', 0]);
  if (findings.length === 0 && (series.length > MANY_SERIES || values > MANY_VALUES)) {
    findings.push(
      createExpositionFinding(
        'many-series',
        family.line,
        `${totalName(family)} has ${showCount(series.length)} series; its label ${label} has ${showCount(values)} values. If a scrape takes longer than Prometheus waits, a canary has no numbers at all`,
      ),
    );
  }
  return findings;
}

/** Whether a route has parameters, in the notation of any framework, or is a name and not a path. */
function isPattern(route: string): boolean {
  return /[:*{}()<>#[\]\\^$]/.test(route);
}

/** Whether a route has a query. A `?` may also belong to an expression, or to an optional part. */
function hasQuery(route: string): boolean {
  return /^[^?\\^$()*]*\?[\w.%[\]-]+=/.test(route);
}

function withoutNumbers(route: string): string {
  return route.replace(/\/\d+(?=\/|$)/g, '/0');
}

/** Whether a part of a path looks like one of many; a year or a status does not. */
function isIdentity(segment: string): boolean {
  return UUID.test(segment) || /^\d{5,}$/.test(segment) || isRandom(segment);
}

/** Whether a text is long and mixes letters and digits as no word does. */
function isRandom(text: string): boolean {
  if (/^[0-9a-f]{16,}$/i.test(text) && /\d/.test(text)) return true;
  return (
    /^[\w-]{20,}$/.test(text) &&
    (text.match(/\d/g)?.length ?? 0) >= 3 &&
    (text.match(/[a-z]\d|\d[a-z]/gi)?.length ?? 0) >= 3
  );
}
