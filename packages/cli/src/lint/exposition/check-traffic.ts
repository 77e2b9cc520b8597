import type { Names } from '@coalmine/metrics';
import type { Finding } from '../finding.js';
import { groupedBy } from './exposition.js';
import { found } from './rules.js';
import { classOf, labelNames, type Requests, type Traffic, totalName } from './traffic.js';

export interface TrafficExpectations {
  readonly names: Names;
  /** Whether Flagger's built-in checks will ask. */
  readonly isForFlagger: boolean;
}

// Paths that orchestrators and scrapers ask.
const PROBES =
  /^\/?(?:-\/)?(?:actuator\/)?(?:metrics|health|healthz|healthcheck|health-check|livez|liveness|live|readyz|readiness|ready|startupz|startup|ping|status|_health)(?:\/(?:live|liveness|ready|readiness|startup))?\/?$/i;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY']);

/** What a controller's queries about requests and errors would trip over. */
export function checkTraffic(traffic: Traffic, expected: TrafficExpectations): readonly Finding[] {
  return [
    ...whatIsThere(traffic),
    ...whatItIsCalled(traffic, expected.names),
    ...(expected.isForFlagger ? flaggerLabel(traffic) : []),
    ...zeros(traffic),
    ...probes(traffic),
    ...methods(traffic),
  ];
}

function whatIsThere({ counter, durations, summary, errors, family, labels }: Traffic): readonly Finding[] {
  const findings: Finding[] = [];
  if (errors !== undefined && counter === undefined && durations === undefined) {
    findings.push(
      found(
        'errors-without-requests',
        'error',
        errors.line,
        `${totalName(errors)} counts errors, and nothing counts requests: no share of errors can be asked`,
      ),
    );
  }
  if (family === undefined) {
    findings.push(
      found(
        'no-requests',
        'error',
        1,
        'There is neither a counter of requests nor a histogram of their durations, so that every query of a controller is empty: an error for Argo Rollouts, "no values found" for Flagger',
      ),
    );
    return findings;
  }
  if (counter === undefined) {
    findings.push(
      found(
        'no-request-counter',
        'warning',
        family.line,
        `There is no counter of requests beside ${family.name}. A template that asks http_requests_total, as the common ones do, gets an empty result; ${family.name}_count has the same numbers`,
      ),
    );
  }
  if (durations === undefined && summary === undefined) {
    findings.push(
      found(
        'no-duration-histogram',
        'error',
        family.line,
        `There is no histogram of durations beside ${totalName(family)}: a canary that is slow, or every query for its latency, cannot be judged`,
      ),
    );
  }
  if (labels.status === undefined) {
    findings.push(
      found(
        'missing-status-label',
        'error',
        family.line,
        `${totalName(family)} has no label for the status (it has ${shownLabels(traffic(family))}), so that failures cannot be told from successes`,
      ),
    );
  }
  if (labels.route === undefined) {
    findings.push(
      found(
        'missing-route-label',
        'warning',
        family.line,
        `${totalName(family)} has no label for the route (it has ${shownLabels(traffic(family))}). Where probes, or one route of many, must be told apart, no query can`,
      ),
    );
  }
  return findings;

  function traffic(of: NonNullable<typeof family>): ReadonlySet<string> {
    return labelNames(of);
  }
}

/** What is there, but under another name than whoever asks has been told. */
function whatItIsCalled({ counter, durations, labels }: Traffic, names: Names): readonly Finding[] {
  const pairs = [
    [counter && totalName(counter), names.requests],
    [durations?.name, names.duration],
    [labels.method, names.labels.method],
    [labels.route, names.labels.route],
    [labels.status, names.labels.status_code],
  ] as const;
  const other = pairs.filter(([is, expected]) => is !== undefined && is !== expected);
  if (other.length === 0) return [];
  const list = other.map(([is, expected]) => `${is} for ${expected}`).join(', ');
  const line = (counter ?? durations)?.line ?? 1;
  return [
    found(
      'unexpected-name',
      'warning',
      line,
      `It says ${list}. A query that asks by the names on the right is empty, or counts no failure`,
    ),
  ];
}

/** The built-in checks of Flagger ask one histogram by one label, whatever there is. */
function flaggerLabel({ durations, family }: Traffic): readonly Finding[] {
  const name = 'http_request_duration_seconds';
  if (durations?.name === name && labelNames(durations).has('status')) return [];
  const why =
    durations?.name === name
      ? `${name} has no label status, and a label that is absent is not "5.*": request-success-rate is always 100 %, whatever fails`
      : `There is no histogram ${name}: request-success-rate and request-duration find no values, and the canary is halted`;
  return [
    found(
      'flagger-label',
      'error',
      (durations ?? family)?.line ?? 1,
      `Flagger's built-in checks ask ${name}{status}. ${why}`,
    ),
  ];
}

/** Routes that have answered and have no series for a failure yet. */
function zeros({ family, labels, requests }: Traffic): readonly Finding[] {
  if (family === undefined || labels.status === undefined) return [];
  const routes = [...groupedBy(requests, ({ method, route }) => JSON.stringify([method, route])).values()];
  const answered = routes.filter((statuses) => statuses.some(({ status }) => ['2', '3'].includes(classOf(status))));
  const blind = answered.filter((statuses) => !statuses.some(({ status }) => classOf(status) === '5'));
  const [[first] = []] = blind;
  if (first === undefined) return [];
  return [
    found(
      'no-zero-series',
      'error',
      first.line,
      `${blind.length} of ${answered.length} ${answered.length === 1 ? 'route' : 'routes'} with answers ${blind.length === 1 ? 'has' : 'have'} no series for a 5xx${shownRoute(first)}. The first failure begins a series at 1, of which rate() sees nothing; until then a share of errors is empty, which is an error for Argo Rollouts`,
    ),
  ];
}

function probes({ requests }: Traffic): readonly Finding[] {
  const counted = requests.filter(({ route, count }) => count > 0 && PROBES.test(route));
  const [first] = counted;
  if (first === undefined) return [];
  const sum = (list: readonly Requests[]): number => list.reduce((total, { count }) => total + count, 0);
  const routes = [...new Set(counted.map(({ route }) => route))];
  return [
    found(
      'probes-counted',
      'warning',
      first.line,
      `${sum(counted)} of ${sum(requests)} requests are those of ${listed(routes)}. Where users are few they dilute errors and waits, and the 503 of a pod that is starting counts against it`,
    ),
  ];
}

function methods({ requests }: Traffic): readonly Finding[] {
  const isOdd = ({ method }: Requests): boolean =>
    method !== '' && !METHODS.has(method.toUpperCase()) && !/^_?other$|^unknown$/i.test(method);
  const odd = requests.filter(isOdd);
  const [first] = odd;
  if (first === undefined) return [];
  const values = [...new Set(odd.map(({ method }) => method))];
  return [
    found(
      'unknown-method',
      'warning',
      first.line,
      `${listed(values)} ${values.length === 1 ? 'is no method' : 'are no methods'} of HTTP. Where a scanner invents them, each is a new set of series`,
    ),
  ];
}

/** Some of many, for a sentence. */
export function listed(values: readonly string[]): string {
  const shown = values.slice(0, 3).map((value) => (value.length > 80 ? `${value.slice(0, 77)}...` : value));
  return values.length <= 3 ? shown.join(', ') : `${shown.join(', ')} and ${values.length - 3} more`;
}

function shownLabels(names: ReadonlySet<string>): string {
  return names.size === 0 ? 'none at all' : [...names].join(', ');
}

function shownRoute({ method, route }: Requests): string {
  const text = [method, route].filter((part) => part !== '').join(' ');
  return text === '' ? '' : `, ${text} for one`;
}
