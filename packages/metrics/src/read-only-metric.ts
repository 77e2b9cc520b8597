import { CoalmineError, warn } from '@coalmine/options';
import { hasServed } from './first-request.js';

/**
 * The methods with which users of a client record, on a metric that only Coalmine counts. Code that finds our metric
 * under a name of its own would call them.
 *
 * Before the process has served a request they throw, so that the mistake is seen at start-up. After that, an error
 * would be thrown within a request, or in a listener of its end, and would end the process. So they do nothing then,
 * and warn once.
 */
export abstract class ReadOnlyMetric {
  abstract readonly name: string;
  /** Whether the metric has counted anything, or something that it will count is in progress. */
  protected abstract isInUse(): boolean;

  inc(): void {
    this.#refuse('inc');
  }

  dec(): void {
    this.#refuse('dec');
  }

  set(): void {
    this.#refuse('set');
  }

  setToCurrentTime(): void {
    this.#refuse('setToCurrentTime');
  }

  observe(): void {
    this.#refuse('observe');
  }

  /** Returns what a timer of a client returns: a function that returns the seconds since now. */
  startTimer(): () => number {
    this.#refuse('startTimer');
    const startedAt = performance.now();
    return () => (performance.now() - startedAt) / 1000;
  }

  labels(): this {
    this.#refuse('labels');
    return this;
  }

  zero(): void {
    this.#refuse('zero');
  }

  remove(): void {
    this.#refuse('remove');
  }

  #refuse(method: string): void {
    const message = `${this.name} is recorded by Coalmine alone, so ${method}() has no effect: remove the code that records it, rename Coalmine's metric with metrics.names, or give Coalmine a registry of its own`;
    if (!hasServed() && !this.isInUse()) throw new CoalmineError('COALMINE_METRIC_READ_ONLY', message);
    warn('COALMINE_METRIC_READ_ONLY', message, this);
  }
}
