/**
 * How a request came. Every protocol has one object, {@link protocolOf}, which serves as a key. Source: OpenTelemetry
 * semantic conventions, `url.scheme` and `network.protocol.version`.
 */
export interface Protocol {
  readonly scheme: 'http' | 'https';
  readonly version: string;
}

/** The protocol of most requests. It is not counted apart, so that it costs nothing. */
const PLAIN_PROTOCOL: Protocol = { scheme: 'http', version: '1.1' };

/**
 * What OpenTelemetry tells apart among the requests that one cell counts. Every part has one object, {@link partOf},
 * which serves as a key.
 */
export interface Part {
  readonly protocol: Protocol;
  /** The status that was sent, if the request is counted with another status. */
  readonly sentStatus: number | undefined;
}

/** The part of most requests. */
export const PLAIN_PART: Part = { protocol: PLAIN_PROTOCOL, sentStatus: undefined };

const PARTS = new Map<Protocol, Map<number | undefined, Part>>([[PLAIN_PROTOCOL, new Map([[undefined, PLAIN_PART]])]]);

/** Returns the part of a protocol and a sent status. */
export function partOf(protocol: Protocol = PLAIN_PROTOCOL, sentStatus?: number): Part {
  let byStatus = PARTS.get(protocol);
  if (byStatus === undefined) {
    byStatus = new Map();
    PARTS.set(protocol, byStatus);
  }
  let part = byStatus.get(sentStatus);
  if (part === undefined) {
    part = { protocol, sentStatus };
    byStatus.set(sentStatus, part);
  }
  return part;
}

const OTHERS = new Map<string, Protocol>();

/** Returns the protocol of a request, by Node's `httpVersion`; `undefined` for HTTP/1.1 without TLS. */
export function protocolOf(httpVersion: string, isEncrypted: boolean): Protocol | undefined {
  if (httpVersion === '1.1' && !isEncrypted) return undefined;
  const key = isEncrypted ? `https ${httpVersion}` : httpVersion;
  const known = OTHERS.get(key);
  if (known !== undefined) return known;
  // The conventions write "2", where Node writes "2.0".
  const version = httpVersion.replace(/^([2-9])\.0$/, '$1');
  const protocol: Protocol = { scheme: isEncrypted ? 'https' : 'http', version };
  OTHERS.set(key, protocol);
  return protocol;
}
