import type { KeyObject } from 'node:crypto';
import { booleanOption, functionOption, InvalidOption, listOption, objectOption } from '@coalmine/options';
import { parseSigned, type SignedOptions } from './signed-options.js';
import { parseTrusted, type TrustedOptions, type TrustedSettings } from './trusted-options.js';
import type { When } from './when.js';

/** Which requests are not users'. By default all requests are; a header or an agent alone never excludes a request. */
export interface TrafficOptions {
  readonly exclude?: {
    /** Patterns of routes that do not serve users, exactly as they show in the `route` label. @defaultValue none */
    readonly routes?: readonly string[];
    /** Requests that a key holder signed. @defaultValue none: the header is ignored */
    readonly signed?: SignedOptions;
    /** Requests from trusted addresses. @defaultValue none */
    readonly trusted?: TrustedOptions;
    /**
     * Your own rule. It returns who vouches for a request, or `false` for a user. It runs for every request that
     * nothing else excludes, so keep it short. @defaultValue none
     */
    readonly when?: When;
  };
  /** Whether a server error (5xx) of an excluded request counts anyway. @defaultValue `false` */
  readonly countErrors?: boolean;
  /**
   * The share of exchanges, above 0 and below 1, past which signed and trusted requests count as users: a larger share
   * means a leaked key, or a range that has users in it. @defaultValue none
   */
  readonly maxExcludedShare?: number;
}

/** Parsed {@link TrafficOptions}. */
export interface TrafficSettings {
  readonly routes: readonly string[];
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly trusted: TrustedSettings | undefined;
  readonly when: When | undefined;
  readonly countErrors: boolean;
  readonly maxExcludedShare: number | undefined;
}

/** Parses the options. Throws `InvalidOption`, which names the option by its path below `traffic`. */
export function parseTraffic(options: TrafficOptions | undefined): TrafficSettings {
  const given = objectOption('options', options, ['exclude', 'countErrors', 'maxExcludedShare']);
  const { exclude, countErrors, maxExcludedShare } = given;
  const { routes, signed, trusted, when } = objectOption('exclude', exclude, ['routes', 'signed', 'trusted', 'when']);
  return {
    routes: listOption('exclude.routes', routes, 'the pattern of a route', (route) => {
      return typeof route === 'string' && route !== '';
    }),
    keys: parseSigned('exclude.signed', signed),
    trusted: parseTrusted('exclude.trusted', trusted),
    when: functionOption('exclude.when', when),
    countErrors: booleanOption('countErrors', countErrors, false),
    maxExcludedShare: parseShare('maxExcludedShare', maxExcludedShare),
  };
}

function parseShare(option: string, share: number | undefined): number | undefined {
  if (share !== undefined && !(typeof share === 'number' && share > 0 && share < 1)) {
    throw new InvalidOption(option, 'a number above 0 and below 1', share);
  }
  return share;
}
