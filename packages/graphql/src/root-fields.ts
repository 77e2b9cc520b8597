import type { Operation, Operations, RoutePattern } from '@coalmine/node';
import { findRoute, type Routes, type SentOperation } from './field-search.js';
import type { OperationKind, RootType, Schema } from './graphql.js';

/** HTTP methods by the kind of operation; a kind that no HTTP request carries is absent. */
export type Methods = Readonly<Partial<Record<OperationKind, readonly string[]>>>;

/** The name of the route of operations that ask only for the schema. */
const INTROSPECTION = '(introspection)';

/** The root fields of the schemas of a server, each of them a route. */
export class RootFields {
  readonly #operations: Operations;
  readonly #methods: Methods;
  readonly #bySchema = new WeakMap<Schema, ReadonlyMap<OperationKind, Routes>>();

  constructor(operations: Operations, methods: Methods) {
    this.#operations = operations;
    this.#methods = methods;
  }

  /** Declares the root fields of a schema, and creates their series at zero. */
  declare(schema: Schema): void {
    this.#read(schema);
    this.#operations.checkRoutes();
  }

  /** Returns the route of an operation, or `undefined` if it has no field of the schema. */
  routeOf(schema: Schema, sent: SentOperation): RoutePattern | undefined {
    const routes = (this.#bySchema.get(schema) ?? this.#read(schema)).get(sent.operation.operation);
    if (routes === undefined) return undefined;
    const found = findRoute(sent, routes);
    return found === 'introspection' ? this.#introspection() : found;
  }

  #read(schema: Schema): ReadonlyMap<OperationKind, Routes> {
    const types = rootTypesOf(schema);
    this.#operations.declare(types.flatMap(([kind, type]) => operationsOf(type, this.#methods[kind] ?? [])));
    const read = new Map(types.map(([kind, type]) => [kind, this.#routesOf(type)]));
    this.#bySchema.set(schema, read);
    return read;
  }

  #routesOf(type: RootType): Routes {
    const routes = new Map<string, RoutePattern>();
    for (const field of Object.keys(type.getFields())) {
      const route = this.#operations.find(nameOf(type, field));
      if (route !== undefined) routes.set(field, route);
    }
    return routes;
  }

  #introspection(): RoutePattern | undefined {
    const known = this.#operations.find(INTROSPECTION);
    if (known === undefined) this.#operations.declare([{ name: INTROSPECTION, methods: [] }]);
    return known ?? this.#operations.find(INTROSPECTION);
  }
}

function rootTypesOf(schema: Schema): readonly (readonly [OperationKind, RootType])[] {
  const types: [OperationKind, RootType | null | undefined][] = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ];
  return types.flatMap(([kind, type]) => (type ? [[kind, type] as const] : []));
}

function operationsOf(type: RootType, methods: readonly string[]): readonly Operation[] {
  const group = `${type.name}.`;
  return Object.keys(type.getFields()).map((field) => ({ name: nameOf(type, field), methods, group }));
}

function nameOf(type: RootType, field: string): string {
  return `${type.name}.${field}`;
}
