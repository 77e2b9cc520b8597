import { describe, expect, it } from 'vitest';
import { identifierOption } from './identifier.js';

describe('a name in a query', () => {
  it.each(['shop', 'Shop', 'tenant-1', '4b5d63f449304c05', '123shop', 'größe', 'order', 'x'.repeat(63)])(
    'may be %s',
    (name) => {
      expect(identifierOption('source.schema', name)).toBe(name);
    },
  );

  it.each(['', 'shop.items', 'my shop', 'a"b', 'a`b', "a'b", '-a', 'a;b', 'x'.repeat(64)])('may not be %j', (name) => {
    expect(() => identifierOption('source.schema', name)).toThrow('source.schema must be a name of up to 63 letters');
  });
});
