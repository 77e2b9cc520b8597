import { Exchange, type Route } from '@coalmine/metrics';
import type { Request, Response } from './http.js';

/** An exchange over HTTP: from the begin of the request to the close of its response. */
export class HttpExchange extends Exchange {
  readonly request: Request;
  /** Absent while an upgrade has not become anybody's request. */
  readonly response: Response | undefined;

  constructor(route: Route, startedAt: number, request: Request, response: Response | undefined) {
    super(route, startedAt);
    this.request = request;
    this.response = response;
  }
}
