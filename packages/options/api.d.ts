/** The type of a list of keys that compiles only if the list has every key of `T`. */
type WithAllKeys<T, Keys extends readonly PropertyKey[]> = [keyof T] extends [Keys[number]] ? Keys : Keys & {
    readonly missing: Exclude<keyof T, Keys[number]>;
};
/**
 * Returns the value as an object whose keys are all in `keys`, which must list every key of `T`; `{}` if it is absent.
 * Throws {@link InvalidOption}.
 */
declare function objectOption<T extends object, const Keys extends readonly (keyof T)[]>(name: string, value: T | undefined, keys: WithAllKeys<T, Keys>): Partial<T>;
/** Returns the value as a finite number of seconds above zero. Throws {@link InvalidOption}. */
declare function secondsOption(name: string, value: number | undefined, fallback: number): number;
/** Returns the value as a finite number of seconds, zero included. Throws {@link InvalidOption}. */
declare function secondsOrZeroOption(name: string, value: number | undefined, fallback: number): number;
/** Returns the seconds that a timer waits for, where users mean "for ever" by more: Node ends a longer timer at once. */
declare function timerSeconds(seconds: number): number;
/** Returns the value as an integer of at least `least`. Throws {@link InvalidOption}. */
declare function integerOption(name: string, value: number | undefined, fallback: number, least: number): number;
/** Returns the value as one of `choices`. Throws {@link InvalidOption}. */
declare function choiceOption<T extends string>(name: string, value: T | undefined, choices: readonly T[], fallback: T): T;
/** Returns the value as a function, or `undefined` if it is absent. Throws {@link InvalidOption}. */
declare function functionOption<T>(name: string, value: T | undefined): T | undefined;
/** Returns the value as a boolean. Throws {@link InvalidOption}. */
declare function booleanOption(name: string, value: boolean | undefined, fallback: boolean): boolean;
/**
 * Returns the value as a list whose members all pass `isValid`; the list is empty if the value is absent. `accepted`
 * says what a member must be. Throws {@link InvalidOption} for the list or for its first invalid member.
 */
declare function listOption<T>(name: string, value: readonly T[] | undefined, accepted: string, isValid: (member: T) => boolean): readonly T[];
/** Whether a value is an object, and no array. */
declare function isMapping(value: unknown): value is Readonly<Record<string, unknown>>;
/** Returns the own keys of an object. */
declare function keysOf<T extends object>(object: T): readonly (keyof T)[];

/** The code of every error that Coalmine throws. docs/errors.md has one heading for each. */
type CoalmineErrorCode = 'COALMINE_INVALID_OPTION' | 'COALMINE_NO_CLIENT' | 'COALMINE_METRIC_EXISTS' | 'COALMINE_METRICS_DIFFER' | 'COALMINE_METRIC_READ_ONLY' | 'COALMINE_PATH_TAKEN' | 'COALMINE_ADMIN_LISTEN' | 'COALMINE_CONFIG_FILE';
/** An error of Coalmine, thrown at start-up and never while a request is handled. */
declare class CoalmineError extends Error {
    readonly name = "CoalmineError";
    /** Stable across releases: match on this, never on the message. */
    readonly code: CoalmineErrorCode;
    constructor(code: CoalmineErrorCode, message: string, options?: ErrorOptions);
}

/**
 * An option that cannot be used. `name` is the path that the user typed (`metrics.buckets`). `accepted` completes the
 * sentence "must be …".
 */
declare class InvalidOption extends CoalmineError {
    readonly option: string;
    readonly accepted: string;
    readonly value: unknown;
    constructor(option: string, accepted: string, value: unknown);
}
/**
 * Runs `parse`, which reads options that the user typed below `group`. An error of `parse` then names `group.option`.
 * Options listed in `outside` are typed at the top level and keep their name.
 */
declare function within<T>(group: string, outside: readonly string[], parse: () => T): T;

/** Returns an `Accept` or `Accept-Encoding` header that is worth parsing, or `undefined` if the header is longer. */
declare function negotiable(header: string | undefined): string | undefined;

/** Returns an error as text of at most 1,000 characters. Never throws, whatever was thrown. */
declare function messageOf(error: unknown): string;
/** Returns any value as text of at most 1,000 characters. Never throws. */
declare function textOf(value: unknown): string;

/** The code of every warning of Coalmine. docs/errors.md has one heading for each. */
type CoalmineWarningCode = 'COALMINE_TWO_CLIENTS' | 'COALMINE_COLLECT_FAILED' | 'COALMINE_METRIC_READ_ONLY' | 'COALMINE_ENDPOINT_FAILED' | 'COALMINE_CLUSTER_FULL' | 'COALMINE_WORKERS_KILLED' | 'COALMINE_AUTHORIZE_FAILED' | 'COALMINE_UNCLASSIFIED' | 'COALMINE_FAIL_STATUS' | 'COALMINE_MANY_OPERATIONS' | 'COALMINE_OPERATION_UNREAD' | 'COALMINE_OPERATION_REQUEST' | 'COALMINE_INVALID_OPTION' | 'COALMINE_PATH_TAKEN' | 'COALMINE_REGISTERED_TWICE' | 'COALMINE_ROUTES_UNREAD' | 'COALMINE_ROUTES_FOLDED' | 'COALMINE_LONG_OBJECTIVE' | 'COALMINE_PRIVATE_RANGE' | 'COALMINE_WHEN_FAILED' | 'COALMINE_EXCLUSION_SUSPENDED' | 'COALMINE_EXCLUSION_RESUMED' | 'COALMINE_CLASSIFY_FAILED' | 'COALMINE_PRIMING_FAILED' | 'COALMINE_NOT_LIVE' | 'COALMINE_SCHEMA_STATE' | 'COALMINE_FLOOR_HIDDEN' | 'COALMINE_DETAILS_FAILED' | 'COALMINE_CLOSE_FAILED' | 'COALMINE_DRAIN_LISTENER_FAILED' | 'COALMINE_DRAIN_UNPROTECTED' | 'COALMINE_TELEMETRY_FAILED' | 'COALMINE_SERVICE_UNNAMED';
/**
 * Emits a warning: a stable code, a sentence, and the object that causes the warning if it could cause it again and
 * again.
 */
type Warn = (code: CoalmineWarningCode, message: string, cause?: object) => void;
/**
 * Emits a process warning of the type `CoalmineWarning`. With a `cause` (a metric, a callback, a registry), the same
 * code is emitted once for that object. Without a `cause`, every call is emitted.
 */
declare const warn: Warn;

export { CoalmineError, type CoalmineErrorCode, type CoalmineWarningCode, InvalidOption, type Warn, type WithAllKeys, booleanOption, choiceOption, functionOption, integerOption, isMapping, keysOf, listOption, messageOf, negotiable, objectOption, secondsOption, secondsOrZeroOption, textOf, timerSeconds, warn, within };
