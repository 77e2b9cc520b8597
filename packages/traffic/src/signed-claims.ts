import { type KeyObject, timingSafeEqual } from 'node:crypto';
import type { ClaimRejection } from './claim-rejection.js';
import type { Exclusion } from './exclusion.js';
import { parseMarker, signatureOf, targetOf } from './marker.js';
import { Nonces } from './nonces.js';
import type { Request } from './request.js';

const TOLERANCE_SECONDS = 60;

/** Tells the markers of key holders from all other markers. */
export class SignedClaims {
  readonly #keys: ReadonlyMap<string, { readonly key: KeyObject; readonly exclusion: Exclusion }>;
  // The timestamp of a marker may be a minute ahead, and the marker is valid for a minute after that.
  readonly #nonces = new Nonces({ seconds: 2 * TOLERANCE_SECONDS, size: 16_384 });

  constructor(keys: ReadonlyMap<string, KeyObject>) {
    this.#keys = new Map(
      Array.from(keys, ([id, key]) => [id, { key, exclusion: { reason: 'signed', authority: id } as const }]),
    );
  }

  /** Judges the marker of a request, and uses it up if it is valid. `now` is in epoch milliseconds. */
  judge(text: string, request: Request, now: number): Exclusion | ClaimRejection {
    const marker = parseMarker(text);
    if (marker === undefined) return 'malformed';
    const signer = this.#keys.get(marker.keyId);
    if (signer === undefined) return 'unknown_key';
    if (Math.abs(now - Number(marker.timestamp) * 1000) > TOLERANCE_SECONDS * 1000) return 'expired';
    const expected = signatureOf(signer.key, marker, targetOf(request));
    if (!timingSafeEqual(expected, Buffer.from(marker.signature, 'hex'))) return 'bad_signature';
    // The nonce is used up last: a stranger must neither fill the memory nor use up somebody else's nonce.
    return this.#nonces.use(`${marker.keyId};${marker.nonce}`, now) ? signer.exclusion : 'replayed';
  }
}
