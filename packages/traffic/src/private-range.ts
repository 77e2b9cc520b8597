import { type AddressRange, overlaps, parseRange } from './address-range.js';

const SIDECAR = 'behind a sidecar every request comes from 127.0.0.1 or 127.0.0.6, users included';
const SHARED =
  'node addresses, which users have too after the source NAT of kube-proxy, and it may contain addresses of other tenants';

/** RFC 1122, 4291, 1918, 6598, 3927 and 4193. */
const PRIVATE_RANGES: readonly (readonly [cidr: string, kind: string, risk: string])[] = [
  ['127.0.0.0/8', 'loopback', SIDECAR],
  ['::1', 'loopback', SIDECAR],
  ['10.0.0.0/8', 'private', SHARED],
  ['172.16.0.0/12', 'private', SHARED],
  ['192.168.0.0/16', 'private', SHARED],
  ['100.64.0.0/10', 'shared', SHARED],
  ['169.254.0.0/16', 'link-local', SHARED],
  ['fe80::/10', 'link-local', SHARED],
  ['fc00::/7', 'unique local', SHARED],
];

/** Returns why it is risky to trust a range, as a clause, or `undefined` for a range of public addresses. */
export function riskOf(range: AddressRange): string | undefined {
  for (const [cidr, kind, risk] of PRIVATE_RANGES) {
    if (overlaps(range, parseRange('cidr', cidr))) return `it has ${kind} addresses, and ${risk}`;
  }
  return undefined;
}
