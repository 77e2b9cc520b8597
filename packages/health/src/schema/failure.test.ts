import { describe, expect, it } from 'vitest';
import { NoAnswer } from '../poll.js';
import { type Failure, failureOf, Missing, Unreadable } from './failure.js';

const error = (fields: object, message = ''): Error => Object.assign(new Error(message), fields);

describe('the failure of a read', () => {
  it.each<[string, unknown, Failure]>([
    ['no table in PostgreSQL', error({ code: '42P01' }), 'missing'],
    ['no schema in PostgreSQL', error({ code: '3F000' }), 'missing'],
    ['no table in MySQL', error({ code: 'ER_NO_SUCH_TABLE', errno: 1146 }), 'missing'],
    ['no table in SQLite', error({ code: 'SQLITE_ERROR' }, 'no such table: migrations'), 'missing'],
    ['no table, by Drizzle', error({ cause: error({ code: '42P01' }) }), 'missing'],
    ['no table, by Sequelize', error({ original: error({ code: '42P01' }) }), 'missing'],
    ['no table, by TypeORM', error({ driverError: error({ code: '42P01' }) }), 'missing'],
    ['no table, by Prisma', error({ code: 'P2010', meta: { code: '42P01' } }), 'missing'],
    [
      'no table, by Prisma with an adapter',
      error({ code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '42P01' } } } }),
      'missing',
    ],
    ['no table in MySQL, by Prisma', error({ code: 'P2010', meta: { code: '1146' } }), 'missing'],
    ['no table that the role would see', new Missing('no table migrations'), 'missing'],
    ['no grant in MySQL, by Prisma', error({ code: 'P2010', meta: { code: '1142' } }), 'refused'],
    ['no grant in PostgreSQL', error({ code: '42501' }), 'refused'],
    ['no grant in MySQL', error({ code: 'ER_TABLEACCESS_DENIED_ERROR' }), 'refused'],
    ['no right in MongoDB', error({ code: 13, codeName: 'Unauthorized' }, 'not authorized on shop'), 'refused'],
    ['no column in SQLite', error({ code: 'SQLITE_ERROR' }, 'no such column: dirty'), 'refused'],
    ['a table of another tool', new Unreadable('it looks like a table of Knex'), 'refused'],
    ['no answer', new NoAnswer('no answer within 2 s'), 'unreachable'],
    ['no connection', error({ code: 'ECONNREFUSED' }), 'unreachable'],
    ['no connection to any address', error({ errors: [error({ code: 'ECONNREFUSED' })] }), 'unreachable'],
    ['a server that shuts down', error({ code: '57P01' }), 'unreachable'],
    [
      'an error that causes itself',
      (() => {
        const it: Error & { cause?: unknown } = new Error('x');
        it.cause = it;
        return it;
      })(),
      'unreachable',
    ],
    ['no error at all', undefined, 'unreachable'],
  ])('is $2 if there is %s', (_, thrown, failure) => {
    expect(failureOf(thrown)).toBe(failure);
  });
});
