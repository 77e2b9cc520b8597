import { Exchange, type Route } from '@coalmine/metrics';
import type { Exclusion } from '@coalmine/traffic';
import type { ClientWait } from './client-wait.js';
import type { Arrival, Turn } from './event-loop.js';
import type { Exchanges } from './exchanges.js';
import type { Failure } from './fail.js';
import type { Request, Response } from './http.js';
import type { Outcome } from './outcome.js';

/** How far an exchange is. It only ever goes on, and {@link Exchanges} alone writes it. */
export type State =
  /** The app has not ended its answer. */
  | 'open'
  /** The app has ended its answer. Whether the client has read it is the client's business. */
  | 'ended'
  /** The answer has ended, and it is counted as soon as it is known for how long the request had waited. */
  | 'waiting'
  /** Counted as an event stream or an upgrade, whose connection lives on. */
  | 'streaming'
  /** Counted, and over. */
  | 'counted';

/** An exchange over HTTP: from the arrival of the request to the end of its answer. */
export class HttpExchange extends Exchange implements Arrival {
  /** Who counts it. */
  readonly owner: Exchanges;
  readonly request: Request;
  /** Absent for an upgrade, which has none. */
  readonly response: Response | undefined;
  /** Why it is no user's, whatever its route: because of who is asking, or because the app has said so. */
  lasting: Exclusion | undefined;
  state: State = 'open';
  /** Why it is no user's, for now: the route may still have its say. */
  exclusion: Exclusion | undefined;
  /** What the client got, once it is known. */
  outcome: Outcome = 'answered';
  /** The status of the head; 0 while there is none. */
  status = 0;
  /** Whether the head was made when the client had left. */
  isHeadLate = false;
  /** When the app ended its answer, in milliseconds on the clock of the metrics. */
  endedAt = 0;
  /** When the loop had last looked at the connection by then, if the loop was held. */
  seenAt: number = Number.POSITIVE_INFINITY;
  /** What the app says about a request that failed although its status does not say so. */
  failure: Failure | undefined = undefined;
  turn: Turn | undefined = undefined;
  /** The wait for the client, while there is one. */
  wait: ClientWait | undefined = undefined;
  /** The exchange of somebody else who counts the same request. */
  sibling: HttpExchange | undefined = undefined;

  constructor(
    owner: Exchanges,
    route: Route,
    arrivedAt: number,
    request: Request,
    response: Response | undefined,
    lasting: Exclusion | undefined,
  ) {
    super(route, arrivedAt);
    this.owner = owner;
    this.request = request;
    this.response = response;
    this.lasting = lasting;
    this.exclusion = lasting;
  }

  /** Whether it has been counted. */
  get isCounted(): boolean {
    return this.state === 'streaming' || this.state === 'counted';
  }
}
