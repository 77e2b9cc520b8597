import type { Request, Response } from './http.js';

/** A path of ours with the handler that serves it, the same on every framework and on the admin listener. */
export interface Endpoint {
  /** What its requests are excluded as. */
  readonly reason: 'health' | 'metrics';
  readonly path: string;
  /** Answers `GET` and `HEAD`; never throws or rejects. */
  handle(request: Request, response: Response): void;
}

/** The endpoint that a request asks for, if any. */
export function endpointFor(endpoints: readonly Endpoint[], request: Request): Endpoint | undefined {
  const { url = '', method } = request;
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  return endpoints.find(({ path }) => url === path || (url.startsWith(path) && url[path.length] === '?'));
}
