import { describe, expect, it } from 'vitest';
import { createLog, withoutPasswords } from './log.js';

describe('withoutPasswords', () => {
  it.each([
    ['a stack', 'no such host\n    at connect (db.js:1:2)\n    at query (db.js:3:4)', 'no such host'],
    ['several lines', 'Failed query:\n  select 1\nparams: ', 'Failed query: select 1 params:'],
    ['a URL', 'cannot reach postgres://app:s3cret@db:5432/app', 'cannot reach postgres://***@db:5432/app'],
    ['a setting', 'host=db password=s3cret user=app', 'host=db password=*** user=app'],
    ['JSON', '{"token": "s3cret"}', '{"token": "***"}'],
    ['a header', 'got Authorization: Bearer abc.def', 'got Authorization: Bearer ***'],
  ])('takes what does not belong in a log out of %s', (_title, text, expected) => {
    expect(withoutPasswords(text)).toBe(expected);
  });

  it('shortens a long text', () => {
    expect(withoutPasswords('x'.repeat(1_000))).toHaveLength(300);
  });
});

describe('createLog', () => {
  it('keeps the logger as `this`, and survives one that throws', () => {
    const lines: string[] = [];
    class Logger {
      readonly #lines = lines;
      info(message: string): void {
        this.#lines.push(message);
      }
      warn(): void {
        throw new Error('the disk is full');
      }
    }
    const log = createLog(new Logger());
    log.info('ready');
    log.warn('closed');
    createLog(false).info('nothing');
    expect(lines).toEqual(['coalmine: ready']);
  });
});
