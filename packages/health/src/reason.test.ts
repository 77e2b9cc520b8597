import { describe, expect, it } from 'vitest';
import { reasonOf } from './reason.js';

const error = (message: string, fields: object = {}): Error => Object.assign(new Error(message), fields);
const DENIED = 'permission denied for table _prisma_migrations';

describe('the reason of a failure', () => {
  it.each<[string, unknown, string]>([
    ['a driver', error(DENIED, { code: '42501' }), DENIED],
    ['Drizzle', error('Failed query: SELECT 1\nparams: ', { cause: error(DENIED) }), DENIED],
    ['TypeORM', error(DENIED, { query: 'SELECT 1', driverError: error(DENIED) }), DENIED],
    ['Sequelize', error(DENIED, { parent: error(DENIED), original: error(DENIED) }), DENIED],
    [
      'Prisma',
      error(
        `\nInvalid \`prisma.$queryRawUnsafe()\` invocation:\n\n\nRaw query failed. Code: \`42501\`. Message: \`${DENIED}\``,
        {
          code: 'P2010',
          meta: { code: '42501', message: DENIED },
        },
      ),
      `Raw query failed. Code: \`42501\`. Message: \`${DENIED}\``,
    ],
    [
      'Prisma, with the code that called',
      error(
        "\nInvalid `db.$queryRawUnsafe()` invocation in\n/app/schema.js:3:10\n\n  1 import x\n  2 \n→ 3 db.$queryRawUnsafe(\nCan't reach database server at `127.0.0.1:1`\n\nPlease make sure it runs.",
      ),
      "Can't reach database server at `127.0.0.1:1` Please make sure it runs.",
    ],
    [
      'Prisma with an adapter',
      error('Raw query failed.', { meta: { driverAdapterError: { cause: { originalMessage: DENIED } } } }),
      `Raw query failed: ${DENIED}`,
    ],
    [
      'Node, with several addresses',
      new AggregateError([error('connect ECONNREFUSED ::1:1'), error('connect ECONNREFUSED 127.0.0.1:1')]),
      'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1',
    ],
    ['a wrapper of your own', error('not read', { cause: error('no\n  route') }), 'not read: no route'],
    ['something without words', Object.assign(error(''), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['no error', 'gone\n', 'gone'],
    [
      'an error that causes itself',
      (() => {
        const it = error('x');
        it.cause = it;
        return it;
      })(),
      'x',
    ],
    [
      'an error that cannot be read',
      {
        get cause() {
          throw new Error('no');
        },
      },
      '{ cause: [Getter] }',
    ],
  ])('is read from %s', (_, thrown, reason) => {
    expect(reasonOf(thrown)).toBe(reason);
  });
});
