import { createExpositionFinding } from '../create-finding.js';
import type { Finding } from '../finding.js';
import { groupedBy } from './exposition.js';
import { listSome } from './sentence.js';
import { classOf, type Requests, type Traffic } from './traffic.js';

// Paths that orchestrators and scrapers request.
const PROBES =
  /^\/?(?:-\/)?(?:actuator\/)?(?:metrics|health|healthz|healthcheck|health-check|livez|liveness|live|readyz|readiness|ready|startupz|startup|ping|status|_health)(?:\/(?:live|liveness|ready|readiness|startup))?\/?$/i;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY']);

/** Checks which requests are counted, and which are missing. */
export function checkRequests(traffic: Traffic): readonly Finding[] {
  return [...zeros(traffic), ...probes(traffic), ...methods(traffic)];
}

/** Finds routes that have served requests and have no series for a failure yet. */
function zeros({ family, labels, requests }: Traffic): readonly Finding[] {
  if (family === undefined || labels.status === undefined) return [];
  const routes = [...groupedBy(requests, ({ method, route }) => JSON.stringify([method, route])).values()];
  const answered = routes.filter((statuses) => statuses.some(({ status }) => ['2', '3'].includes(classOf(status))));
  const blind = answered.filter((statuses) => !statuses.some(({ status }) => classOf(status) === '5'));
  const [[first] = []] = blind;
  if (first === undefined) return [];
  return [
    createExpositionFinding(
      'no-zero-series',
      first.line,
      `${blind.length} of ${answered.length} ${answered.length === 1 ? 'route' : 'routes'} with requests ${blind.length === 1 ? 'has' : 'have'} no series for a 5xx${showRoute(first)}. The first failure starts a series at 1, an increase that rate() does not see; until then a share of errors is empty, which is an error for Argo Rollouts`,
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
    createExpositionFinding(
      'probes-counted',
      first.line,
      `${sum(counted)} of ${sum(requests)} requests go to ${listSome(routes)}. If users are few, these requests dilute errors and waits, and the 503 of a starting pod counts against it`,
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
    createExpositionFinding(
      'unknown-method',
      first.line,
      `${listSome(values)} ${values.length === 1 ? 'is not a method' : 'are not methods'} of HTTP. A scanner can invent methods, and each is a new set of series`,
    ),
  ];
}

function showRoute({ method, route }: Requests): string {
  const text = [method, route].filter((part) => part !== '').join(' ');
  return text === '' ? '' : `, ${text} for one`;
}
