import { describe, expect, it } from 'vitest';
import { type FaultRules, findFault, isTold, type OperationError } from './fault.js';
import { graphqlJs } from './fixtures/parsed.js';

const { buildSchema, GraphQLError, graphql: execute } = graphqlJs;

const RULES: FaultRules = {
  codes: new Map([
    ['OUT_OF_STOCK', 'server'],
    ['TIMEOUT', 'client'],
  ]),
  isMeant: () => false,
};

const error = (code?: unknown, status?: unknown): OperationError =>
  new GraphQLError('it failed', { extensions: { code, ...(status === undefined ? {} : { http: { status } }) } });

describe('the status of an error', () => {
  it.each<[code: unknown, asked: unknown, status: number | undefined]>([
    // Without a code, an error is internal, unless it asks for the status of a client's mistake.
    [undefined, undefined, 500],
    [undefined, 399, 500],
    [undefined, 400, undefined],
    [undefined, 499, undefined],
    [undefined, 503, 503],
    [undefined, '400', 500],
    // The codes of servers, gateways and gRPC.
    ['INTERNAL_SERVER_ERROR', undefined, 500],
    ['internal', undefined, 500],
    ['Unavailable', undefined, 503],
    ['DEADLINE_EXCEEDED', undefined, 504],
    ['INTERNAL_SERVER_ERROR', 400, 500],
    ['INTERNAL_SERVER_ERROR', 502, 502],
    // A code that is a status.
    ['500', undefined, 500],
    [503, undefined, 503],
    ['600', undefined, undefined],
    ['5000', undefined, undefined],
    [404, undefined, undefined],
    // Any other code tells the client something, and the rules of the app come first.
    ['', undefined, undefined],
    ['NOT_FOUND', undefined, undefined],
    ['NOT_FOUND', 500, 500],
    ['OUT_OF_STOCK', undefined, 500],
    ['OUT_OF_STOCK', 404, 500],
    ['out_of_stock', undefined, undefined],
    ['TIMEOUT', undefined, undefined],
    ['timeout', undefined, 504],
    // What is no code.
    [null, undefined, 500],
    [{}, undefined, 500],
  ])('with the code %j that asks for %j is %s', (code, asked, status) => {
    expect(findFault([error(code, asked)], undefined, RULES)?.status).toBe(status);
  });

  it('comes from what the client gets, and from what the app has thrown', () => {
    const fault = (shown: OperationError, raw: OperationError) => findFault([shown], [raw], RULES)?.status;
    expect(fault(error('BAD_USER_INPUT'), error())).toBeUndefined();
    expect(fault(error(), error('BAD_USER_INPUT'))).toBeUndefined();
    expect(fault(error('INTERNAL_SERVER_ERROR'), error('BAD_USER_INPUT'))).toBe(500);
    // The server has only added its default code to an error that asks for the status of a client's mistake.
    expect(fault(error('INTERNAL_SERVER_ERROR', 404), error(undefined, 404))).toBeUndefined();
    expect(fault(error('INTERNAL_SERVER_ERROR'), error(undefined, 404))).toBeUndefined();
    expect(fault(error('NOT_FOUND', 404), error('NOT_FOUND', 503))).toBeUndefined();
    expect(fault(error('NOT_FOUND'), error('NOT_FOUND', 503))).toBe(503);
  });

  it('is not taken from thrown errors that are others than those shown', () => {
    const shown = [error('BAD_USER_INPUT')];
    expect(findFault(shown, [error(), error()], RULES)).toBeUndefined();
    expect(findFault(shown, [], RULES)).toBeUndefined();
    expect(findFault([], undefined, RULES)).toBeUndefined();
    for (const extensions of [null, undefined]) {
      expect(findFault([{ message: 'bare', extensions }], undefined, RULES)).toEqual({ status: 500, reason: 'bare' });
    }
  });
});

describe('the error that fails an operation', () => {
  it('is the first that is the fault of the server, with the message that the app has thrown', () => {
    const thrown = new GraphQLError('outer', {
      originalError: new GraphQLError('middle', { originalError: new Error('disk full') }),
    });
    const shown = [error('NOT_FOUND'), { message: 'Unexpected error.' }, error('UNAVAILABLE')];
    expect(findFault(shown, [error('NOT_FOUND'), thrown, error()], RULES)).toEqual({
      status: 500,
      reason: 'disk full',
    });
    expect(findFault(shown, undefined, RULES)).toEqual({ status: 500, reason: 'Unexpected error.' });
  });

  it('has a reason even if its cause is itself, or is no error', () => {
    const circle: { message: string; originalError?: unknown } = { message: 'round' };
    circle.originalError = circle;
    expect(findFault([circle], undefined, RULES)?.reason).toBe('round');
    expect(findFault([{ message: 'a text', originalError: 'a text' }], undefined, RULES)?.reason).toBe('a text');
    expect(findFault([{ message: 5 }], undefined, RULES)?.reason).toBe('an error without a message');
    expect(findFault([{ originalError: {} }], undefined, RULES)?.reason).toBe('an error without a message');
  });

  it('is not one that is meant for the client', () => {
    const asked: unknown[][] = [];
    const cause = new Error('no such item');
    const wrapped = new GraphQLError('wrapped', { originalError: cause });
    const isMeant = (...errors: unknown[]): boolean => asked.push(errors) > 0;
    expect(findFault([error('INTERNAL')], undefined, { ...RULES, isMeant })?.status).toBe(500);
    expect(asked).toEqual([]);
    expect(findFault([{ message: 'shown' }], [wrapped], { ...RULES, isMeant })).toBeUndefined();
    expect(asked).toEqual([[cause, wrapped]]);
  });
});

describe('an error that is told to the client', () => {
  const schema = buildSchema(
    'enum Size { S L } type Query { size: Size count: Int list: [Int] told: Int broken: Int }',
  );

  it.each<[field: string, value: () => unknown, isMeant: boolean]>([
    ['told', () => new GraphQLError('no such item'), true],
    ['broken', () => new Error('disk full'), false],
    ['broken', () => Object.assign(new Error('as of another copy'), { name: 'GraphQLError' }), true],
    ['size', () => 'XL', false],
    ['count', () => 'many', false],
    ['list', () => 5, false],
  ])('is what the resolver of %s throws or returns wrongly (%s): %s', async (field, value, isMeant) => {
    const resolve = (): unknown => {
      const result = value();
      if (result instanceof Error) throw result;
      return result;
    };
    const { errors = [] } = await execute({ schema, source: `{ ${field} }`, rootValue: { [field]: resolve } });
    const [found] = errors;
    if (found === undefined) throw new Error('no error');
    let thrown: OperationError = found;
    if (typeof found.originalError === 'object' && found.originalError !== null) thrown = found.originalError;
    expect(isTold(thrown, found)).toBe(isMeant);
  });

  it('belongs to the whole operation if it has no place, whatever it says', () => {
    const whole = new GraphQLError('Int cannot represent non-integer value: 1.5');
    expect(isTold(whole, { path: undefined })).toBe(true);
    expect(isTold(whole, { path: ['count'] })).toBe(false);
  });
});
