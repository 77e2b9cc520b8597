import type { EndpointPath, Probe } from '@coalmine/health';
import type { Request, Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';

export { endpointFor } from '@coalmine/health';

/** A path of ours with the handler that serves it, the same on every framework and on the admin listener. */
export interface Endpoint extends EndpointPath {
  /** What its requests are excluded as. */
  readonly reason: 'health' | 'metrics';
  /** The question that an endpoint of health answers. */
  readonly probe?: Probe;
  /** Answers `GET` and `HEAD`, for all or for the check of that name; never throws or rejects. */
  handle(request: Request, response: Response, check?: string): void;
}

/** An endpoint on the app's own server, beside what users ask for. */
export interface MountedEndpoint extends Endpoint {
  /** Takes an exchange for one of the endpoint's, which is no user's, even where somebody else answers it. */
  assign(exchange: HttpExchange): void;
}

/** What to say where the app has a path of ours. */
export function pathTaken({ reason, path }: Endpoint): string {
  const option = reason === 'metrics' ? 'metrics.path' : 'health.paths and health.aliases';
  return `${path} is a path of the app and of Coalmine: give ours another with ${option}, or none`;
}
