import { showNumber } from '../controllers/shown.js';
import { CODES } from '../queries/agreement.js';
import { MANY_REPLACED, MANY_RESTARTED } from '../queries/restarts.js';

/** The meaning of a metric of the generated templates from its number alone, and what to do about it. */
interface Meaning {
  /** Returns what a bad or doubtful value says about the release. */
  says(value: number): string;
  /** What to look at first. */
  readonly look: string;
}

const beyond = (what: string, when: string) => (value: number) =>
  `${what} ${when}: what is proven is ${showNumber(value)} times what is allowed`;
const routes = (one: string, many: string) => (value: number) =>
  value === 1 ? `a route ${one}` : `${showNumber(value)} routes ${many}`;

const SINCE_START = 'since the canary began';
const IN_WINDOW = 'in a window';

const OF_ERRORS = 'Find the routes and the statuses: sum by (route, status_code) (increase(http_errors_total[30m])).';
const OF_SLOWNESS =
  'Compare the slow share by route, look at coalmine_pod_warm (is the warm-up long enough?) and at the CPU limits.';
const OF_SHARED = 'Stable fails as well: fix what both sides need, then retry the analysis.';

const MEANINGS: Readonly<Record<string, Meaning>> = {
  instrumentation: {
    says: (value) => `app and templates differ: ${differencesIn(value)}`,
    look: 'Generate the templates again with the options of the app, or correct the options of the app.',
  },
  'error-ratio': { says: beyond('too many requests failed', IN_WINDOW), look: OF_ERRORS },
  'error-ratio-since-start': { says: beyond('too many requests failed', SINCE_START), look: OF_ERRORS },
  'slow-ratio': { says: beyond('too many requests were slow', IN_WINDOW), look: OF_SLOWNESS },
  'slow-ratio-since-start': { says: beyond('too many requests were slow', SINCE_START), look: OF_SLOWNESS },
  hangs: {
    says: beyond('too many requests hang', IN_WINDOW),
    look: 'Look at http_requests_overdue and http_requests_in_flight: a pool that is exhausted, a lock, a dependency without a timeout.',
  },
  'routes-failing': {
    says: routes('fails on the canary and not on stable', 'fail on the canary and not on stable'),
    look: 'Find the routes: topk(10, sum by (method, route) (increase(http_requests_failed_total[10m]))).',
  },
  'routes-slow': {
    says: routes('is slow on the canary and not on stable', 'are slow on the canary and not on stable'),
    look: 'Find the routes: topk(10, sum by (method, route) (increase(http_requests_slow_total[10m]))).',
  },
  'routes-slower': {
    says: routes('has become much slower than on stable', 'have become much slower than on stable'),
    look: 'Compare the mean durations with stable: sum by (method, route) (increase(http_request_duration_seconds_sum[10m])), divided by the same of http_request_duration_seconds_count.',
  },
  'routes-turning-away': {
    says: routes(
      'turns away users (3xx, 401, 403, 404, 429) that stable serves',
      'turn away users (3xx, 401, 403, 404, 429) that stable serves',
    ),
    look: 'Compare sum by (method, route, status_code) (increase(http_errors_total[10m])) with stable; if the difference is intended, allow it with --accept.',
  },
  'routes-differing': {
    says: routes(
      'responds with 3xx, 4xx or without a result (202, 204) more often than on stable, or loses its clients before the response (499); the difference is proven but small',
      'respond with 3xx, 4xx or without a result (202, 204) more often than on stable, or lose their clients before the response (499); the difference is proven but small',
    ),
    look: 'Look at the route; go on, or allow an intended difference with --accept.',
  },
  'unmatched-differing': {
    says: () =>
      'requests that reach no route which both sides know get 3xx, 4xx or no result (202, 204) more often than on stable, fail or are slow, or 404s replace the requests to a route',
    look: 'Look at middleware that refuses requests, at new and renamed routes, at routes without requests and at slashes at the end of paths; if a scanner came, go on.',
  },
  'routes-lost': {
    says: routes('that stable serves is gone from the canary', 'that stable serves are gone from the canary'),
    look: 'Compare the routes that the release registers with the routes of stable: a plugin or a prefix is gone.',
  },
  'users-refused': {
    says: () =>
      'a middleware turns away users (3xx, 4xx) that stable serves: the canary serves less than its share of the traffic',
    look: 'Look at the middleware that runs before the routes: sessions, tokens and their keys, the limit of a client, redirects.',
  },
  unscraped: {
    says: (value) =>
      `Prometheus has not reached ${showNumber(value)} ${value === 1 ? 'pod' : 'pods'} of the canary for minutes, so nobody judges the requests of these pods`,
    look: "Look at the pods on Prometheus' /targets; if they are ending, or have not started yet, go on.",
  },
  saturation: {
    says: (value) =>
      `${showNumber(value)} ${value === 1 ? 'pod was' : 'pods were'} busy nearly all of the time while stable was not: the canary cannot keep up`,
    look: 'Look at the CPU limit, and take a profile: find out what holds the event loop of the pod, or of a worker of its cluster.',
  },
  restarts: {
    says: (value) => {
      if (value === MANY_RESTARTED) return 'several pods of the canary were restarted once: memory may leak';
      if (value === MANY_REPLACED)
        return 'pods of the canary ended again and again, and pods with other names replaced them';
      return `pods of the canary were restarted ${value === 1 ? 'once' : `${showNumber(value)} times`}`;
    },
    look: 'kubectl logs --previous, kubectl describe pod and kubectl get events: out of memory, an eviction, a liveness probe, an unhandled rejection.',
  },
  'schema-state': {
    says: (value) =>
      value < 0.9
        ? 'the database is behind this build'
        : 'the database cannot serve this build, or its migration failed',
    look: 'Read /readyz?verbose of a pod. Behind: run the migration, then retry. Failed: fix the migration.',
  },
  'shared-errors': { says: () => 'requests fail on the canary and on stable alike', look: OF_SHARED },
  'shared-slowness': { says: () => 'requests are slow on the canary and on stable alike', look: OF_SHARED },
  traffic: {
    says: (value) => `${showNumber(value)} requests in a window are too few to judge`,
    look: 'Wait, raise the weight of the step, or promote by hand.',
  },
  arrival: {
    says: () => 'the canary gets less than half of the traffic that the step gives it',
    look: "Look at the Service's port, at a NetworkPolicy, and for 502s in the log of the ingress.",
  },
};

const DIFFERENCES: Readonly<Record<keyof typeof CODES, string>> = {
  requests: 'http_requests_total or one of its labels is missing',
  failed: 'http_requests_failed_total or one of its labels is missing',
  timed: 'http_requests_timed_total or one of its labels is missing',
  slow: 'http_requests_slow_total or one of its labels is missing',
  objective: 'the objective of the app differs from the objective of the templates',
  schema: 'the app does not report the state of its schema',
  names: 'the app has the names of the other preset (`names`)',
  stable: 'stable lacks series that the canary has',
  scrapes: 'Prometheus scrapes more rarely than the queries assume (`analysis.scrapeSeconds`)',
};

function differencesIn(code: number): string {
  const differing = Object.entries(CODES).filter(([, bit]) => (code & bit) !== 0);
  return differing.map(([name]) => DIFFERENCES[name as keyof typeof CODES]).join('; ') || `code ${showNumber(code)}`;
}

const UNANSWERED = {
  says: 'the query returned nothing: Prometheus has no series of the canary, or a series or a label that the query needs is missing',
  look: "Check that the canary is scraped: Prometheus' /targets, the labels of up, a NetworkPolicy, the port's name in the PodMonitor.",
} as const;

/** Whether a metric has a name from the templates that `coalmine manifests` writes. */
function isGenerated(metric: string): boolean {
  return Object.hasOwn(MEANINGS, metric);
}

/**
 * Returns what a value of a metric says about the release; `undefined` for other metrics. A value of `undefined` is an
 * empty result.
 */
export function meaningOf(metric: string, value: number | undefined): string | undefined {
  if (!isGenerated(metric)) return undefined;
  return value === undefined ? UNANSWERED.says : MEANINGS[metric]?.says(value);
}

/** Returns what to look at first; `undefined` for other metrics whose query returned something. */
export function lookAt(metric: string, isUnanswered: boolean): string | undefined {
  if (isUnanswered) return UNANSWERED.look;
  return isGenerated(metric) ? MEANINGS[metric]?.look : undefined;
}
