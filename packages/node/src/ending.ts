import type { Route } from '@coalmine/metrics';
import { type Exclusion, syntheticType } from '@coalmine/traffic';
import type { Failure, HttpExchange } from './http-exchange.js';
import type { Ending } from './telemetry.js';

/**
 * How an exchange over HTTP ended. Each value is computed on access, because most traces are not kept and read few
 * values.
 */
export class HttpEnding implements Ending {
  readonly status: number;
  readonly seconds: number;
  readonly #exchange: HttpExchange;
  readonly #isRouted: boolean;

  constructor(exchange: HttpExchange, status: number, seconds: number, isRouted: boolean) {
    this.status = status;
    this.seconds = seconds;
    this.#exchange = exchange;
    this.#isRouted = isRouted;
  }

  get route(): Route | undefined {
    return this.#isRouted ? this.#exchange.route : undefined;
  }

  get outcome(): string {
    return this.#exchange.outcome;
  }

  get failure(): Failure | undefined {
    return this.#exchange.failure;
  }

  get isOverdue(): boolean {
    return this.seconds > this.#exchange.route.objective.patience;
  }

  get exclusion(): Exclusion | undefined {
    return this.#exchange.exclusion;
  }

  get synthetic(): 'bot' | 'test' | undefined {
    // A signed request is not a user's, whatever agent it names.
    if (this.exclusion?.reason === 'signed') return 'test';
    return syntheticType(this.#exchange.request.headers['user-agent']);
  }
}
