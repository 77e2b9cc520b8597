import { BlockList, isIP } from 'node:net';
import { InvalidOption } from '@coalmine/options';
import type { Address } from './address.js';

/** A range of addresses: all addresses that share the first `prefix` bits of `base`. */
export interface AddressRange {
  readonly base: Address;
  readonly prefix: number;
}

// No organisation may use a wider range than 10.0.0.0/8 or fc00::/7.
const WIDEST = { ipv4: 8, ipv6: 7 };

/**
 * Reads a CIDR range or a bare address. Throws `InvalidOption` for anything else, for a range wider than the range of
 * any one owner, and for an IPv4 range that is written as IPv6.
 */
export function parseRange(option: string, text: string): AddressRange {
  const [address = '', length, ...rest] = typeof text === 'string' ? text.split('/') : [];
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  const most = family === 'ipv4' ? 32 : 128;
  const prefix = length === undefined ? most : Number(length);
  const isWritten = length === undefined || /^(?:0|[1-9]\d{0,2})$/.test(length);
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0 || !isWritten || prefix > most) {
    throw new InvalidOption(option, 'a CIDR range (192.0.2.0/24, 2001:db8::/32) or an address', text);
  }
  if (prefix < WIDEST[family]) {
    throw new InvalidOption(
      option,
      'no wider than /8 (IPv4) or /7 (IPv6): an address out of a wider range proves nothing',
      text,
    );
  }
  const range: AddressRange = { base: { text: address, family }, prefix };
  if (family === 'ipv6' && overlaps(range, MAPPED)) {
    throw new InvalidOption(option, 'written as IPv4, since it covers addresses of IPv4 that are mapped to IPv6', text);
  }
  return range;
}

/** Whether some address is in both ranges. */
export function overlaps(one: AddressRange, other: AddressRange): boolean {
  return contains(blockListOf([one]), other.base) || contains(blockListOf([other]), one.base);
}

/** Returns the ranges as a list that matches IPv4 addresses in either spelling, `192.0.2.1` and `::ffff:192.0.2.1`. */
export function blockListOf(ranges: readonly AddressRange[]): BlockList {
  const list = new BlockList();
  for (const { base, prefix } of ranges) list.addSubnet(base.text, prefix, base.family);
  return list;
}

/** Whether an address is in the list. The check takes about a microsecond. */
export function contains(list: BlockList, { text, family }: Address): boolean {
  return list.check(text, family);
}

const MAPPED: AddressRange = { base: { text: '::ffff:0:0', family: 'ipv6' }, prefix: 96 };
