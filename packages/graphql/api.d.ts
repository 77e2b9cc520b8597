import { OperationsOptions, Instrument } from '@coalmine/node';

/** An error of an operation, by shape: in the form of graphql-js, or as a client gets it. */
interface OperationError {
    readonly name?: string;
    readonly message?: unknown;
    /** The place of the error in the result; absent if the error belongs to the whole operation. */
    readonly path?: readonly unknown[] | undefined;
    readonly nodes?: readonly {
        readonly kind: string;
    }[] | undefined;
    readonly extensions?: {
        readonly code?: unknown;
        readonly http?: unknown;
    } | null | undefined;
    readonly originalError?: unknown;
}
/** Whose fault an error is. */
type Blame = 'client' | 'server';

/** The options of every GraphQL server, all of them optional. */
interface GraphqlOptions extends Partial<OperationsOptions> {
    /** The path at which the service serves GraphQL. @defaultValue the path that the server reports, or `'/graphql'` */
    readonly path?: string;
    /** The HTTP methods that clients use: the series of root fields exist for these. @defaultValue `['GET', 'POST']` */
    readonly methods?: readonly ('GET' | 'POST')[];
    /**
     * Whose fault an error with a code of the app is. @defaultValue `'server'` for the codes in docs/graphql.md,
     * otherwise `'client'`
     */
    readonly codes?: Readonly<Record<string, Blame>>;
}

/** A schema. */
interface Schema {
    getQueryType(): RootType | null | undefined;
    getMutationType(): RootType | null | undefined;
    getSubscriptionType(): RootType | null | undefined;
}
/** The type that an operation starts with. */
interface RootType {
    readonly name: string;
    getFields(): object;
}
/** A parsed document. */
interface Document {
    readonly definitions: readonly Definition[];
}
/** An operation, a fragment, or something that is not executed. */
interface Definition {
    readonly kind: string;
    readonly name?: Name | undefined;
    readonly selectionSet?: SelectionSet;
}
/** An operation of a document. */
interface OperationDefinition extends Definition {
    readonly operation: OperationKind;
    readonly selectionSet: SelectionSet;
    readonly variableDefinitions?: readonly VariableDefinition[] | undefined;
}
type OperationKind = 'query' | 'mutation' | 'subscription';
interface Name {
    readonly value: string;
}
interface SelectionSet {
    readonly selections: readonly Selection[];
}
/** A field, or a fragment: a spread has a name, and an inline fragment has selections. */
interface Selection {
    readonly kind: string;
    readonly name?: Name | undefined;
    readonly directives?: readonly Directive[] | undefined;
    readonly selectionSet?: SelectionSet | undefined;
}
interface Directive {
    readonly name: Name;
    readonly arguments?: readonly {
        readonly name: Name;
        readonly value: Value;
    }[] | undefined;
}
/** A value; only variables and booleans are read. */
interface Value {
    readonly kind: string;
    readonly name?: Name;
    readonly value?: unknown;
}
interface VariableDefinition {
    readonly variable: {
        readonly name: Name;
    };
    readonly defaultValue?: Value | undefined;
}
/** The values of variables, as a client has sent them. */
type Variables = Readonly<Record<string, unknown>>;

/** An operation of Apollo Server, by shape. */
interface ApolloRequestContext {
    readonly schema: Schema;
    readonly contextValue: object;
    readonly request: {
        readonly http?: unknown;
        readonly variables?: Variables | undefined;
    };
    readonly requestIsBatched: boolean;
    readonly document?: Document | undefined;
    readonly operation?: OperationDefinition | undefined;
    /** The errors as the app has thrown them. */
    readonly errors?: readonly OperationError[] | undefined;
    readonly response: {
        readonly body?: ApolloBody | undefined;
    };
}
/** The body of a response of Apollo Server. */
interface ApolloBody {
    readonly kind: string;
    readonly singleResult?: ApolloResult;
    readonly initialResult?: ApolloResult;
}
/** A result as the client gets it. */
interface ApolloResult {
    readonly errors?: readonly OperationError[] | undefined;
}
/** The hooks of one operation. */
interface ApolloListener {
    didResolveOperation(context: ApolloRequestContext): Promise<void>;
    willSendResponse(context: ApolloRequestContext): Promise<void>;
    didEncounterSubsequentErrors(context: ApolloRequestContext, errors: readonly OperationError[]): Promise<void>;
}
/** A plugin for Apollo Server, and the context function that tells the plugin to which request an operation belongs. */
interface CoalmineApollo {
    serverWillStart(service: {
        readonly schema: Schema;
    }): Promise<{
        schemaDidLoadOrUpdate(context: {
            readonly apiSchema: Schema;
        }): void;
    }>;
    requestDidStart(context: ApolloRequestContext): Promise<ApolloListener>;
    /** Returns a context function that calls `create`, for the option `context` of the integration. */
    context<Arguments extends unknown[], Context extends object = object>(create?: (...args: Arguments) => Context | Promise<Context>): (...args: Arguments) => Promise<Context>;
}
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
declare function coalmineApollo(instrument: Instrument, options?: GraphqlOptions): CoalmineApollo;

/** The arguments with which Yoga executes an operation, by shape. */
interface YogaArguments {
    readonly schema: Schema;
    readonly document: Document;
    readonly contextValue?: unknown;
    readonly variableValues?: Variables | null | undefined;
    readonly operationName?: string | null | undefined;
}
/** A result of Yoga, by shape. */
interface YogaResult {
    readonly errors?: readonly OperationError[] | undefined;
    /** Parts of a deferred result. */
    readonly incremental?: readonly YogaResult[] | undefined;
    readonly completed?: readonly YogaResult[] | undefined;
}
/** The payload of a hook of Yoga for results. */
interface YogaResultPayload {
    readonly args: YogaArguments;
    readonly result: unknown;
}
/** A plugin for GraphQL Yoga. */
interface CoalmineYoga {
    onYogaInit(payload: {
        readonly yoga: {
            readonly graphqlEndpoint: string;
        };
    }): void;
    onPluginInit(payload: {
        registerContextErrorHandler(handler: (payload: {
            readonly context: unknown;
            readonly error: unknown;
        }) => void): void;
    }): void;
    onSchemaChange(payload: {
        readonly schema: Schema;
    }): void;
    onRequest(payload: {
        readonly serverContext: unknown;
    }): void;
    onRequestParse(): {
        onRequestParseDone(payload: {
            readonly requestParserResult: object;
        }): void;
    };
    onParams(payload: {
        readonly params: object;
        readonly context: unknown;
    }): void;
    onExecute(payload: {
        readonly args: YogaArguments;
    }): {
        onExecuteDone(payload: YogaResultPayload): {
            onNext(payload: {
                readonly args: YogaArguments;
                readonly result: YogaResult;
            }): void;
        } | undefined;
    };
    onSubscribe(payload: {
        readonly args: YogaArguments;
    }): {
        onSubscribeResult(payload: YogaResultPayload): undefined;
    };
    onExecutionResult(payload: {
        readonly context: unknown;
        readonly result: unknown;
    }): void;
    onResultProcess(payload: {
        readonly serverContext: unknown;
        readonly result: unknown;
    }): void;
}
/**
 * Counts the operations of a GraphQL Yoga, each root field as a route:
 * `createYoga({ schema, plugins: [coalmineYoga(instrument)] })`, on `node:http`, Express or Fastify. Put it before other
 * plugins.
 *
 * Throws `CoalmineError` if an option is invalid; `createYoga` throws it for some options.
 */
declare function coalmineYoga(instrument: Instrument, options?: GraphqlOptions): CoalmineYoga;

/** The plugin of Mercurius, by shape. */
type MercuriusPlugin = ((app: never, options: never) => unknown) & {
    readonly defaultErrorFormatter?: unknown;
};
/**
 * Counts the operations of Mercurius, each root field as a route: register `coalmineMercurius(mercurius)` where you would
 * register `mercurius`, after `@coalmine/fastify`, with the same options.
 *
 * Registering it rejects with `CoalmineError` if an option is invalid.
 */
declare function coalmineMercurius<Plugin extends MercuriusPlugin>(mercurius: Plugin, options?: GraphqlOptions): Plugin;

export { type ApolloBody, type ApolloListener, type ApolloRequestContext, type ApolloResult, type Blame, type CoalmineApollo, type CoalmineYoga, type Definition, type Directive, type Document, type GraphqlOptions, type MercuriusPlugin, type Name, type OperationDefinition, type OperationError, type OperationKind, type RootType, type Schema, type Selection, type SelectionSet, type Value, type VariableDefinition, type Variables, type YogaArguments, type YogaResult, type YogaResultPayload, coalmineApollo, coalmineMercurius, coalmineYoga };
