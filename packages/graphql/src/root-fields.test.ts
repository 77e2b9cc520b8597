import { createInstrument, createOperations, type Instrument, type OperationsOptions } from '@coalmine/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { graphqlJs, Registry, sent } from './fixtures/parsed.js';
import { RootFields } from './root-fields.js';

const METHODS = { query: ['GET', 'POST'], mutation: ['POST'] };
const SCHEMA = graphqlJs.buildSchema(`
  schema { query: Root mutation: Change subscription: Feed }
  type Root { items: [Int] item(id: Int): Int ping: Int }
  type Change { buy: Int }
  type Feed { prices: Int }
`);

/** Returns the root fields of a service at /graphql, and the routes that have series. */
function create(options: Partial<OperationsOptions> = {}) {
  const instrument: Instrument = createInstrument({ registry: new Registry(), health: false });
  onTestFinished(() => instrument.close());
  const operations = createOperations(instrument, { path: '/graphql', ...options });
  return {
    operations,
    fields: new RootFields(operations, METHODS),
    routes: () => [...instrument.metrics.routes()].map(({ method, pattern }) => `${method} ${pattern}`).slice(1),
  };
}

describe('the root fields of a schema', () => {
  it('are routes by the names of their types, for the methods that carry them', () => {
    const { fields, routes } = create();
    fields.declare(SCHEMA);
    expect(routes()).toEqual([
      'GET /graphql Root.items',
      'POST /graphql Root.items',
      'GET /graphql Root.item',
      'POST /graphql Root.item',
      'GET /graphql Root.ping',
      'POST /graphql Root.ping',
      'POST /graphql Change.buy',
    ]);
  });

  it('share a route for each type if they are too many', () => {
    const { fields, operations, routes } = create({ maxOperations: 2, routes: { 'Root.ping': false } });
    fields.declare(SCHEMA);
    expect(routes()).toEqual([
      'GET /graphql Root.(other)',
      'POST /graphql Root.(other)',
      'POST /graphql Change.(other)',
    ]);
    expect(fields.routeOf(SCHEMA, sent('{ items }'))).toBe(operations.find('Root.(other)'));
    expect(fields.routeOf(SCHEMA, sent('{ ping }'))?.isExcluded).toBe(true);
  });

  it('name an operation of a schema that was not declared, by its kind', () => {
    const { fields, operations } = create();
    expect(fields.routeOf(SCHEMA, sent('{ item }'))).toBe(operations.find('Root.item'));
    expect(fields.routeOf(SCHEMA, sent('mutation { buy }'))).toBe(operations.find('Change.buy'));
    expect(fields.routeOf(SCHEMA, sent('subscription { prices }'))).toBe(operations.find('Feed.prices'));
    expect(fields.routeOf(SCHEMA, sent('{ buy }'))).toBeUndefined();
  });

  it('name no operation of a kind that the schema does not have', () => {
    const { fields } = create();
    const schema = graphqlJs.buildSchema('type Query { a: Int }');
    expect(fields.routeOf(schema, sent('mutation { a }'))).toBeUndefined();
    expect(fields.routeOf(schema, sent('mutation { __typename }'))).toBeUndefined();
  });

  it('have one route for operations that ask only for the schema, without series before the first', () => {
    const { fields, operations, routes } = create();
    fields.declare(SCHEMA);
    const before = routes();
    const route = fields.routeOf(SCHEMA, sent('{ __schema { types { name } } }'));
    expect(route).toBe(operations.find('(introspection)'));
    expect(route).toBeDefined();
    expect(fields.routeOf(SCHEMA, sent('mutation { __typename }'))).toBe(route);
    expect(routes()).toEqual(before);
  });

  it('of two schemas are apart, although the names of their types are equal', () => {
    const { fields, operations } = create();
    const other = graphqlJs.buildSchema('schema { query: Root } type Root { extra: Int }');
    for (const schema of [SCHEMA, other]) fields.declare(schema);
    expect(fields.routeOf(other, sent('{ extra }'))).toBe(operations.find('Root.extra'));
    expect(fields.routeOf(other, sent('{ items }'))).toBeUndefined();
    expect(fields.routeOf(SCHEMA, sent('{ extra }'))).toBeUndefined();
  });
});
