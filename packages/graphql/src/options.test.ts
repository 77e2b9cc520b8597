import { describe, expect, it } from 'vitest';
import { type GraphqlOptions, parseOptions } from './options.js';

describe('the options of GraphQL', () => {
  it('are all optional', () => {
    for (const options of [undefined, {}]) {
      expect(parseOptions(options)).toEqual({
        operations: {},
        path: undefined,
        methods: ['GET', 'POST'],
        codes: new Map(),
      });
    }
  });

  it('are passed on to the operations, except for those of GraphQL', () => {
    const operations = { objective: { latency: 1 }, routes: { 'Query.a': false as const }, maxOperations: 3 };
    const codes = { OUT_OF_STOCK: 'client', toString: 'server' } as const;
    expect(parseOptions({ ...operations, path: '/api', methods: ['POST'], codes })).toEqual({
      operations,
      path: '/api',
      methods: ['POST'],
      codes: new Map(Object.entries(codes)),
    });
  });

  it.each<[options: unknown, message: string]>([
    [{ method: 'GET' }, 'options.method must be left out: '],
    [{ methods: 'GET' }, 'methods must be a list, of GET or POST each, got "GET"'],
    [{ methods: ['GET', 'get'] }, 'methods[1] must be GET or POST, got "get"'],
    [{ codes: ['A'] }, "codes must be an object with 'client' or 'server' by code, got [\"A\"]"],
    [{ codes: null }, "codes must be an object with 'client' or 'server' by code, got null"],
    [{ codes: { A: 'client', B: 'user' } }, "codes.B must be 'client' or 'server', got \"user\""],
    [{ codes: { A: true } }, "codes.A must be 'client' or 'server', got true"],
  ])('are refused if they are %j', (options, message) => {
    expect(() => parseOptions(options as GraphqlOptions)).toThrow(message);
  });
});
