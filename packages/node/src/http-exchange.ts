import { Exchange, type Route } from '@coalmine/metrics';
import type { Exclusion } from '@coalmine/traffic';
import type { Request, Response } from './http.js';
import type { Ledger } from './ledger.js';
import type { Outcome } from './outcome.js';

/** An exchange over HTTP: from the begin of the request to the close of its response. */
export class HttpExchange extends Exchange {
  /** Where it is entered. */
  readonly ledger: Ledger;
  readonly request: Request;
  /** Absent while an upgrade has not become anybody's request. */
  readonly response: Response | undefined;
  /** Why it is no user's, if it is not; the route may still have its say. */
  exclusion: Exclusion | undefined;
  /** What the client got, once it is known. */
  outcome: Outcome = 'answered';
  /** True once it is entered where it counts; a second end does nothing. */
  settled = false;
  /** True for an event stream or an upgrade, once it is counted: its lifetime is no latency. */
  streams = false;

  constructor(
    ledger: Ledger,
    route: Route,
    startedAt: number,
    request: Request,
    response: Response | undefined,
    exclusion: Exclusion | undefined,
  ) {
    super(route, startedAt);
    this.ledger = ledger;
    this.request = request;
    this.response = response;
    this.exclusion = exclusion;
  }
}
