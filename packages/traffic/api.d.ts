import { IncomingMessage } from 'node:http';
import { Http2ServerRequest } from 'node:http2';

/** A request of `node:http`, of the compatibility API of `node:http2`, or one that `light-my-request` injects. */
type Request = IncomingMessage | Http2ServerRequest;

/** The header that carries a marker. */
declare const EXCLUSION_HEADER = "x-coalmine-exclude";

/** A request to sign, and what to sign it with. */
type SignExclusionOptions = {
    /** The id under which the service knows the key. */
    readonly keyId: string;
    readonly secret: string;
    /** @defaultValue `'GET'` */
    readonly method?: string;
    /** Clock in epoch milliseconds. @defaultValue `Date.now` */
    readonly now?: () => number;
    /** Good for one request: 8 to 64 letters, digits, `_` and `-`. @defaultValue 16 random bytes */
    readonly nonce?: string;
} & ({
    /** What will be asked for, as given to `fetch`. */
    readonly url: string | URL;
} | {
    /** Path and query, as they will be sent. */
    readonly path: string;
    /** The `Host` header that will be sent, with the port if there is one in it. */
    readonly host: string;
});
/**
 * Headers that tell a service that holds the key that one request is no user's, to spread into `fetch`.
 *
 * They are good for a minute and for one request to this method, path and host. Throws `InvalidOption` for a key id, a
 * secret or a nonce that no service would take.
 */
declare function signExclusion(options: SignExclusionOptions): {
    readonly [EXCLUSION_HEADER]: string;
};

/** Why a marker was not accepted. */
type ClaimRejection = 
/** It is no marker of version 1, or there is more than one. */
'malformed'
/** It names a key that is not configured. */
 | 'unknown_key'
/** Its timestamp is more than a minute away from our clock, on either side. */
 | 'expired'
/** It was not signed with that key, or not for this method, path and host. */
 | 'bad_signature'
/** Its nonce was used before. */
 | 'replayed'
/** It is valid, but exclusion is suspended because `maxExcludedShare` was passed. */
 | 'suspended';
/** Every {@link ClaimRejection}, for series that begin at zero. */
declare const CLAIM_REJECTIONS: readonly ClaimRejection[];

/** Why an exchange is no user's. */
type ExclusionReason = 'health' | 'metrics' | 'route' | 'signed' | 'trusted' | 'custom';
/** The verdict that an exchange is no user's. */
interface Exclusion {
    readonly reason: ExclusionReason;
    /** Who vouches: the pattern of a route, the id of a key, `peer` or `forwarded`, or what `when` said. */
    readonly authority: string;
}

/** A key that markers are signed with. */
interface SigningKey {
    readonly id: string;
    /** At least 32 characters, of which the bytes in UTF-8 are the key. */
    readonly secret: string;
}

/** Who may sign a marker. */
interface SignedOptions {
    /**
     * Secrets of at least 32 characters by key id (1 to 32 letters, digits, `.`, `_` and `-`). Two at a time while you
     * change keys.
     */
    readonly keys: Readonly<Record<string, string>>;
}

/** Whose address is proof enough. */
interface TrustedOptions {
    /** Ranges (or addresses) of those who are no users, such as a monitor's. Compared with the peer of the socket. */
    readonly cidrs: readonly string[];
    /**
     * Ranges (or addresses) of your own proxies, whose `x-forwarded-for` is believed, from the right.
     * @defaultValue none: the header is not looked at
     */
    readonly proxies?: readonly string[];
    /**
     * Agents that such a request must have in addition: strings that it begins with, or patterns; see `agents`.
     * @defaultValue any
     */
    readonly userAgents?: readonly (string | RegExp)[];
}

/** A rule of the user's own: who vouches that a request is no user's, or `false`. */
type When = (request: Request) => string | false;

/** Who is no user. Nobody is by default; a header or an agent alone never makes somebody so. */
interface TrafficOptions {
    readonly exclude?: {
        /** Patterns of routes that are no users', exactly as they show in the `route` label. @defaultValue none */
        readonly routes?: readonly string[];
        /** Requests that a key holder signed. @defaultValue none: the header is not looked at */
        readonly signed?: SignedOptions;
        /** Requests from trusted addresses. @defaultValue none */
        readonly trusted?: TrustedOptions;
        /**
         * Your own rule: who vouches for a request, or `false` for a user. It runs for every other request, so keep it
         * short. @defaultValue none
         */
        readonly when?: When;
    };
    /** Whether a server error (5xx) of an excluded request counts all the same. @defaultValue `false` */
    readonly countErrors?: boolean;
    /**
     * The share of exchanges, above 0 and below 1, past which signed and trusted requests count as users: more than
     * that is a leaked key or a range that has users in it. @defaultValue none
     */
    readonly maxExcludedShare?: number;
}

/** Tells who is asking. */
interface Traffic {
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
interface TrafficHooks {
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
declare function createTraffic(options?: TrafficOptions, hooks?: TrafficHooks): Traffic;

/** How a known client names itself. A name proves nothing: use it beside an address, never instead of one. */
interface AgentPreset {
    readonly userAgent: RegExp;
    /** Where the name is documented, or written in the source. */
    readonly source: string;
    /** What OpenTelemetry calls it; absent for probes and scrapers, which test nothing on a user's behalf. */
    readonly synthetic?: 'test';
    readonly note?: string;
}
/** Who has a preset. */
type AgentName = 'kubelet' | 'prometheus' | 'blackboxExporter' | 'envoy' | 'consul' | 'elb' | 'route53' | 'gcpHealthCheck' | 'gcpUptimeCheck' | 'azureFrontDoor' | 'azureAppService' | 'datadogApi' | 'datadogBrowser' | 'pingdom' | 'uptimeRobot' | 'checkly' | 'betterStack' | 'grafanaSyntheticMonitoring' | 'k6';
/** Names of probes, scrapers, monitors and load generators, for `userAgents`. All of them can be changed by who runs them. */
declare const agents: Readonly<Record<AgentName, AgentPreset>>;

/**
 * OpenTelemetry's `user_agent.synthetic.type` of an agent, by what it calls itself: a label for spans, which excludes
 * nothing.
 *
 * Knows the tests among our presets, and the names that OpenTelemetry's own HTTP instrumentation for Node knows.
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/user-agent/
 */
declare function syntheticType(userAgent: string | undefined): 'bot' | 'test' | undefined;

export { type AgentName, type AgentPreset, CLAIM_REJECTIONS, type ClaimRejection, EXCLUSION_HEADER, type Exclusion, type ExclusionReason, type Request, type SignExclusionOptions, type SignedOptions, type SigningKey, type Traffic, type TrafficHooks, type TrafficOptions, type TrustedOptions, type When, agents, createTraffic, signExclusion, syntheticType };
