import type { KeyObject } from 'node:crypto';
import { InvalidOption, warn } from '@coalmine/options';
import type { ClaimRejection } from './claim-rejection.js';
import { ExcludedShare } from './excluded-share.js';
import type { Exclusion } from './exclusion.js';
import type { Request } from './request.js';
import { SignedClaims } from './signed-claims.js';
import { ACCEPTED_SECRET, INTERNAL_KEY_ID, isSecret, keyOf, type SigningKey, sizeOf } from './signing-key.js';
import { takeMarker } from './take-marker.js';
import { parseTraffic, type TrafficOptions } from './traffic-options.js';
import { TrustedPeers } from './trusted-peers.js';
import { guardedWhen } from './when.js';

/** Tells who is asking. */
export interface Traffic {
  /** Whether a server error of an excluded exchange counts all the same. */
  readonly countErrors: boolean;
  /**
   * Decides who is asking, once per exchange and before handlers see the request; `undefined` is a user. Takes the
   * marker header off the request. Never throws.
   *
   * What `maxExcludedShare` is a share of is exactly what was classified, so exchanges that are yours by their path,
   * such as probes and scrapes, should not be.
   */
  classify(request: Request): Exclusion | undefined;
  /** The exclusion of a route that the user lists, by the pattern that shows in the `route` label. */
  ofRoute(pattern: string): Exclusion | undefined;
  /**
   * True while signed and trusted exclusion is switched off because `maxExcludedShare` was passed. It changes with
   * the exchanges that are classified, never by itself.
   */
  readonly suspended: boolean;
}

/** What {@link createTraffic} tells, and takes from, the code around it. */
export interface TrafficHooks {
  /** Clock in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number;
  /** Called for each marker that is not accepted. @defaultValue nothing */
  readonly rejected?: (reason: ClaimRejection) => void;
  /**
   * A key, its id in round brackets, for requests that the service sends itself. They are neither part of the share
   * nor ever suspended. @defaultValue none
   */
  readonly internalKey?: SigningKey;
}

/**
 * Parses the rules once, and applies them to requests.
 *
 * The strongest proof wins: a signed marker, then a trusted address, then `when`. Throws `InvalidOption`, which names
 * the option by its path below `traffic`.
 */
export function createTraffic(options?: TrafficOptions, hooks: TrafficHooks = {}): Traffic {
  const { now = Date.now, rejected, internalKey } = hooks;
  const { routes, keys, trusted, when, countErrors, maxExcludedShare } = parseTraffic(options);
  const byRoute = new Map(routes.map((pattern) => [pattern, { reason: 'route', authority: pattern } as const]));
  const allKeys = internalKey === undefined ? keys : new Map([...keys, parseInternalKey(internalKey)]);
  const claims = allKeys.size === 0 ? undefined : new SignedClaims(allKeys);
  const peers = trusted && new TrustedPeers(trusted);
  const byRule = when && guardedWhen(when);
  const share = maxExcludedShare === undefined ? undefined : new ExcludedShare(maxExcludedShare, now);

  const classifier: Traffic = {
    countErrors,
    classify(request) {
      try {
        return judge(request);
      } catch (error) {
        // No request of Node's does this, but a likeness of one may.
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
    const signed = claims && signedBy(claims, request);
    if (signed !== undefined && signed.authority === internalKey?.id) return signed;
    const proven = signed ?? peers?.exclusionOf(request);
    const isGranted = share === undefined || share.count(proven !== undefined);
    if (proven !== undefined && isGranted) return proven;
    if (signed !== undefined) rejected?.('suspended');
    return byRule?.(request);
  }

  function signedBy(holders: SignedClaims, request: Request): Exclusion | undefined {
    const marker = takeMarker(request);
    if (marker === undefined) return undefined;
    const verdict = holders.judge(marker, request, now());
    if (typeof verdict !== 'string') return verdict;
    rejected?.(verdict);
    return undefined;
  }
}

function parseInternalKey({ id, secret }: SigningKey): [id: string, key: KeyObject] {
  if (!INTERNAL_KEY_ID.test(id)) {
    throw new InvalidOption('internalKey.id', 'a name in round brackets, which no key of a user can have', sizeOf(id));
  }
  if (!isSecret(secret)) throw new InvalidOption('internalKey.secret', ACCEPTED_SECRET, sizeOf(secret));
  return [id, keyOf(secret)];
}
