import type { Metrics } from '@coalmine/metrics';
import type { Exclusion, Traffic } from '@coalmine/traffic';
import type { Warmup } from '@coalmine/warmup';
import { PRIMING_KEY_ID } from './filters.js';
import type { HttpExchange } from './http-exchange.js';

/** Decides in which series an exchange is entered, and which filter decides if two apply. */
export interface Ledger {
  /** The excluded exchanges in flight; the metrics have the others. */
  readonly excluded: Iterable<HttpExchange>;
  /** Puts an exchange in flight. */
  open(exchange: HttpExchange): void;
  /** Excludes an exchange, whatever it was before. */
  exclude(exchange: HttpExchange, exclusion: Exclusion): void;
  /** Removes the exclusion by a route. */
  readmit(exchange: HttpExchange): void;
  /** Enters an exchange that is over; `seconds` is absent if the duration says nothing. */
  enter(exchange: HttpExchange, status: number, seconds?: number): void;
  /** Enters the lifetime, in seconds, of a stream that {@link enter} has entered. */
  enterLifetime(seconds: number): void;
  /** Whether an exchange counts on its route, with this status. */
  isRouted(exchange: HttpExchange, status: number): boolean;
}

/**
 * The order of the filters: an exclusion comes before the warm-up, so that a probe of a cold pod counts as a probe. A
 * failure comes before an exclusion if `countErrors` says so. A status comes before the warm-up, which withholds
 * durations and, unless the user asks for it, no failure.
 */
export function createLedger(metrics: Metrics, { countErrors }: Pick<Traffic, 'countErrors'>, warmup: Warmup): Ledger {
  const excluded = new Set<HttpExchange>();

  return {
    excluded,
    open(exchange) {
      if (exchange.exclusion === undefined) metrics.begin(exchange);
      else excluded.add(exchange);
    },
    exclude(exchange, exclusion) {
      exchange.exclusion = exclusion;
      metrics.drop(exchange);
      if (!exchange.isCounted) excluded.add(exchange);
    },
    readmit(exchange) {
      exchange.exclusion = exchange.lasting;
      if (exchange.lasting === undefined && excluded.delete(exchange)) metrics.begin(exchange);
    },
    enter(exchange, status, seconds) {
      const { exclusion } = exchange;
      if (exclusion === undefined) {
        metrics.drop(exchange);
        enterUser(exchange, status, seconds);
        return;
      }
      excluded.delete(exchange);
      if (isRouted(exchange, status)) count(exchange, status, seconds);
      else metrics.exclude(exclusion.reason, status, seconds);
    },
    enterLifetime: (seconds) => metrics.withhold('stream', seconds),
    isRouted,
  };

  function isRouted({ exclusion }: HttpExchange, status: number): boolean {
    return exclusion === undefined || (countErrors && status >= 500 && isOfApp(exclusion));
  }

  function enterUser(exchange: HttpExchange, status: number, seconds: number | undefined): void {
    const wasCold = warmup.served(exchange.arrivedAt);
    if (!wasCold) return count(exchange, status, seconds);
    if (warmup.withhold === 'all') return metrics.exclude('warmup', status, seconds);
    count(exchange, status, undefined);
    if (seconds !== undefined) metrics.withhold('warmup', seconds);
  }

  /**
   * Counts an exchange. A status that refuses how the client asked says nothing about the service, and is no failure of
   * it.
   */
  function count(exchange: HttpExchange, status: number, seconds: number | undefined): void {
    if (exchange.outcome === 'refused') metrics.refuse(exchange.route, status, exchange);
    else metrics.record(exchange.route, status, seconds, exchange);
  }
}

/**
 * Whether an excluded exchange belongs to the app. Nobody waits for our own endpoints, or for requests that the service
 * sends itself.
 */
function isOfApp({ reason, authority }: Exclusion): boolean {
  return reason !== 'health' && reason !== 'metrics' && !(reason === 'signed' && authority === PRIMING_KEY_ID);
}
