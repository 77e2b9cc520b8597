import type { Request, Response } from './http.js';

/** A path of ours with the handler that serves it, the same on every framework and on the admin listener. */
export interface Endpoint {
  /** What its requests are excluded as. */
  readonly reason: 'health' | 'metrics';
  readonly path: string;
  /** Whether `<path>/<check>` is its own too. */
  readonly hasChecks: boolean;
  /** Answers `GET` and `HEAD`; never throws or rejects. */
  handle(request: Request, response: Response): void;
}

/** The endpoint that a request asks for, if any. */
export function endpointFor(endpoints: readonly Endpoint[], request: Request): Endpoint | undefined {
  const { url = '', method } = request;
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  return endpoints.find(({ path, hasChecks }) => {
    if (!url.startsWith(path)) return false;
    const next = url[path.length];
    return next === undefined || next === '?' || (hasChecks && next === '/');
  });
}

/** What to say where the app has a path of ours. */
export function pathTaken({ reason, path }: Endpoint): string {
  const option = reason === 'metrics' ? 'metrics.path' : 'health.paths and health.aliases';
  return `${path} is a path of the app and of Coalmine: give ours another with ${option}, or none`;
}
