import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Exchange, type Metrics, type Route } from '@coalmine/metrics';
import type { Exclusion } from '@coalmine/traffic';
import type { Backlog } from './backlog.js';
import type { Arrival, Turn } from './event-loop.js';
import type { Request, Response } from './http.js';
import type { Outcome } from './outcome.js';
import type { ServiceTelemetry } from './telemetry.js';

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

/** What the app says about a request that failed. */
export interface Failure {
  readonly status: number;
  readonly reason: string | undefined;
}

/** The wait of one exchange for its client, which has not sent what it announced, or does not read what it asked for. */
export interface ClientWait {
  /** When the service was first seen to wait, in milliseconds on the clock of the metrics. */
  readonly since: number;
  /** Milliseconds without a byte after which Node cuts the connection; 0 for never. */
  readonly idleLimit: number;
  /** What the client had sent and taken at the last look. */
  progress: number;
  /** Milliseconds for which the loop was held before the last look, in which the client may have done its part. */
  heldMilliseconds: number;
}

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

/** The life of exchanges. This is the one place where the state of an exchange changes. */
export interface Exchanges {
  /** Where they are counted. */
  readonly metrics: Metrics;
  /** Notes that a server has accepted a connection from its backlog. */
  accepted(socket: Socket, backlog: Backlog): void;
  /** Begins the exchange of a response, once: later calls return the same. It ends by itself. */
  begin(request: Request, response: Response): HttpExchange;
  /** Begins the exchange of an upgrade that somebody else handles, once. */
  beginUpgrade(request: IncomingMessage, socket: Duplex): void;
  /** Counts a request that Node refuses before anybody sees it, with the status that Node sends. */
  refuse(request: IncomingMessage, status: number): void;
  /** Notes that Node is about to destroy a connection, for a CONNECT that nobody takes. */
  refuseConnect(): void;
  /** Returns the exchange that has begun with a request or its response. */
  exchangeOf(message: Request | Response): HttpExchange | undefined;
  /** Looks for the trace of the request in hand, unless it is known. */
  trace(exchange: HttpExchange): void;
  /** Takes an exchange for no user's. */
  exclude(exchange: HttpExchange, exclusion: Exclusion): void;
  /** Takes back the exclusion by a route. */
  readmit(exchange: HttpExchange): void;
  /** Takes an exchange for failed, whatever its status. */
  fail(exchange: HttpExchange, failure: Failure): void;
  /** Notes that the head of an answer has been made, with the status that it has now. Never throws. */
  headed(exchange: HttpExchange, response: Response): void;
  /** Notes that the app has ended an answer. Never throws. */
  ended(exchange: HttpExchange, response: Response): void;
  /** Tells the traces of exchanges what became of them, from now on. */
  tell(telemetry: ServiceTelemetry): void;
  /** Ends what runs in the background. */
  close(): void;
}
