import { OperationsOptions, Instrument } from '@coalmine/node';

/** Options for the procedures of a router, all of them optional. */
interface TrpcOptions extends Partial<OperationsOptions> {
    /** The path at which the service serves the router. @defaultValue `'/trpc'` */
    readonly path?: string;
}
/** A router of tRPC, by shape. */
interface TrpcRouter {
    readonly _def: {
        /** By path, such as `items.byId`; the procedures of a lazy router come with its first request. */
        readonly procedures: object;
        /** Routers that are loaded when a request needs them. */
        readonly lazy?: object;
    };
}
/** The options of an adapter of tRPC, by shape. */
interface TrpcHandlerOptions {
    readonly router: TrpcRouter;
    /** Whether queries may come as `POST`. */
    readonly allowMethodOverride?: boolean;
    readonly createContext?: (options: any) => any;
    readonly onError?: (options: any) => any;
}
/**
 * Returns the options of an adapter of tRPC (Express, Fastify, standalone), changed so that each procedure is counted
 * as a route: `createExpressMiddleware(coalmineTrpc(instrument, { router, createContext }))`.
 *
 * Throws `CoalmineError` if an option is invalid.
 */
declare function coalmineTrpc<Options extends TrpcHandlerOptions>(instrument: Instrument, handlerOptions: Options, options?: TrpcOptions): Options;

export { type TrpcHandlerOptions, type TrpcOptions, type TrpcRouter, coalmineTrpc };
