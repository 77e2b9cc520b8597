// Options, the shapes of a schema and its errors, and one plugin for each server.
export type { GraphqlOptions } from './options.js';
export type { Blame, OperationError } from './fault.js';
export type {
  Definition,
  Directive,
  Document,
  Name,
  OperationDefinition,
  OperationKind,
  RootType,
  Schema,
  Selection,
  SelectionSet,
  Value,
  VariableDefinition,
  Variables,
} from './graphql.js';
export {
  type ApolloBody,
  type ApolloListener,
  type ApolloRequestContext,
  type ApolloResult,
  type CoalmineApollo,
  coalmineApollo,
} from './apollo.js';
export {
  type CoalmineYoga,
  coalmineYoga,
  type YogaArguments,
  type YogaResult,
  type YogaResultPayload,
} from './yoga.js';
export { coalmineMercurius, type MercuriusPlugin } from './mercurius.js';
