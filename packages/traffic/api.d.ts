import { IncomingMessage } from 'node:http';
import { Http2ServerRequest } from 'node:http2';

/** A request of `node:http`, of the compatibility API of `node:http2`, or one that `light-my-request` injects. */
type Request = IncomingMessage | Http2ServerRequest;

/** The header that carries a marker. */
declare const EXCLUSION_HEADER = "x-coalmine-exclude";

/** A request to sign, and the key to sign it with. */
type SignExclusionOptions = {
    /** The id under which the service knows the key. */
    readonly keyId: string;
    readonly secret: string;
    /** @defaultValue `'GET'` */
    readonly method?: string;
    /** Clock in epoch milliseconds. @defaultValue `Date.now` */
    readonly now?: () => number;
    /** Valid for one request: 8 to 64 letters, digits, `_` and `-`. @defaultValue 16 random bytes */
    readonly nonce?: string;
} & ({
    /** The URL to request, as given to `fetch`. */
    readonly url: string | URL;
} | {
    /** Path and query, as they will be sent. */
    readonly path: string;
    /** The `Host` header that will be sent, with its port if it has one. */
    readonly host: string;
});
/**
 * Returns headers that tell a service that one request is not a user's, to spread into `fetch`. The service must hold
 * the key.
 *
 * The headers are valid for a minute and for one request to this method, path and host. Throws `InvalidOption` for a
 * key id, a secret or a nonce that no service would accept.
 */
declare function signExclusion(options: SignExclusionOptions): {
    readonly [EXCLUSION_HEADER]: string;
};

/** Why a marker was not accepted. */
type ClaimRejection = 
/** It is not a marker of version 1, or there is more than one. */
'malformed'
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
declare const CLAIM_REJECTIONS: readonly ClaimRejection[];

/** Why an exchange does not belong to a user. */
type ExclusionReason = 'health' | 'metrics' | 'route' | 'signed' | 'trusted' | 'custom';
/** The decision that an exchange does not belong to a user. */
interface Exclusion {
    readonly reason: ExclusionReason;
    /**
     * What vouches for it: the pattern of a route, the id of a key, `peer` or `forwarded`, or the string that `when`
     * returned.
     */
    readonly authority: string;
}

/** A key that markers are signed with. */
interface SigningKey {
    readonly id: string;
    /** At least 32 characters. Their bytes in UTF-8 are the key. */
    readonly secret: string;
}

/** Who may sign a marker. */
interface SignedOptions {
    /**
     * Secrets of at least 32 characters by key id (1 to 32 letters, digits, `.`, `_` and `-`). Use two while you change
     * keys.
     */
    readonly keys: Readonly<Record<string, string>>;
}

/** Addresses that are proof enough. */
interface TrustedOptions {
    /** Ranges (or addresses) that do not belong to users, such as a monitor's. Compared with the peer of the socket. */
    readonly cidrs: readonly string[];
    /**
     * Ranges (or addresses) of your own proxies, whose `x-forwarded-for` is believed, from the right. @defaultValue none:
     * the header is ignored
     */
    readonly proxies?: readonly string[];
    /**
     * The agent that such a request must have in addition: strings that the agent begins with, or patterns; see `agents`.
     * @defaultValue any
     */
    readonly userAgents?: readonly (string | RegExp)[];
}

/** A rule of the user: it returns who vouches that a request is not a user's, or `false`. */
type When = (request: Request) => string | false;

/** Which requests are not users'. By default all requests are; a header or an agent alone never excludes a request. */
interface TrafficOptions {
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

/** Decides whether a request is a user's. */
interface Traffic {
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
interface TrafficHooks {
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
declare function createTraffic(options?: TrafficOptions, hooks?: TrafficHooks): Traffic;

/** The name that a known client sends. A name proves nothing: use it together with an address, never instead of one. */
interface AgentPreset {
    readonly userAgent: RegExp;
    /** Where the name is documented, or written in the source. */
    readonly source: string;
    /**
     * The type by which OpenTelemetry calls it; absent for probes and scrapers, which test nothing on behalf of a user.
     */
    readonly synthetic?: 'test';
    readonly note?: string;
}
/** The clients that have a preset. */
type AgentName = 'kubelet' | 'prometheus' | 'blackboxExporter' | 'envoy' | 'consul' | 'elb' | 'route53' | 'gcpHealthCheck' | 'gcpUptimeCheck' | 'azureFrontDoor' | 'azureAppService' | 'datadogApi' | 'datadogBrowser' | 'pingdom' | 'uptimeRobot' | 'checkly' | 'betterStack' | 'grafanaSyntheticMonitoring' | 'k6';
/**
 * Names of probes, scrapers, monitors and load generators, for `userAgents`. Whoever runs a client can change its name.
 */
declare const agents: Readonly<Record<AgentName, AgentPreset>>;

/**
 * Returns OpenTelemetry's `user_agent.synthetic.type` of an agent, by the name that it sends. It is a label for spans,
 * and excludes nothing.
 *
 * It knows the tests among our presets, and the names that OpenTelemetry's own HTTP instrumentation for Node knows.
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/user-agent/
 */
declare function syntheticType(userAgent: string | undefined): 'bot' | 'test' | undefined;

export { type AgentName, type AgentPreset, CLAIM_REJECTIONS, type ClaimRejection, EXCLUSION_HEADER, type Exclusion, type ExclusionReason, type Request, type SignExclusionOptions, type SignedOptions, type SigningKey, type Traffic, type TrafficHooks, type TrafficOptions, type TrustedOptions, type When, agents, createTraffic, signExclusion, syntheticType };
