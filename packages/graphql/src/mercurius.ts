import type { AnyMessage, Instrument } from '@coalmine/node';
import { InvalidOption } from '@coalmine/options';
import { isTold, type OperationError } from './fault.js';
import { type Document, operationIn, type Schema, type Variables } from './graphql.js';
import { type GraphqlOptions, parseOptions } from './options.js';
import { GraphqlService } from './service.js';

/** The plugin of Mercurius, by shape. */
export type MercuriusPlugin = ((app: never, options: never) => unknown) & {
  readonly defaultErrorFormatter?: unknown;
};

interface App {
  readonly coalmine: Instrument;
  readonly prefix: string;
  readonly graphql: {
    readonly schema: Schema;
    addHook(name: 'preExecution', hook: PreExecution): void;
  };
  register(plugin: unknown, options: object): PromiseLike<unknown>;
  addHook(name: 'onReady', hook: () => Promise<void>): void;
}

interface MercuriusOptions {
  readonly prefix?: string;
  readonly path?: string;
  readonly errorFormatter?: unknown;
}

interface Context {
  /** Absent for an operation that comes over a WebSocket, or that the app executes itself. */
  readonly reply?: {
    readonly raw: AnyMessage & { readonly raw?: never };
    readonly request: {
      readonly body: unknown;
      readonly query: unknown;
      readonly routeOptions: { readonly url?: string | undefined };
    };
  };
  /** The number of operations of a batch. */
  readonly operationsCount?: number;
  /** The place of the operation in its batch. */
  readonly operationId?: number;
}

type PreExecution = (
  schema: Schema,
  document: Document,
  context: Context,
  variables: Variables | undefined,
) => Promise<void>;

interface Execution {
  readonly errors?: readonly OperationError[];
}

interface Formatted {
  readonly statusCode: number;
  readonly response: { readonly errors?: readonly OperationError[] };
}

type ErrorFormatter = (execution: Execution, context: Context) => Formatted;

/**
 * Counts the operations of Mercurius, each root field as a route: register `coalmineMercurius(mercurius)` where you would
 * register `mercurius`, after `@coalmine/fastify`, with the same options.
 *
 * Registering it rejects with `CoalmineError` if an option is invalid.
 */
export function coalmineMercurius<Plugin extends MercuriusPlugin>(mercurius: Plugin, options?: GraphqlOptions): Plugin {
  const settings = parseOptions(options);

  async function install(app: App, given: MercuriusOptions): Promise<void> {
    const { prefix = '', path: own = '/graphql', errorFormatter = mercurius.defaultErrorFormatter } = given;
    if (typeof errorFormatter !== 'function') {
      const accepted = 'a function if the plugin has none of its own, such as mercurius.defaultErrorFormatter';
      throw new InvalidOption('errorFormatter', accepted, errorFormatter);
    }
    const path = settings.path ?? `${app.prefix}${prefix}${own}`;
    const service = new GraphqlService({ instrument: app.coalmine, path, settings, hasStreams: false, isMeant });
    const format = judgeFormatted(errorFormatter as ErrorFormatter, service, path);
    await app.register(mercurius, { ...given, errorFormatter: format });
    app.graphql.addHook('preExecution', async (schema, document, context, variables) => {
      const reply = replyAt(context, path);
      if (reply === undefined) return;
      const operation = operationIn(document, operationNameIn(reply.request, context.operationId));
      if (operation === undefined) return;
      service.name(reply.raw, schema, { document, operation, variables }, context.operationId);
    });
    app.addHook('onReady', async () => service.declare(app.graphql.schema));
  }

  // fastify-plugin marks a plugin that decorates its app like this.
  return Object.assign(install, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@coalmine/graphql',
  }) as unknown as Plugin;
}

/**
 * Returns an error formatter that judges the errors it formats: Mercurius shows the errors of the app only to the
 * formatter.
 */
function judgeFormatted(format: ErrorFormatter, service: GraphqlService, path: string): ErrorFormatter {
  return (execution, context) => {
    const formatted = format(execution, context);
    const reply = replyAt(context, path);
    if (reply === undefined) return formatted;
    // In a batch, the last operation decides the status.
    const isSaid = context.operationsCount === undefined && formatted?.statusCode >= 400;
    const { errors: thrown = [] } = execution;
    const shown = formatted?.response?.errors;
    if (!isSaid) service.judge(reply.raw, shown?.length === thrown.length ? shown : thrown, thrown);
    return formatted;
  };
}

/**
 * Returns the reply of an operation at the path. An app may execute operations for its own routes, which count by
 * themselves.
 */
function replyAt({ reply }: Context, path: string): Context['reply'] {
  return reply?.request?.routeOptions?.url === path ? reply : undefined;
}

function operationNameIn(
  { body, query }: { readonly body: unknown; readonly query: unknown },
  place = 0,
): string | undefined {
  const sent = Array.isArray(body) ? body[place] : (body ?? query);
  const { operationName } = (sent ?? {}) as { readonly operationName?: unknown };
  return typeof operationName === 'string' ? operationName : undefined;
}

interface StatusError extends OperationError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
}

/**
 * Whether an error is meant for the client. Mercurius has statuses for its own errors and for `ErrorWithProps`, whose
 * default is 200.
 */
function isMeant(thrown: StatusError, error: OperationError): boolean {
  const { code, statusCode } = thrown;
  const isOwn = thrown.constructor?.name === 'ErrorWithProps' || /^(?:MER|FST)_/.test(String(code));
  if (isOwn) return typeof statusCode === 'number' && statusCode < 500;
  return isTold(thrown, error);
}
