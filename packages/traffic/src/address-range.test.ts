import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from './address.js';
import { type AddressRange, blockListOf, contains, overlaps, parseRange } from './address-range.js';

/** An address as a number, by a way of its own. */
const ipv4 = (bits: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
const ipv6 = (bits: bigint): string =>
  Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':');

const has = (range: AddressRange, text: string): boolean => {
  const address = parseAddress(text);
  return address !== undefined && contains(blockListOf([range]), address);
};
const bitsOf = (size: number): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max: (1n << BigInt(size)) - 1n });

describe('a range', () => {
  it('has exactly the addresses of IPv4 that share its prefix, however they are written', () => {
    fc.assert(
      fc.property(bitsOf(32), fc.integer({ min: 8, max: 32 }), fc.nat(31), bitsOf(32), (base, prefix, bit, other) => {
        const range = parseRange('option', `${ipv4(base)}/${prefix}`);
        for (const address of [base ^ (1n << BigInt(bit)), other]) {
          const expected = base >> BigInt(32 - prefix) === address >> BigInt(32 - prefix);
          const mapped = `::ffff:${(address >> 16n).toString(16)}:${(address & 0xffffn).toString(16)}`;
          for (const text of [ipv4(address), `::ffff:${ipv4(address)}`, mapped, `[${mapped.toUpperCase()}]:443`]) {
            expect(has(range, text)).toBe(expected);
          }
        }
      }),
    );
  });

  it('has exactly the addresses of IPv6 that share its prefix, which may have any length', () => {
    // Apart from ::/16, which has the addresses of IPv4 in it.
    const base6 = bitsOf(128).filter((bits) => bits >> 112n !== 0n);
    fc.assert(
      fc.property(base6, fc.integer({ min: 16, max: 128 }), fc.nat(127), (base, prefix, bit) => {
        const range = parseRange('option', `${ipv6(base)}/${prefix}`);
        const address = base ^ (1n << BigInt(bit));
        expect(has(range, ipv6(address))).toBe(base >> BigInt(128 - prefix) === address >> BigInt(128 - prefix));
        expect(has(range, `${ipv6(base)}%eth0`)).toBe(true);
      }),
    );
  });

  it('overlaps with another range if either has the base of the other', () => {
    const range = fc.tuple(bitsOf(32), fc.integer({ min: 8, max: 32 }));
    fc.assert(
      fc.property(range, range, ([one, onePrefix], [other, otherPrefix]) => {
        const shift = BigInt(32 - Math.min(onePrefix, otherPrefix));
        const ranges = [`${ipv4(one)}/${onePrefix}`, `${ipv4(other)}/${otherPrefix}`].map((text) =>
          parseRange('', text),
        );
        expect(overlaps(ranges[0] as AddressRange, ranges[1] as AddressRange)).toBe(one >> shift === other >> shift);
      }),
    );
  });
});

it('BlockList takes any address of IPv4 for one of ::/8, which is why such ranges are refused', () => {
  const list = new BlockList();
  list.addSubnet('::', 8, 'ipv6');
  expect(list.check('192.0.2.1', 'ipv4')).toBe(true);
});

describe('an address', () => {
  it.each<[string, string]>([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1\t', '192.0.2.1'],
    ['192.0.2.1:8080', '192.0.2.1'],
    ['2001:DB8::1', '2001:DB8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:8080', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25]:80', 'fe80::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ])('is read from %j', (entry, text) => {
    expect(parseAddress(entry)?.text).toBe(text);
  });

  it.each([
    '',
    ' ',
    'unknown',
    '_hidden',
    'localhost',
    '192.0.2.01',
    '192.0.2',
    '192.0.2.1.5',
    '192.0.2.256',
    '3221225985',
    '0xc0000201',
    '192.0.2.1:',
    '192.0.2.1:123456',
    '192.0.2.1/32',
    '192.0.2.1%eth0',
    '[192.0.2.1]:80',
    '[2001:db8::1',
    '2001:db8::1]',
    '[2001:db8::1]80',
    '[[::1]]',
    '::ffff:192.0.2.1:80',
    '\u00a0192.0.2.1',
    '"192.0.2.1"',
    `192.0.2.1${' '.repeat(100)}`,
  ])('is not read from %j', (entry) => {
    expect(parseAddress(entry)).toBeUndefined();
  });

  it('is looked for without an error, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => parseAddress(text) === undefined || text.length > 1),
    );
  });
});
