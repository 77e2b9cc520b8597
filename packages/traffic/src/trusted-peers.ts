import type { BlockList, Socket } from 'node:net';
import { type Address, parseAddress } from './address.js';
import { contains } from './address-range.js';
import type { Exclusion } from './exclusion.js';
import type { Request } from './request.js';
import type { TrustedSettings } from './trusted-options.js';

/** What a request is by the address at the other end of its connection. */
type Peer = 'stranger' | 'trusted' | 'proxy';

const BY_PEER: Exclusion = { reason: 'trusted', authority: 'peer' };
const BY_PROXY: Exclusion = { reason: 'trusted', authority: 'forwarded' };
const MOST_HOPS = 32;

/** Tells requests from trusted addresses from all other requests. */
export class TrustedPeers {
  readonly #settings: TrustedSettings;
  // A connection carries many requests, and searching the lists is the most expensive step of the classifier.
  readonly #peers = new WeakMap<object, Peer>();

  constructor(settings: TrustedSettings) {
    this.#settings = settings;
  }

  /** Returns the exclusion of a request whose address is trusted, if its agent is accepted. */
  exclusionOf(request: Request): Exclusion | undefined {
    const peer = this.#peerOf(request);
    if (peer === 'stranger') return undefined;
    const exclusion = peer === 'trusted' ? BY_PEER : this.#forwarded(request);
    return exclusion !== undefined && this.#hasAgent(request) ? exclusion : undefined;
  }

  #peerOf(request: Request): Peer {
    // In HTTP/2, each request shows the socket as an object of its own. The session is the same for all.
    const connection = ('stream' in request ? request.stream?.session : undefined) ?? request.socket;
    const known = this.#peers.get(connection);
    if (known !== undefined) return known;
    const address = addressOf(request);
    // Without an address nobody is trusted: the connection is gone, or is a Unix socket.
    if (address === undefined) return 'stranger';
    const { cidrs, proxies } = this.#settings;
    const isProxy = proxies !== undefined && contains(proxies, address);
    const peer = isProxy ? 'proxy' : contains(cidrs, address) ? 'trusted' : 'stranger';
    this.#peers.set(connection, peer);
    return peer;
  }

  /**
   * Judges the nearest address that is not one of your proxies. Each proxy appends the address that it heard from, so
   * from the right the header can be believed up to this address and no further.
   */
  #forwarded(request: Request): Exclusion | undefined {
    const { cidrs, proxies } = this.#settings;
    const header: unknown = request.headers['x-forwarded-for'];
    if (header === undefined) return isIn(cidrs, addressOf(request)) ? BY_PEER : undefined;
    if (typeof header !== 'string') return undefined;
    let end = header.length;
    for (let hops = 0; hops < MOST_HOPS; hops++) {
      const comma = end === 0 ? -1 : header.lastIndexOf(',', end - 1);
      const address = parseAddress(header.slice(comma + 1, end));
      if (address === undefined) return undefined;
      const isLast = comma === -1 || !isIn(proxies, address);
      if (isLast) return contains(cidrs, address) ? BY_PROXY : undefined;
      end = comma;
    }
    return undefined;
  }

  #hasAgent({ headers }: Request): boolean {
    const { userAgents } = this.#settings;
    if (userAgents === undefined) return true;
    const agent = headers['user-agent'];
    if (typeof agent !== 'string') return false;
    return userAgents.some((known) => (typeof known === 'string' ? agent.startsWith(known) : known.test(agent)));
  }
}

function addressOf(request: Request): Address | undefined {
  // Some adapters of other platforms make requests without a socket.
  const socket = request.socket as Socket | undefined;
  return parseAddress(socket?.remoteAddress ?? '');
}

function isIn(list: BlockList | undefined, address: Address | undefined): boolean {
  return list !== undefined && address !== undefined && contains(list, address);
}
