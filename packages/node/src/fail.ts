import { warn } from '@coalmine/options';
import { exchangeOfMessage } from './exchange-link.js';
import type { AnyMessage } from './http.js';
import type { Failure } from './http-exchange.js';

/** What an app may say about a failed request. */
export interface FailOptions {
  /** The status that the request counts with: an integer from 500 to 599. @defaultValue `500` */
  readonly status?: number;
  /** Why the request failed, for its span. @defaultValue none */
  readonly reason?: string;
}

/**
 * Marks a request as failed although its status does not say so: a GraphQL operation that ends in an internal error is
 * a 200. The request counts with the status of `options`; the client gets what the app sends.
 *
 * Call it before the response ends, or in the same callback. A failure can never become a success: the first call
 * counts, and a response of 500 or above keeps its status. Does nothing for a request that nobody counts, and after the
 * client has left. Never throws.
 */
export function fail(message: AnyMessage, options?: FailOptions): void {
  const failure = parseFailure(options);
  for (let exchange = exchangeOfMessage(message); exchange !== undefined; exchange = exchange.sibling) {
    exchange.owner.fail(exchange, failure);
  }
}

function parseFailure(options: FailOptions | undefined): Failure {
  const { status = 500, reason } = options ?? {};
  const isStatus = Number.isInteger(status) && status >= 500 && status <= 599;
  if (!isStatus) {
    const given = typeof status === 'number' ? String(status) : `a value of type ${typeof status}`;
    warn(
      'COALMINE_FAIL_STATUS',
      `fail() takes a status from 500 to 599, got ${given}: the request counts as 500`,
      fail,
    );
  }
  return { status: isStatus ? status : 500, reason: typeof reason === 'string' ? reason : undefined };
}
