import { createHmac, type KeyObject } from 'node:crypto';
import type { Request } from './request.js';

/** The header that carries a marker. */
export const EXCLUSION_HEADER = 'x-coalmine-exclude';

/** A claim that a request is not a user's: `v1;<keyId>;<unix seconds>;<nonce>;<signature>`. */
export interface Marker {
  readonly keyId: string;
  /** Unix seconds, as written. */
  readonly timestamp: string;
  /** Valid once: 8 to 64 letters, digits, `_` and `-`. */
  readonly nonce: string;
  /** Lower-case hex. */
  readonly signature: string;
}

/** The request that a marker is signed for. */
export interface Target {
  /** Upper case. */
  readonly method: string;
  /** The request target: path and query, as sent. */
  readonly path: string;
  /** The `Host` header, or `:authority` of HTTP/2. */
  readonly host: string;
}

// An id in brackets belongs to Coalmine: an id of a user cannot have brackets. Hex is in lower case only, so that a
// marker has one spelling.
const MARKER = /^v1;([A-Za-z0-9._-]{1,32}|\([A-Za-z0-9._-]{1,30}\));(\d{1,12});([A-Za-z0-9_-]{8,64});([0-9a-f]{64})$/;

export function isNonce(text: string): boolean {
  return /^[A-Za-z0-9_-]{8,64}$/.test(text);
}

/** Reads a marker. Returns `undefined` for anything else. */
export function parseMarker(text: string): Marker | undefined {
  const [, keyId, timestamp, nonce, signature] = MARKER.exec(text) ?? [];
  if (keyId === undefined || timestamp === undefined || nonce === undefined || signature === undefined)
    return undefined;
  return { keyId, timestamp, nonce, signature };
}

/** Returns a marker as text for the header. */
export function formatMarker({ keyId, timestamp, nonce, signature }: Marker): string {
  return `v1;${keyId};${timestamp};${nonce};${signature}`;
}

/** Returns the signature of a marker: HMAC-SHA-256 over its fields and its target, one per line. */
export function signatureOf(
  key: KeyObject,
  { keyId, timestamp, nonce }: Omit<Marker, 'signature'>,
  { method, path, host }: Target,
): Buffer {
  const lines = ['v1', keyId, timestamp, nonce, method, path, host.toLowerCase()];
  return createHmac('sha256', key).update(lines.join('\n')).digest();
}

/** Returns the target of a request, as its client wrote it. */
export function targetOf(request: Request): Target {
  const { method = '', headers } = request;
  // Express shortens `url` below a mounted router, and keeps the original.
  const path = (request as { originalUrl?: string }).originalUrl ?? request.url ?? '';
  return { method, path, host: String(headers[':authority'] ?? headers.host ?? '') };
}
