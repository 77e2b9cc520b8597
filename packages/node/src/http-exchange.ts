import { type IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Exchange, type Metrics, type Route } from '@coalmine/metrics';
import type { Exclusion } from '@coalmine/traffic';
import type { Backlog } from './backlog.js';
import type { Arrival, Turn } from './event-loop.js';
import type { AnyMessage, Request, Response } from './http.js';
import type { Outcome } from './outcome.js';
import type { ServiceTelemetry } from './telemetry.js';

/** The progress of an exchange. It only goes forward, and only {@link Exchanges} writes it. */
export type State =
  /** The app has not ended its response. */
  | 'open'
  /** The app has ended its response. Whether the client has read it does not matter. */
  | 'ended'
  /** The response has ended, and is counted as soon as it is known for how long the request had waited. */
  | 'waiting'
  /** Counted as an event stream or an upgrade, whose connection lives on. */
  | 'streaming'
  /** Counted, and over. */
  | 'counted';

/** What the app says about a failed request. */
export interface Failure {
  readonly status: number;
  readonly reason: string | undefined;
}

/** The wait of one exchange for its client, which has not sent what it announced, or does not read the response. */
export interface ClientWait {
  /** When the service was first seen waiting, in milliseconds on the clock of the metrics. */
  readonly since: number;
  /** Milliseconds without a byte after which Node cuts the connection; 0 for never. */
  readonly idleLimit: number;
  /** What the client had sent and taken at the last look. */
  progress: number;
  /** Milliseconds for which the loop was held before the last look; the client may have acted in that time. */
  heldMilliseconds: number;
}

/** An exchange over HTTP: from the arrival of the request to the end of its response. */
export class HttpExchange extends Exchange implements Arrival {
  /** The service that counts it. */
  readonly owner: Exchanges;
  readonly request: Request;
  /** Absent for an upgrade, which has no response. */
  readonly response: Response | undefined;
  /** The connection of the request, which stays the same. */
  readonly socket: Socket;
  /** The stream of HTTP/2; `undefined` for HTTP/1 and for an upgrade. */
  readonly stream: ServerHttp2Stream | undefined;
  /** Why it is not a user's, whatever its route: because of its client, or because the app has said so. */
  lasting: Exclusion | undefined;
  state: State = 'open';
  /** Why it is not a user's, for now: the route may still change that. */
  exclusion: Exclusion | undefined;
  /** What the client got, once it is known. */
  outcome: Outcome = 'answered';
  /** The status of the head; 0 while there is none. */
  status = 0;
  /** Whether the head was made after the client had left. */
  isHeadLate = false;
  /** The bytes of the body that were written before its end; 0 while there is no `Content-Length`. */
  bodyLength = 0;
  /** Whether the app ended the body before it was as long as its `Content-Length`. */
  isCutShort = false;
  /** When the app ended its response, in milliseconds on the clock of the metrics. */
  endedAt = 0;
  /** When the loop had last looked at the connection by then, if the loop was held. */
  seenAt: number = Number.POSITIVE_INFINITY;
  /** What the app says about a request that failed although its status does not say so. */
  failure: Failure | undefined = undefined;
  turn: Turn | undefined = undefined;
  /** The wait for the client, while there is one. */
  wait: ClientWait | undefined = undefined;
  /** The exchange of another service that counts the same request. */
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
    this.socket = request.socket;
    this.stream = response instanceof ServerResponse ? undefined : response?.stream;
    this.lasting = lasting;
    this.exclusion = lasting;
  }

  /** Whether the head of the response has been made. */
  get hasHead(): boolean {
    return this.status !== 0;
  }

  /** Whether it has been counted. */
  get isCounted(): boolean {
    return this.state === 'streaming' || this.state === 'counted';
  }
}

/** The life of exchanges. Only this object changes the state of an exchange. */
export interface Exchanges {
  /** The metrics in which exchanges are counted. */
  readonly metrics: Metrics;
  /** Notes that a server has accepted a connection from its backlog. */
  accepted(socket: Socket, backlog: Backlog): void;
  /** Starts the exchange of a response, once: later calls return the same exchange. It ends by itself. */
  begin(request: Request, response: Response): HttpExchange;
  /** Starts the exchange of an upgrade or a CONNECT that somebody else handles, once. */
  beginUpgrade(request: IncomingMessage, socket: Duplex): void;
  /** Counts a request that Node refuses before any listener sees it, with the status that Node sends. */
  refuse(request: IncomingMessage, status: number): void;
  /** Notes that Node is about to destroy a connection because of a CONNECT without a listener. */
  refuseConnect(): void;
  /** Returns the exchange that has started with a request or its response. */
  exchangeOf(message: AnyMessage): HttpExchange | undefined;
  /** Looks for the trace of the current request, unless it is known. */
  trace(exchange: HttpExchange): void;
  /** Excludes an exchange. */
  exclude(exchange: HttpExchange, exclusion: Exclusion): void;
  /** Removes the exclusion by a route. */
  readmit(exchange: HttpExchange): void;
  /** Marks an exchange as failed, whatever its status. */
  fail(exchange: HttpExchange, failure: Failure): void;
  /** Notes that the head of a response has been made, with a status. Never throws. */
  headed(exchange: HttpExchange, status: number): void;
  /** Notes that the app has ended a response. Never throws. */
  ended(exchange: HttpExchange, response: Response): void;
  /** Reports the ends of exchanges to their traces, from now on. */
  tell(telemetry: ServiceTelemetry): void;
  /** Stops the background work. */
  close(): void;
}
