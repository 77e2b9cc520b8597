import type { ProbeRequest } from './health-options.js';

/** The path of an endpoint. */
export interface EndpointPath {
  readonly path: string;
  /** Whether `<path>/<check>` is served, too. */
  readonly hasChecks: boolean;
}

/** The endpoint that a request asks for, and the name of the check if the request asks for one check only. */
export interface Asked<E extends EndpointPath> {
  readonly endpoint: E;
  readonly check: string | undefined;
}

/** Returns the endpoint that a `GET` or `HEAD` asks for, or `undefined` for any other request. */
export function endpointFor<E extends EndpointPath>(
  endpoints: readonly E[],
  request: ProbeRequest,
): Asked<E> | undefined {
  const url = originForm(request.url ?? '');
  for (const endpoint of endpoints) {
    const { path, hasChecks } = endpoint;
    if (!url.startsWith(path)) continue;
    // Read late, because it is a costly read on the requests of Express.
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    const next = url[path.length];
    if (next === undefined || next === '?') return { endpoint, check: undefined };
    if (next !== '/' || !hasChecks) continue;
    const [check = ''] = url.slice(path.length + 1).split('?', 1);
    if (check !== '' && !check.includes('/')) return { endpoint, check };
  }
  return undefined;
}

/** Returns the path and the query of a request target. Proxies and monitors may send a complete URL, which a server must accept. */
function originForm(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
}
