import { type AnyMessage, type Instrument, warn } from '@coalmine/node';
import { isObject, type OperationError } from './fault.js';
import type { Document, OperationDefinition, Schema, Variables } from './graphql.js';
import { type GraphqlOptions, parseOptions } from './options.js';
import { GraphqlService } from './service.js';

/** An operation of Apollo Server, by shape. */
export interface ApolloRequestContext {
  readonly schema: Schema;
  readonly contextValue: object;
  readonly request: { readonly http?: unknown; readonly variables?: Variables | undefined };
  readonly requestIsBatched: boolean;
  readonly document?: Document | undefined;
  readonly operation?: OperationDefinition | undefined;
  /** The errors as the app has thrown them. */
  readonly errors?: readonly OperationError[] | undefined;
  readonly response: { readonly body?: ApolloBody | undefined };
}

/** The body of a response of Apollo Server. */
export interface ApolloBody {
  readonly kind: string;
  readonly singleResult?: ApolloResult;
  readonly initialResult?: ApolloResult;
}

/** A result as the client gets it. */
export interface ApolloResult {
  readonly errors?: readonly OperationError[] | undefined;
}

/** The hooks of one operation. */
export interface ApolloListener {
  didResolveOperation(context: ApolloRequestContext): Promise<void>;
  willSendResponse(context: ApolloRequestContext): Promise<void>;
  didEncounterSubsequentErrors(context: ApolloRequestContext, errors: readonly OperationError[]): Promise<void>;
}

/** A plugin for Apollo Server, and the context function that tells the plugin to which request an operation belongs. */
export interface CoalmineApollo {
  serverWillStart(service: { readonly schema: Schema }): Promise<{
    schemaDidLoadOrUpdate(context: { readonly apiSchema: Schema }): void;
  }>;
  requestDidStart(context: ApolloRequestContext): Promise<ApolloListener>;
  /** Returns a context function that calls `create`, for the option `context` of the integration. */
  context<Arguments extends unknown[], Context extends object = object>(
    create?: (...args: Arguments) => Context | Promise<Context>,
  ): (...args: Arguments) => Promise<Context>;
}

// On the context value, which is all that Apollo passes from the integration to a plugin. Apollo copies the value for
// each operation, with its symbols.
const SOURCE = Symbol('coalmine.source');

interface Tagged {
  [SOURCE]?: Source;
}

/** The request of some operations. */
class Source {
  // Private, so that a logged context does not show the whole request.
  readonly #message: AnyMessage;
  #started = 0;

  constructor(message: AnyMessage) {
    this.#message = message;
  }

  get message(): AnyMessage {
    return this.#message;
  }

  /** Returns the place of an operation that starts. */
  start(): number {
    return this.#started++;
  }
}

const DONE = Promise.resolve();

/**
 * Counts the operations of an Apollo Server, each root field as a route:
 *
 * ```js
 * const operations = coalmineApollo(coalmine.instrument);
 * const server = new ApolloServer({ typeDefs, resolvers, plugins: [operations] });
 * app.use('/graphql', express.json(), expressMiddleware(server, { context: operations.context() }));
 * ```
 *
 * Throws `CoalmineError` if an option is invalid.
 */
export function coalmineApollo(instrument: Instrument, options?: GraphqlOptions): CoalmineApollo {
  const settings = parseOptions(options);
  const service = new GraphqlService({
    instrument,
    path: settings.path ?? '/graphql',
    settings,
    hasStreams: false,
    // Apollo Server tells its client that an error without a code is internal.
    isMeant: () => false,
  });
  const places = new WeakMap<ApolloRequestContext, number>();

  const listener: ApolloListener = {
    didResolveOperation(context) {
      const { contextValue, schema, document, operation, request } = context;
      const source = (contextValue as Tagged)[SOURCE];
      if (source !== undefined && document !== undefined && operation !== undefined) {
        const sent = { document, operation, variables: request.variables };
        service.name(source.message, schema, sent, context.requestIsBatched ? places.get(context) : undefined);
      }
      return DONE;
    },
    willSendResponse({ contextValue, errors, response: { body } }) {
      const source = (contextValue as Tagged)[SOURCE];
      const shown = (body?.singleResult ?? body?.initialResult)?.errors ?? errors;
      if (source !== undefined && shown !== undefined) service.judge(source.message, shown, errors);
      return DONE;
    },
    didEncounterSubsequentErrors({ contextValue }, errors) {
      const source = (contextValue as Tagged)[SOURCE];
      if (source !== undefined) service.judge(source.message, errors);
      return DONE;
    },
  };
  const listening = Promise.resolve(listener);

  return {
    async serverWillStart() {
      return { schemaDidLoadOrUpdate: ({ apiSchema }) => service.declare(apiSchema) };
    },
    requestDidStart(context) {
      const source = (context.contextValue as Tagged)[SOURCE];
      if (source === undefined) warnOfMissing(context);
      // Operations start in the order of their batch, and are resolved in any order.
      else if (context.requestIsBatched) places.set(context, source.start());
      return listening;
    },
    context(create) {
      return async (...args) => {
        const source = sourceIn(args[0]);
        if (source !== undefined) service.arrive(source.message);
        const value = await create?.(...args);
        return tag(value ?? {}, source) as never;
      };
    },
  };

  /** Warns that operations come without requests. An operation that the app executes itself has none. */
  function warnOfMissing({ request }: ApolloRequestContext): void {
    if (request.http === undefined) return;
    warn(
      'COALMINE_OPERATION_REQUEST',
      'Operations of Apollo Server come without their requests, so they are counted only on the path: pass `context: operations.context(yours)` to the integration',
      service,
    );
  }
}

/**
 * Returns the request among the arguments of a context function: `req` of an object in Express, the first argument in
 * Fastify.
 */
function sourceIn(argument: unknown): Source | undefined {
  const { req = argument } = (argument ?? {}) as { readonly req?: unknown };
  return isObject(req) ? new Source(req as AnyMessage) : undefined;
}

/** Returns a copy with the source, because an app may return the same context value for many requests. */
function tag(value: object, source: Source | undefined): object {
  return Object.assign(Object.create(Object.getPrototypeOf(value)), value, { [SOURCE]: source });
}
