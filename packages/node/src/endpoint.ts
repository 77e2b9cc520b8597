import type { EndpointPath, Probe } from '@coalmine/health';
import type { Request, Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';

export { endpointFor } from '@coalmine/health';

/** A path of Coalmine with its handler, the same on every framework and on the admin listener. */
export interface Endpoint extends EndpointPath {
  /** The reason for which its requests are excluded. */
  readonly reason: 'health' | 'metrics';
  /** The probe that an endpoint of health serves. */
  readonly probe?: Probe;
  /** Responds to `GET` and `HEAD`, for all checks or for the named check. Never throws or rejects. */
  handle(request: Request, response: Response, check?: string): void;
}

/** An endpoint on the server of the app, beside the routes of the app. */
export interface MountedEndpoint extends Endpoint {
  /** Marks an exchange as a request to this endpoint, and not a user's, even if somebody else responds to it. */
  assign(exchange: HttpExchange): void;
}

/** Returns the message for an app that has a path of Coalmine. */
export function pathTaken({ reason, path }: Endpoint): string {
  const option = reason === 'metrics' ? 'metrics.path' : 'health.paths and health.aliases';
  return `${path} is a path of the app and of Coalmine: give Coalmine another path with ${option}, or none`;
}
