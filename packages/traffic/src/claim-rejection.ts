/** Why a marker was not accepted. */
export type ClaimRejection =
  /** It is not a marker of version 1, or there is more than one. */
  | 'malformed'
  /** It names a key that is not configured. */
  | 'unknown_key'
  /** Its timestamp is more than a minute before or after our clock. */
  | 'expired'
  /** It was not signed with that key, or not for this method, path and host. */
  | 'bad_signature'
  /** Its nonce was used before. */
  | 'replayed'
  /** It is valid, but exclusion is suspended because `maxExcludedShare` was passed. */
  | 'suspended';

/** Every {@link ClaimRejection}, for series that start at zero. */
export const CLAIM_REJECTIONS: readonly ClaimRejection[] = [
  'malformed',
  'unknown_key',
  'expired',
  'bad_signature',
  'replayed',
  'suspended',
];
