import { CoalmineError, type CoalmineOptions, type Instrument } from '@coalmine/express';
import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { install, type Platform } from './platform.js';

/** Holds the instrument of the app, for providers and controllers to inject. */
export class CoalmineHost implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #adapters: HttpAdapterHost;
  readonly #options: CoalmineOptions;
  #platform: Platform | undefined;

  /** For the module: inject the host instead. */
  constructor(adapters: HttpAdapterHost, options: CoalmineOptions = {}) {
    this.#adapters = adapters;
    this.#options = { log: nestLog(), ...options };
  }

  /**
   * Checks, draining, upgrades and your own counts. `undefined` in an application context, which serves no HTTP, and in
   * a testing module before `app.init()`.
   */
  get instrument(): Instrument | undefined {
    return this.#platform?.instrument;
  }

  /** Adds Coalmine to the app, once the app has an adapter: a testing module has none before `createNestApplication()`. */
  async install(): Promise<void> {
    const { httpAdapter: adapter } = this.#adapters;
    if (this.#platform !== undefined || !adapter?.getType()) return;
    this.#platform = await install(adapter, this.#options);
    if (this.#platform === undefined) {
      const type = JSON.stringify(adapter.getType());
      throw new CoalmineError(
        'COALMINE_INVALID_OPTION',
        `the HTTP adapter must be the one of platform-express or platform-fastify, got ${type}`,
      );
    }
  }

  onApplicationBootstrap(): void {
    this.#platform?.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#platform?.close();
  }
}

function nestLog(): Exclude<NonNullable<CoalmineOptions['log']>, false> {
  const logger = new Logger('CoalmineModule');
  return { info: (message) => logger.log(message), warn: (message) => logger.warn(message) };
}
