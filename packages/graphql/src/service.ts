import { type AnyMessage, createOperations, fail, type Instrument, type Operations, warn } from '@coalmine/node';
import { type FaultRules, findFault, type OperationError } from './fault.js';
import type { SentOperation } from './field-search.js';
import type { Schema } from './graphql.js';
import type { GraphqlSettings } from './options.js';
import { RootFields } from './root-fields.js';

export interface ServiceParts {
  readonly instrument: Instrument;
  readonly path: string;
  readonly settings: GraphqlSettings;
  /** Whether subscriptions come in HTTP requests, as event streams. */
  readonly hasStreams: boolean;
  readonly isMeant: FaultRules['isMeant'];
}

/** The counting of a GraphQL service, for the plugins of all servers. No method throws. */
export class GraphqlService {
  readonly #instrument: Instrument;
  readonly #operations: Operations;
  readonly #fields: RootFields;
  readonly #rules: FaultRules;

  /** Throws `CoalmineError` if an option is invalid. */
  constructor({ instrument, path, settings, hasStreams, isMeant }: ServiceParts) {
    const { methods, codes } = settings;
    this.#instrument = instrument;
    this.#operations = createOperations(instrument, { ...settings.operations, path });
    this.#fields = new RootFields(this.#operations, {
      query: methods,
      mutation: methods.filter((method) => method === 'POST'),
      subscription: hasStreams ? methods : [],
    });
    this.#rules = { codes, isMeant };
  }

  /** Declares the root fields of a schema, and creates their series at zero. */
  declare(schema: Schema): void {
    try {
      this.#fields.declare(schema);
    } catch (error) {
      this.#warnUnread(error);
    }
  }

  /** Counts a request on the path, unless it has a name. */
  arrive(message: AnyMessage): void {
    try {
      this.#operations.assign(message, undefined);
    } catch (error) {
      this.#warnUnread(error);
    }
  }

  /** Counts a request on the root field of its operation. `position` is the place of the operation in a batch. */
  name(message: AnyMessage, schema: Schema, sent: SentOperation, position?: number): void {
    try {
      this.#operations.assign(message, this.#fields.routeOf(schema, sent), position);
    } catch (error) {
      this.#warnUnread(error);
    }
  }

  /** Fails a request if one of the errors of an operation is the server's fault. `raw` is as for {@link findFault}. */
  judge(message: AnyMessage, shown: readonly OperationError[], raw?: readonly OperationError[]): void {
    try {
      const fault = findFault(shown, raw, this.#rules);
      if (fault !== undefined) fail(message, fault);
    } catch (error) {
      this.#warnUnread(error);
    }
  }

  #warnUnread(error: unknown): void {
    warn('COALMINE_OPERATION_UNREAD', `A GraphQL operation could not be read: ${String(error)}`, this.#instrument);
  }
}
