export { coalmineTrpc, type TrpcHandlerOptions, type TrpcOptions, type TrpcRouter } from './trpc.js';
