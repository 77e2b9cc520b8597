import { type AnyMessage, type Instrument, warn } from '@coalmine/node';
import { isObject, isTold, type OperationError } from './fault.js';
import { type Document, operationIn, type Schema, type Variables } from './graphql.js';
import { type GraphqlOptions, parseOptions } from './options.js';
import { GraphqlService } from './service.js';

/** The arguments with which Yoga executes an operation, by shape. */
export interface YogaArguments {
  readonly schema: Schema;
  readonly document: Document;
  readonly contextValue?: unknown;
  readonly variableValues?: Variables | null | undefined;
  readonly operationName?: string | null | undefined;
}

/** A result of Yoga, by shape. */
export interface YogaResult {
  readonly errors?: readonly OperationError[] | undefined;
  /** Parts of a deferred result. */
  readonly incremental?: readonly YogaResult[] | undefined;
  readonly completed?: readonly YogaResult[] | undefined;
}

/** The payload of a hook of Yoga for results. */
export interface YogaResultPayload {
  readonly args: YogaArguments;
  readonly result: unknown;
}

/** A plugin for GraphQL Yoga. */
export interface CoalmineYoga {
  onYogaInit(payload: { readonly yoga: { readonly graphqlEndpoint: string } }): void;
  onPluginInit(payload: {
    registerContextErrorHandler(
      handler: (payload: { readonly context: unknown; readonly error: unknown }) => void,
    ): void;
  }): void;
  onSchemaChange(payload: { readonly schema: Schema }): void;
  onRequest(payload: { readonly serverContext: unknown }): void;
  onRequestParse(): {
    onRequestParseDone(payload: { readonly requestParserResult: object }): void;
  };
  onParams(payload: { readonly params: object; readonly context: unknown }): void;
  onExecute(payload: { readonly args: YogaArguments }): {
    onExecuteDone(
      payload: YogaResultPayload,
    ): { onNext(payload: { readonly args: YogaArguments; readonly result: YogaResult }): void } | undefined;
  };
  onSubscribe(payload: { readonly args: YogaArguments }): {
    onSubscribeResult(payload: YogaResultPayload): undefined;
  };
  onExecutionResult(payload: { readonly context: unknown; readonly result: unknown }): void;
  onResultProcess(payload: { readonly serverContext: unknown; readonly result: unknown }): void;
}

/**
 * Counts the operations of a GraphQL Yoga, each root field as a route:
 * `createYoga({ schema, plugins: [coalmineYoga(instrument)] })`, on `node:http`, Express or Fastify. Put it before other
 * plugins.
 *
 * Throws `CoalmineError` if an option is invalid; `createYoga` throws it for some options.
 */
export function coalmineYoga(instrument: Instrument, options?: GraphqlOptions): CoalmineYoga {
  const settings = parseOptions(options);
  let service: GraphqlService | undefined;
  let path = '';
  let schema: Schema | undefined;
  // Both are keyed by the contexts of operations.
  const places = new WeakMap<object, number>();
  const thrown = new WeakMap<object, readonly OperationError[]>();

  // The results of hooks are shared by all requests.
  const parsed = {
    onRequestParseDone({ requestParserResult }: { readonly requestParserResult: object }): void {
      if (!Array.isArray(requestParserResult)) return;
      for (const [place, params] of requestParserResult.entries()) if (isObject(params)) places.set(params, place);
    },
  };
  const executed = {
    onExecuteDone({ args, result }: YogaResultPayload) {
      if (isStream(result)) return deferred;
      keepErrors(args.contextValue, result);
      return undefined;
    },
  };
  const deferred = {
    onNext({ args, result }: { readonly args: YogaArguments; readonly result: YogaResult }): void {
      const errors = errorsIn(result);
      if (errors.length > 0) judge(args.contextValue, errors);
    },
  };
  const subscribed = {
    onSubscribeResult({ args, result }: YogaResultPayload): undefined {
      if (!isStream(result)) keepErrors(args.contextValue, result);
    },
  };

  return {
    onYogaInit({ yoga }) {
      path = settings.path ?? yoga.graphqlEndpoint;
      // Yoga shows an error of GraphQL that the app has thrown to its client, and masks every other error.
      service = new GraphqlService({ instrument, path, settings, hasStreams: true, isMeant: isTold });
      if (schema !== undefined) service.declare(schema);
    },
    onPluginInit({ registerContextErrorHandler }) {
      registerContextErrorHandler(({ context, error }) => {
        if (isObject(context) && isObject(error)) thrown.set(context, [error]);
      });
    },
    onSchemaChange(payload) {
      schema = payload.schema;
      service?.declare(schema);
    },
    onRequest({ serverContext }) {
      const message = messageIn(serverContext);
      if (message === undefined) warnOfMissing();
      else if (isAt(message, path)) service?.arrive(message);
    },
    onRequestParse: () => parsed,
    onParams({ params, context }) {
      const place = places.get(params);
      if (place !== undefined && isObject(context)) places.set(context, place);
    },
    onExecute({ args }) {
      name(args);
      return executed;
    },
    onSubscribe({ args }) {
      name(args);
      return subscribed;
    },
    onExecutionResult({ context, result }) {
      const errors = (result as YogaResult | undefined)?.errors;
      if (errors !== undefined) judge(context, errors, isObject(context) ? thrown.get(context) : undefined);
    },
    // Yoga has a result for an operation of a batch that could not be started, too.
    onResultProcess({ serverContext, result }) {
      if (!Array.isArray(result)) return;
      for (const { errors } of result as readonly YogaResult[]) if (errors !== undefined) judge(serverContext, errors);
    },
  };

  function warnOfMissing(): void {
    warn(
      'COALMINE_OPERATION_REQUEST',
      'Operations of Yoga come without their requests, so they are counted only on the path: pass `{ req, reply }` to handleNodeRequestAndResponse()',
      thrown,
    );
  }

  function name({ schema, document, operationName, variableValues, contextValue }: YogaArguments): void {
    const message = messageIn(contextValue);
    const operation = operationIn(document, operationName);
    if (message === undefined || operation === undefined) return;
    const sent = { document, operation, variables: variableValues };
    service?.name(message, schema, sent, places.get(contextValue as object));
  }

  function judge(context: unknown, shown: readonly OperationError[], raw?: readonly OperationError[]): void {
    const message = messageIn(context);
    if (message !== undefined) service?.judge(message, shown, raw);
  }

  /** Keeps the errors as the app has thrown them, before they are masked. */
  function keepErrors(context: unknown, result: unknown): void {
    const { errors } = (result ?? {}) as YogaResult;
    if (errors !== undefined && isObject(context)) thrown.set(context, errors);
  }
}

function messageIn(context: unknown): AnyMessage | undefined {
  const { req, res, reply } = (context ?? {}) as {
    readonly req?: unknown;
    readonly res?: unknown;
    readonly reply?: unknown;
  };
  const message = req ?? res ?? reply;
  return isObject(message) ? (message as AnyMessage) : undefined;
}

/** Whether a request came to a path, with a query or without one. */
function isAt(message: AnyMessage, path: string): boolean {
  const { originalUrl, url = '' } = message as { readonly originalUrl?: string; readonly url?: string };
  const target = originalUrl ?? url;
  return target.startsWith(path) && /^\/?(?:\?|$)/.test(target.slice(path.length));
}

function errorsIn({ errors = [], incremental = [], completed = [] }: YogaResult): readonly OperationError[] {
  return [errors, ...[...incremental, ...completed].map((part) => part.errors ?? [])].flat();
}

function isStream(result: unknown): boolean {
  return isObject(result) && Symbol.asyncIterator in result;
}
