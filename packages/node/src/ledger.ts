import type { Ending, Metrics, Trace } from '@coalmine/metrics';
import type { Exclusion, Traffic } from '@coalmine/traffic';
import type { Warmup } from '@coalmine/warmup';
import { HttpEnding } from './ending.js';
import { PRIMING_KEY_ID } from './filters.js';
import type { HttpExchange } from './http-exchange.js';

/** Where exchanges are entered: which series has them, and which filter wins where two apply. */
export interface Ledger {
  /** Puts an exchange in flight, unless it is no user's. */
  open(exchange: HttpExchange): void;
  /** Takes an exchange out of those of users, whatever was thought of it before. */
  exclude(exchange: HttpExchange, exclusion: Exclusion): void;
  /** Enters an exchange that has ended, once; `seconds` is left out where the duration says nothing. */
  count(exchange: HttpExchange, status: number, seconds?: number): void;
  /** Enters an event stream or an upgrade when its headers are out. */
  countStream(exchange: HttpExchange, status: number): void;
  /** Enters the lifetime of what {@link countStream} has counted. */
  closeStream(exchange: HttpExchange): void;
  /** Seconds since the exchange began. */
  secondsSince(exchange: HttpExchange): number;
}

/**
 * Who wins: an exclusion over the warm-up, so that a probe of a cold pod is a probe; a failure over an exclusion where
 * `countErrors` says so; a status over the warm-up, which withholds durations and, unless the user insists, no failure.
 * `told` hears of each exchange that has a trace.
 */
export function createLedger(
  metrics: Metrics,
  { countErrors }: Pick<Traffic, 'countErrors'>,
  warmup: Warmup,
  told: (trace: Trace, ending: Ending) => void = () => {},
): Ledger {
  return {
    open(exchange) {
      if (exchange.exclusion === undefined) metrics.begin(exchange);
      else exchange.open = false;
    },
    exclude(exchange, exclusion) {
      exchange.exclusion = exclusion;
      metrics.drop(exchange);
    },
    count,
    countStream(exchange, status) {
      if (!exchange.settled) exchange.outcome = 'streamed';
      count(exchange, status);
      exchange.streams = true;
    },
    closeStream(exchange) {
      if (exchange.streams) metrics.withhold('stream', secondsSince(exchange));
    },
    secondsSince,
  };

  function count(exchange: HttpExchange, status: number, seconds?: number): void {
    if (exchange.settled) return;
    exchange.settled = true;
    const { exclusion, route } = exchange;
    const isRouted = exclusion === undefined || (countErrors && status >= 500 && isOfApp(exclusion));
    if (exclusion === undefined) {
      metrics.drop(exchange);
      countUser(exchange, status, seconds);
    } else if (isRouted) {
      metrics.record(route, status, seconds, exchange);
    } else {
      metrics.exclude(exclusion.reason, status, seconds);
    }
    const { trace } = exchange;
    if (trace === undefined) return;
    told(trace, new HttpEnding(exchange, status, seconds ?? secondsSince(exchange), isRouted));
  }

  function countUser(exchange: HttpExchange, status: number, seconds: number | undefined): void {
    const { route, startedAt } = exchange;
    if (!warmup.served(startedAt)) return metrics.record(route, status, seconds, exchange);
    if (warmup.withhold === 'all') return metrics.exclude('warmup', status, seconds);
    metrics.record(route, status, undefined, exchange);
    if (seconds !== undefined) metrics.withhold('warmup', seconds);
  }

  function secondsSince({ startedAt }: HttpExchange): number {
    return (metrics.now() - startedAt) / 1000;
  }
}

/** Our own endpoints, and the requests that we send ourselves, are nothing that anybody waited for. */
function isOfApp({ reason, authority }: Exclusion): boolean {
  return reason !== 'health' && reason !== 'metrics' && !(reason === 'signed' && authority === PRIMING_KEY_ID);
}
