import { isIP } from 'node:net';

/** An address without zone and port. */
export interface Address {
  readonly text: string;
  readonly family: 'ipv4' | 'ipv6';
}

// Longer than any address with zone, brackets and port.
const MOST_CHARACTERS = 100;

/**
 * Reads an address as a socket or an entry of `x-forwarded-for` shows it: IPv4 with or without a port, IPv6 with or
 * without a zone, in brackets with or without a port, with blanks around it. Returns `undefined` for anything else.
 */
export function parseAddress(entry: string): Address | undefined {
  if (entry.length > MOST_CHARACTERS) return undefined;
  const text = entry.replace(/^[ \t]+|[ \t]+$/g, '');
  const [, bracketed] = /^\[(.*)\](?::\d{1,5})?$/.exec(text) ?? [];
  if (bracketed !== undefined) return addressOf(bracketed, ['ipv6']);
  const [, beforePort] = /^([\d.]+):\d{1,5}$/.exec(text) ?? [];
  return beforePort === undefined ? addressOf(text, ['ipv4', 'ipv6']) : addressOf(beforePort, ['ipv4']);
}

function addressOf(text: string, families: readonly Address['family'][]): Address | undefined {
  const version = isIP(text);
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (version === 0 || !families.includes(family)) return undefined;
  // A zone names the interface of this host that a packet came through, not its sender. `BlockList` matches no address
  // that has a zone.
  const [withoutZone = text] = text.split('%', 1);
  return { text: withoutZone, family };
}
