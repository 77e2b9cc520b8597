import type { Metrics } from '@coalmine/metrics';
import { isEventStream } from './event-stream.js';
import type { Response } from './http.js';
import { HttpExchange } from './http-exchange.js';
import { outcomeOf, refusalStatus } from './outcome.js';

/** Counts an exchange whose response has closed: what happened becomes a status and, unless it says nothing, a duration. */
export function settle(metrics: Metrics, exchange: HttpExchange, response: Response): void {
  const { request } = exchange;
  const seconds = secondsSince(metrics, exchange);
  const isSlow = seconds > exchange.route.objective.latency;
  const outcome = outcomeOf(request, response);
  switch (outcome) {
    case 'answered':
      return metrics.end(exchange, response.statusCode, seconds);
    case 'streamed':
      return metrics.end(exchange, response.statusCode);
    case 'left':
      return settleLeft(metrics, exchange);
    case 'left mid-body':
      return metrics.end(exchange, response.statusCode, isSlow ? seconds : undefined);
    case 'refused':
      return metrics.end(exchange, refusalStatus(request, response) ?? 400);
    case 'broken':
      return metrics.end(exchange, 500, seconds);
    default:
      return outcome satisfies never;
  }
}

/**
 * Counts an exchange whose client left before any header. Within the objective the wait says nothing; past it, it is a
 * lower bound that is already too slow; past the patience the server failed its user, who would have seen a 504.
 */
export function settleLeft(metrics: Metrics, exchange: HttpExchange): void {
  const seconds = secondsSince(metrics, exchange);
  const { latency, patience } = exchange.route.objective;
  metrics.end(exchange, seconds > patience ? 504 : 499, seconds > latency ? seconds : undefined);
}

/**
 * Counts the event streams whose headers have gone out. Done when the numbers are read, which is when it shows, so that
 * no response needs a hook on its headers.
 */
export function settleStreams(metrics: Metrics): void {
  for (const exchange of metrics.inFlight()) {
    if (!(exchange instanceof HttpExchange)) continue;
    const { request, response } = exchange;
    if (response?.headersSent && isEventStream(request, response)) metrics.end(exchange, response.statusCode);
  }
}

function secondsSince(metrics: Metrics, { startedAt }: HttpExchange): number {
  return (metrics.now() - startedAt) / 1000;
}
