import { CoalmineError, type CoalmineOptions } from '@coalmine/express';
import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Inject,
  Module,
  type ModuleMetadata,
  type NestModule,
  type Provider,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CoalmineHost } from './host.js';

/** Options that need other providers, such as a configuration service or the pool that a health check queries. */
export interface CoalmineAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Providers whose values `useFactory` gets. @defaultValue none */
  readonly inject?: FactoryProvider['inject'];
  // biome-ignore lint/suspicious/noExplicitAny: the types of what is injected are the user's.
  readonly useFactory: (...injected: any[]) => CoalmineOptions | Promise<CoalmineOptions>;
}

const OPTIONS = Symbol('coalmine.options');

const HOST: FactoryProvider<CoalmineHost> = {
  provide: CoalmineHost,
  inject: [HttpAdapterHost, OPTIONS],
  async useFactory(adapters: HttpAdapterHost, options: CoalmineOptions) {
    const host = new CoalmineHost(adapters, options);
    // Earlier than in `configure()`: `main.ts` adds its handlers to the app later, so their requests are seen.
    await host.install();
    return host;
  },
};

/**
 * Clean canary metrics for NestJS 10, 11 and 12 on Express and Fastify: `imports: [CoalmineModule.forRoot()]` in the root
 * module.
 *
 * `NestFactory.create()` rejects with `CoalmineError` if an option is invalid (see docs/errors.md).
 */
export class CoalmineModule implements NestModule {
  readonly #host: CoalmineHost;

  constructor(host: CoalmineHost) {
    this.#host = host;
  }

  /** Returns the module with these options. */
  static forRoot(options: CoalmineOptions = {}): DynamicModule {
    return { module: CoalmineModule, providers: [{ provide: OPTIONS, useValue: options }] };
  }

  /**
   * Returns the module with options that a factory makes from other providers.
   *
   * Throws `CoalmineError` if `useFactory` is not a function.
   */
  static forRootAsync({ imports = [], inject = [], useFactory }: CoalmineAsyncOptions): DynamicModule {
    if (typeof useFactory !== 'function') {
      throw new CoalmineError(
        'COALMINE_INVALID_OPTION',
        `forRootAsync.useFactory must be a function that returns the options, got ${typeof useFactory}`,
      );
    }
    const options: Provider = { provide: OPTIONS, inject, useFactory };
    return { module: CoalmineModule, imports, providers: [options] };
  }

  /** Nest calls this when the app starts, before routes. The app of a testing module has no adapter before that. */
  async configure(): Promise<void> {
    await this.#host.install();
  }
}

// The same as decorators: without options, the module is what `forRoot()` returns.
Module({ providers: [{ provide: OPTIONS, useValue: {} }, HOST], exports: [CoalmineHost] })(CoalmineModule);
Global()(CoalmineModule);
Inject(CoalmineHost)(CoalmineModule, undefined, 0);
