import type { IncomingMessage } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Metrics, UNMATCHED } from '@coalmine/metrics';
import { warn } from '@coalmine/options';
import type { Traffic } from '@coalmine/traffic';
import { ClientWaits, isIdleCut } from './client-wait.js';
import { HttpEnding } from './ending.js';
import { type Arrival, EventLoop, PERIOD_MILLISECONDS } from './event-loop.js';
import { exchangeOfMessage, exchangeOfRequest, forget, link } from './exchange-link.js';
import { type AnyMessage, isHeadOut, type Request, type Response, statusOf } from './http.js';
import { type Exchanges, type Failure, HttpExchange } from './http-exchange.js';
import type { Ledger } from './ledger.js';
import {
  type Break,
  breakOf,
  breakOfHandshake,
  isLeftAfterEnd,
  isUnreachable,
  isWhole,
  noteTunnel,
  type Outcome,
} from './outcome.js';
import { isQueued, watchQueued } from './queued.js';
import { watchResponses } from './response-class.js';
import { watchSocketEnds } from './socket-end.js';
import { protocolOfRequest } from './start-telemetry.js';
import { watchStreamCloses } from './stream-close.js';
import { isStreamed, opensTunnel } from './streamed.js';
import type { ServiceTelemetry } from './telemetry.js';
import { watchHandshake } from './upgrade.js';

/** What exchanges need from the code around them. */
export interface ExchangesParts {
  readonly metrics: Metrics;
  readonly traffic: Pick<Traffic, 'classify'>;
  readonly ledger: Ledger;
  /** Called with each request that starts, before it is classified. */
  begins(request: Request): void;
  /** Sets the final route of an exchange, when its response has ended or closed. */
  beforeClose?: ((exchange: HttpExchange) => void) | undefined;
}

// The exchanges in flight are looked at one by one: the more there are, the less often.
const LOOKED_AT_ONCE = 256;

export function createExchanges({ metrics, traffic, ledger, begins, beforeClose }: ExchangesParts): Exchanges {
  const unmatched = metrics.route('GET', UNMATCHED);
  const loop = new EventLoop(metrics.now, { look: lookNowAndThen, takeArrivals });
  const waits = new ClientWaits(loop);
  let looksToSkip = 0;
  let telemetry: ServiceTelemetry | undefined;
  watchResponses();
  watchSocketEnds();

  const exchanges: Exchanges = {
    metrics,
    accepted: (socket, backlog) => loop.accepted(socket, backlog, metrics.now()),
    begin: (request, response) =>
      ownOf(exchangeOfRequest(request)) ??
      (isUpgradedWithout(request, response) ? firstUpgrade(request) : first(request, response)),
    beginUpgrade,
    refuse,
    // After Node has destroyed the connection, and before the connection closes.
    refuseConnect: () => process.nextTick(noteRefusedConnects),
    exchangeOf,
    trace,
    exclude: ledger.exclude,
    readmit: ledger.readmit,
    fail,
    headed,
    ended,
    tell(service) {
      telemetry = service;
    },
    close: () => loop.stop(),
  };
  metrics.beforeCollect(() => {
    loop.finishTurn();
    look(metrics.now());
  }, exchanges);
  return exchanges;

  function exchangeOf(message: AnyMessage): HttpExchange | undefined {
    return ownOf(exchangeOfMessage(message));
  }

  function ownOf(exchange: HttpExchange | undefined): HttpExchange | undefined {
    // Copies of this package that share the metrics share the exchanges.
    while (exchange !== undefined && exchange.owner.metrics !== metrics) exchange = exchange.sibling;
    return exchange;
  }

  // The start of an exchange.

  function first(request: Request, response: Response): HttpExchange {
    begins(request);
    const exchange = open(request, response);
    trace(exchange);
    // The only event that comes exactly once, for a completed and for a broken response; and it comes before the
    // listener that ends the span.
    response.prependListener('close', () => noteClose(exchange, response));
    if (exchange.stream !== undefined) beginStream(exchange, exchange.stream);
    else if (response.socket === null) watchQueued(exchange, tear);
    return exchange;
  }

  function beginStream(exchange: HttpExchange, stream: ServerHttp2Stream): void {
    watchResponses(Object.getPrototypeOf(exchange.response));
    watchStreamCloses(stream);
    // After this event, too little is left of a stream to tell who closed it, and its `close` may never come.
    stream.prependListener('aborted', () => tear(exchange));
  }

  function beginUpgrade(request: IncomingMessage, socket: Duplex): void {
    // Fastify's second listener on localhost passes its upgrades on to the first.
    if (exchangeOf(request) !== undefined) return;
    // A client that asks for another protocol gives up the responses that the connection still owes.
    for (const other of inFlight()) if (other.socket === socket) noteTunnel(socket);
    const exchange = open(request, undefined);
    watchHandshake(socket, {
      answered: (status) => conclude(exchange, opensTunnel(request, status) ? 'streamed' : 'answered', status),
      unanswered: () => concludeUnanswered(exchange, socket as Socket),
      closed: () => endStream(exchange),
    });
  }

  /**
   * Starts the exchange of an upgrade that the app gets with a response that has no connection: `express-ws` asks the
   * routes of the app like this, after it has responded to the upgrade. Later upgrades of the server start before that.
   */
  function firstUpgrade(request: Request): HttpExchange {
    begins(request);
    beginUpgrade(request as IncomingMessage, request.socket);
    const exchange = exchangeOf(request) as HttpExchange;
    if (exchange.socket.bytesWritten > 0) conclude(exchange, 'streamed', 101);
    return exchange;
  }

  function refuse(request: IncomingMessage, status: number): void {
    if (exchangeOf(request) === undefined) conclude(open(request, undefined), 'refused', status);
  }

  function noteRefusedConnects(): void {
    for (const { socket } of inFlight()) {
      if (socket.destroyed && !socket.errored) noteTunnel(socket);
    }
  }

  function open(request: Request, response: Response | undefined): HttpExchange {
    const now = metrics.now();
    const route = request.method === 'GET' ? unmatched : metrics.route(request.method ?? '', UNMATCHED);
    const exchange = new HttpExchange(exchanges, route, now, request, response, traffic.classify(request));
    if (telemetry !== undefined) exchange.protocol = protocolOfRequest(request);
    loop.arrive(exchange, exchange.socket, now);
    ledger.open(exchange);
    link(exchange, request);
    return exchange;
  }

  function trace(exchange: HttpExchange): void {
    if (telemetry !== undefined) exchange.trace ??= telemetry.begin();
  }

  function fail(exchange: HttpExchange, failure: Failure): void {
    const { state, response } = exchange;
    const isOpen = state === 'open' && response !== undefined && !isUnreachable(exchange);
    if (isOpen || state === 'ended' || state === 'waiting') exchange.failure ??= failure;
  }

  // The end of an exchange.

  function headed(exchange: HttpExchange, status: number): void {
    try {
      exchange.status = status;
      exchange.isHeadLate = isUnreachable(exchange);
    } catch (error) {
      warnUnclassified(error);
    }
  }

  function ended(exchange: HttpExchange, response: Response): void {
    if (exchange.state !== 'open' || !response.writableEnded) return;
    try {
      // The client has left, so nobody gets this response.
      if (isUnreachable(exchange)) return tear(exchange);
      const now = metrics.now();
      waits.end(exchange, now);
      exchange.endedAt = now;
      exchange.seenAt = loop.end(exchange, exchange.socket, now);
      if (!exchange.hasHead) exchange.status = statusOf(response);
      exchange.state = 'ended';
    } catch (error) {
      countUnclassified(exchange, response, error);
    }
  }

  function noteClose(exchange: HttpExchange, response: Response): void {
    try {
      // The response ended through another method than the watched one.
      if (exchange.state === 'open') ended(exchange, response);
      if (exchange.state === 'open') tear(exchange);
      else if (exchange.state === 'ended') countEnded(exchange, response);
      else endStream(exchange);
    } catch (error) {
      countUnclassified(exchange, response, error);
    }
    forget(exchange);
  }

  /** Counts an ended response as soon as nothing can change what it counts as. */
  function countEnded(exchange: HttpExchange, response: Response): void {
    beforeClose?.(exchange);
    if (isStreamed(exchange, response)) {
      conclude(exchange, 'streamed', exchange.status);
      return endStream(exchange);
    }
    const seconds = exchange.secondsUntil(exchange.endedAt);
    // The client waits for the rest of the body, in vain.
    if (exchange.isCutShort) return conclude(exchange, 'broken', 500, seconds);
    report(exchange, exchange.status, seconds);
    exchange.state = 'waiting';
    if (exchange.turn === undefined) countArrived(exchange);
  }

  /** Counts an ended response, once it is known when its request arrived. */
  function countArrived(exchange: HttpExchange): void {
    const { endedAt, seenAt, arrivedAt, route } = exchange;
    const seconds = exchange.secondsUntil(endedAt);
    const unseenSeconds = (endedAt - Math.max(seenAt, arrivedAt)) / 1000;
    if (unseenSeconds <= route.objective.patience) return conclude(exchange, 'answered', exchange.status, seconds);
    // The next poll shows whether the client had given up meanwhile. It may belong to the turn after this one.
    setImmediate(() => setImmediate(() => concludeLate(exchange, seconds)));
  }

  function concludeLate(exchange: HttpExchange, seconds: number): void {
    const { response, status } = exchange;
    if (response !== undefined && isLeftAfterEnd(exchange, response)) conclude(exchange, 'left', 504, seconds);
    else conclude(exchange, 'answered', status, seconds);
  }

  /** Counts an exchange whose connection or stream closed before the app had ended its response. */
  function tear(exchange: HttpExchange): void {
    const { request, response } = exchange;
    if (response === undefined || exchange.state !== 'open') return;
    const now = metrics.now();
    waits.leave(exchange, now);
    beforeClose?.(exchange);
    const isOut = isHeadOut(response) && !exchange.isHeadLate;
    if (isOut && !exchange.hasHead) exchange.status = statusOf(response);
    if (isOut && isStreamed(exchange, response)) {
      conclude(exchange, 'streamed', exchange.status);
      return endStream(exchange);
    }
    const { stream } = exchange;
    // The app responded through the stream, or a head without a body was the whole response.
    if (isOut && stream !== undefined && isWhole(stream)) {
      return conclude(exchange, 'answered', exchange.status, exchange.secondsUntil(now));
    }
    const cause = breakOf(request, response, exchange.socket);
    const isIdle = exchange.wait !== undefined && isIdleCut(exchange.wait, now, 2 * PERIOD_MILLISECONDS);
    concludeBroken(exchange, isIdle && cause.by === 'server' ? { by: 'client' } : cause, isOut, now);
  }

  function concludeBroken(exchange: HttpExchange, cause: Break, isOut: boolean, now: number): void {
    const seconds = exchange.secondsUntil(now);
    const { latency, patience } = exchange.route.objective;
    if (cause.by === 'server') {
      const written = isOut ? undefined : cause.status;
      return written === undefined
        ? conclude(exchange, 'broken', 500, seconds)
        : conclude(exchange, 'answered', written, seconds);
    }
    if (isOut) {
      // If nobody waited for the end of a response, its duration matters only past the patience.
      return conclude(exchange, 'left mid-body', exchange.status, seconds > patience ? seconds : undefined);
    }
    if (cause.by === 'node') return conclude(exchange, 'refused', cause.status);
    // Within the objective, the wait says nothing. Past the objective, it is a lower bound that is already too slow.
    // Past the patience the server has failed its user, who would have seen a 504.
    conclude(exchange, 'left', seconds > patience ? 504 : 499, seconds > latency ? seconds : undefined);
  }

  /** Counts an upgrade that has closed without a response. */
  function concludeUnanswered(exchange: HttpExchange, socket: Socket): void {
    const cause = breakOfHandshake(socket);
    // A listener for upgrades rejects an unknown path by closing the connection.
    if (cause.by === 'server' && exchange.route.pattern === UNMATCHED) return conclude(exchange, 'refused', 404);
    concludeBroken(exchange, cause, false, metrics.now());
  }

  /** Enters an exchange, once, with a status and, unless it says nothing, a duration in seconds. */
  function conclude(exchange: HttpExchange, outcome: Outcome, status: number, seconds?: number): void {
    if (exchange.isCounted) return;
    exchange.outcome = outcome;
    if (exchange.state !== 'waiting') report(exchange, status, seconds ?? exchange.secondsUntil(metrics.now()));
    exchange.state = outcome === 'streamed' ? 'streaming' : 'counted';
    const counted = countedStatus(exchange, status);
    if (telemetry !== undefined && counted !== status) exchange.sentStatus = status;
    ledger.enter(exchange, counted, seconds);
    forget(exchange);
  }

  /** Reports the end of an exchange to its trace, while the span is open. */
  function report(exchange: HttpExchange, status: number, seconds: number): void {
    const { trace } = exchange;
    if (trace === undefined) return;
    const isRouted = ledger.isRouted(exchange, countedStatus(exchange, status));
    telemetry?.end(trace, new HttpEnding(exchange, status, seconds, isRouted));
  }

  /** Enters the lifetime of an event stream or an upgrade. */
  function endStream(exchange: HttpExchange): void {
    if (exchange.state !== 'streaming') return;
    exchange.state = 'counted';
    ledger.enterLifetime(exchange.secondsUntil(metrics.now()));
  }

  /** Counts a response whose shape other code has broken. It still counts, and it must not crash the process. */
  function countUnclassified(exchange: HttpExchange, response: Response, error: unknown): void {
    warnUnclassified(error);
    conclude(exchange, 'answered', response.statusCode);
  }

  function warnUnclassified(error: unknown): void {
    warn('COALMINE_UNCLASSIFIED', `A response could not be classified: ${String(error)}`, metrics);
  }

  // Changes that no event reports.

  /** Looks at the exchanges in flight, and returns whether any of them waits for a response. */
  function look(now: number): boolean {
    let count = 0;
    let isBusy = false;
    for (const exchange of inFlight()) {
      count++;
      const { response } = exchange;
      // An upgrade without a response reports its end by events.
      if (response === undefined) continue;
      lookAt(exchange, response, now);
      isBusy ||= !exchange.isCounted;
    }
    waits.endLook(now);
    looksToSkip = Math.floor(count / LOOKED_AT_ONCE);
    return isBusy;
  }

  function* inFlight(): Generator<HttpExchange, void, undefined> {
    for (const exchange of metrics.inFlight() as Iterable<HttpExchange>)
      if (exchange.owner === exchanges) yield exchange;
    yield* ledger.excluded;
  }

  function lookNowAndThen(now: number): boolean {
    if (looksToSkip === 0) return look(now);
    looksToSkip--;
    return true;
  }

  function lookAt(exchange: HttpExchange, response: Response, now: number): void {
    try {
      // The client does not read the response.
      if (exchange.state === 'ended') return countEnded(exchange, response);
      if (exchange.state !== 'open') return;
      // A mock, as of node-mocks-http: nothing reports how it ends.
      if (exchange.stream === undefined && response.socket === undefined && response.writableEnded !== false) {
        return conclude(exchange, 'answered', response.statusCode);
      }
      const { stream, socket } = exchange;
      const hasConnection = stream !== undefined || response.socket !== null;
      if (!hasConnection && !isQueued(exchange)) return lookAtDetached(exchange, response);
      // The event for this does not come for a stream that has been closed, nor if the client left before an exchange
      // started, while an earlier middleware had the request.
      if (stream === undefined ? socket.destroyed : isUnreachable(exchange)) return tear(exchange);
      // Found by looking, so that no response needs a hook on its headers. A response that waits for its turn on the
      // connection has sent nothing.
      if (hasConnection && response.headersSent && isStreamed(exchange, response)) {
        beforeClose?.(exchange);
        return conclude(exchange, 'streamed', exchange.status || statusOf(response));
      }
      waits.look(exchange, response, now);
    } catch (error) {
      countUnclassified(exchange, response, error);
    }
  }

  /** Looks at an exchange whose connection the app has taken from its response: nothing reports how it ends. */
  function lookAtDetached(exchange: HttpExchange, response: Response): void {
    const { socket } = exchange;
    // What the app writes to the connection itself is not known, only that there is something.
    if (exchange.hasHead || socket.bytesWritten > 0) {
      beforeClose?.(exchange);
      conclude(exchange, 'streamed', exchange.status || statusOf(response));
      if (socket.destroyed) endStream(exchange);
      else socket.once('close', () => endStream(exchange));
    } else if (socket.destroyed) tear(exchange);
  }

  function takeArrivals(arrivals: readonly Arrival[]): void {
    for (const exchange of arrivals as readonly HttpExchange[]) {
      if (exchange.state === 'waiting') countArrived(exchange);
    }
  }
}

/** Whether a request is an upgrade whose response has no connection. */
function isUpgradedWithout(request: Request, { socket }: Response): boolean {
  return (request as { readonly upgrade?: boolean | null }).upgrade === true && !socket;
}

/**
 * Returns the status to count. A response of 500 or above is a failure already, and a response that no client got is not a
 * failure.
 */
function countedStatus({ failure, outcome }: HttpExchange, status: number): number {
  const isGot = outcome === 'answered' || outcome === 'streamed' || outcome === 'left mid-body';
  return failure !== undefined && isGot && status < 500 ? failure.status : status;
}
