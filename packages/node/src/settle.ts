import type { Metrics } from '@coalmine/metrics';
import { isEventStream } from './event-stream.js';
import type { Response } from './http.js';
import { HttpExchange } from './http-exchange.js';
import { outcomeOf, refusalStatus } from './outcome.js';

/** Enters an exchange whose response has closed: what happened becomes a status and, unless it says nothing, a duration. */
export function settle(exchange: HttpExchange, response: Response): void {
  const { request, ledger } = exchange;
  const seconds = ledger.secondsSince(exchange);
  const isSlow = seconds > exchange.route.objective.latency;
  const outcome = outcomeOf(request, response);
  exchange.outcome = outcome;
  switch (outcome) {
    case 'answered':
      return ledger.count(exchange, response.statusCode, seconds);
    case 'streamed':
      return ledger.countStream(exchange, response.statusCode);
    case 'left':
      return settleLeft(exchange);
    case 'left mid-body':
      return ledger.count(exchange, response.statusCode, isSlow ? seconds : undefined);
    case 'refused':
      return ledger.count(exchange, refusalStatus(request, response) ?? 400);
    case 'broken':
      return ledger.count(exchange, 500, seconds);
    default:
      return outcome satisfies never;
  }
}

/**
 * Enters an exchange whose client left before any header. Within the objective the wait says nothing; past it, it is a
 * lower bound that is already too slow; past the patience the server failed its user, who would have seen a 504.
 */
export function settleLeft(exchange: HttpExchange): void {
  const { ledger } = exchange;
  exchange.outcome = 'left';
  const seconds = ledger.secondsSince(exchange);
  const { latency, patience } = exchange.route.objective;
  ledger.count(exchange, seconds > patience ? 504 : 499, seconds > latency ? seconds : undefined);
}

/**
 * Enters the event streams whose headers have gone out. Done when the numbers are read, which is when it shows, so that
 * no response needs a hook on its headers.
 */
export function settleStreams(metrics: Metrics): void {
  for (const exchange of metrics.inFlight()) {
    if (!(exchange instanceof HttpExchange)) continue;
    const { request, response, ledger } = exchange;
    if (!response?.headersSent || !isEventStream(request, response)) continue;
    ledger.countStream(exchange, response.statusCode);
  }
}
