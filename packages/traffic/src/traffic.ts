import type { KeyObject } from 'node:crypto';
import { InvalidOption, warn } from '@coalmine/options';
import type { ClaimRejection } from './claim-rejection.js';
import { ExcludedShare } from './excluded-share.js';
import type { Exclusion } from './exclusion.js';
import type { Request } from './request.js';
import { SignedClaims } from './signed-claims.js';
import { ACCEPTED_SECRET, createKey, INTERNAL_KEY_ID, isSecret, type SigningKey, sizeOf } from './signing-key.js';
import { takeMarker } from './take-marker.js';
import { parseTraffic, type TrafficOptions } from './traffic-options.js';
import { TrustedPeers } from './trusted-peers.js';
import { guardWhen } from './when.js';

/** Decides whether a request is a user's. */
export interface Traffic {
  /** Whether a server error of an excluded exchange counts anyway. */
  readonly countErrors: boolean;
  /**
   * Returns why an exchange is excluded, or `undefined` for a user. Call it once per exchange, before handlers see the
   * request. It removes the marker header from the request, and never throws.
   *
   * `maxExcludedShare` is a share of the exchanges that were classified, so do not classify exchanges that are known by
   * their path, such as probes and scrapes.
   */
  classify(request: Request): Exclusion | undefined;
  /** Returns the exclusion of a route that the user lists, by the pattern that shows in the `route` label. */
  ofRoute(pattern: string): Exclusion | undefined;
  /**
   * Whether signed and trusted exclusion is switched off because `maxExcludedShare` was passed. It changes when
   * exchanges are classified, never by itself.
   */
  readonly suspended: boolean;
}

/** Functions and keys that {@link createTraffic} takes from the code around it. */
export interface TrafficHooks {
  /** Clock in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number;
  /** Called for each marker that is not accepted. @defaultValue none */
  readonly rejected?: (reason: ClaimRejection) => void;
  /**
   * A key for requests that the service sends to itself, with its id in round brackets. These requests are not part of
   * the share, and are never suspended. @defaultValue none
   */
  readonly internalKey?: SigningKey;
}

/**
 * Parses the rules once, and applies them to requests.
 *
 * The strongest proof decides: a signed marker, then a trusted address, then `when`. Throws `InvalidOption`, which
 * names the option by its path below `traffic`.
 */
export function createTraffic(options?: TrafficOptions, hooks: TrafficHooks = {}): Traffic {
  const { now = Date.now, rejected, internalKey } = hooks;
  const { routes, keys, trusted, when, countErrors, maxExcludedShare } = parseTraffic(options);
  const byRoute = new Map(routes.flatMap(exclusionsOf));
  const allKeys = internalKey === undefined ? keys : new Map([...keys, parseInternalKey(internalKey)]);
  const claims = allKeys.size === 0 ? undefined : new SignedClaims(allKeys);
  const peers = trusted && new TrustedPeers(trusted);
  const byRule = when && guardWhen(when);
  const share = maxExcludedShare === undefined ? undefined : new ExcludedShare(maxExcludedShare, now);

  const classifier: Traffic = {
    countErrors,
    classify(request) {
      try {
        return judge(request);
      } catch (error) {
        // No request of Node does this, but an imitation of a request may.
        warn(
          'COALMINE_CLASSIFY_FAILED',
          `A request could not be classified, so it counts as a user's: ${String(error)}`,
          classifier,
        );
        return undefined;
      }
    },
    ofRoute: (pattern) => byRoute.get(pattern),
    get suspended() {
      return share?.isSuspended ?? false;
    },
  };
  return classifier;

  function judge(request: Request): Exclusion | undefined {
    const signed = claims && judgeSignature(claims, request);
    if (signed !== undefined && signed.authority === internalKey?.id) return signed;
    const proven = signed ?? peers?.exclusionOf(request);
    const isGranted = share === undefined || share.count(proven !== undefined);
    if (proven !== undefined && isGranted) return proven;
    if (signed !== undefined) rejected?.('suspended');
    return byRule?.(request);
  }

  function judgeSignature(holders: SignedClaims, request: Request): Exclusion | undefined {
    const marker = takeMarker(request);
    if (marker === undefined) return undefined;
    const verdict = holders.judge(marker, request, now());
    if (typeof verdict !== 'string') return verdict;
    rejected?.(verdict);
    return undefined;
  }
}

/** Returns the exclusion of a listed route by its pattern, also without the slash at its end, which is no part of a label. */
function exclusionsOf(pattern: string): readonly (readonly [pattern: string, Exclusion])[] {
  const exclusion: Exclusion = { reason: 'route', authority: pattern };
  return [pattern, pattern.replace(/(.)\/$/, '$1')].map((each) => [each, exclusion]);
}

function parseInternalKey({ id, secret }: SigningKey): [id: string, key: KeyObject] {
  if (!INTERNAL_KEY_ID.test(id)) {
    throw new InvalidOption('internalKey.id', 'a name in round brackets, which no key of a user can have', sizeOf(id));
  }
  if (!isSecret(secret)) throw new InvalidOption('internalKey.secret', ACCEPTED_SECRET, sizeOf(secret));
  return [id, createKey(secret)];
}
