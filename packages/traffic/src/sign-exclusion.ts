import { randomBytes } from 'node:crypto';
import { InvalidOption } from '@coalmine/options';
import { EXCLUSION_HEADER, formatMarker, isNonce, signatureOf, type Target } from './marker.js';
import { ACCEPTED_SECRET, createKey, INTERNAL_KEY_ID, isSecret, KEY_ID, sizeOf } from './signing-key.js';

/** A request to sign, and the key to sign it with. */
export type SignExclusionOptions = {
  /** The id under which the service knows the key. */
  readonly keyId: string;
  readonly secret: string;
  /** @defaultValue `'GET'` */
  readonly method?: string;
  /** Clock in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number;
  /** Valid for one request: 8 to 64 letters, digits, `_` and `-`. @defaultValue 16 random bytes */
  readonly nonce?: string;
} & (
  | {
      /** The URL to request, as given to `fetch`. */
      readonly url: string | URL;
    }
  | {
      /** Path and query, as they will be sent. */
      readonly path: string;
      /** The `Host` header that will be sent, with its port if it has one. */
      readonly host: string;
    }
);

/**
 * Returns headers that tell a service that one request is not a user's, to spread into `fetch`. The service must hold
 * the key.
 *
 * The headers are valid for a minute and for one request to this method, path and host. Throws `InvalidOption` for a
 * key id, a secret or a nonce that no service would accept.
 */
export function signExclusion(options: SignExclusionOptions): { readonly [EXCLUSION_HEADER]: string } {
  const { keyId, secret, method = 'GET', now = Date.now, nonce = randomBytes(16).toString('base64url') } = options;
  if (!KEY_ID.test(keyId) && !INTERNAL_KEY_ID.test(keyId)) {
    throw new InvalidOption('keyId', '1 to 32 letters, digits, ".", "_" and "-"', sizeOf(keyId));
  }
  if (!isNonce(nonce)) throw new InvalidOption('nonce', '8 to 64 letters, digits, "_" and "-"', nonce);
  if (!isSecret(secret)) throw new InvalidOption('secret', ACCEPTED_SECRET, sizeOf(secret));
  const fields = { keyId, timestamp: String(Math.floor(now() / 1000)), nonce };
  const target = { method: method.toUpperCase(), ...pathAndHostOf(options) };
  const signature = signatureOf(createKey(secret), fields, target).toString('hex');
  return { [EXCLUSION_HEADER]: formatMarker({ ...fields, signature }) };
}

function pathAndHostOf(options: SignExclusionOptions): Pick<Target, 'path' | 'host'> {
  if (!('url' in options)) return { path: options.path, host: options.host };
  const { pathname, search, host } = new URL(options.url);
  return { path: pathname + search, host };
}
