/** What a service sends itself before it is ready. */
interface PrimeOptions {
    /** Paths, or requests: sent one after the other, round the list. At least one. */
    readonly requests: readonly (string | PrimeRequest)[];
    /** Requests in all. @defaultValue `1000` */
    readonly count?: number;
    /** Seconds after which it is over, however many were sent. @defaultValue `30` */
    readonly maxSeconds?: number;
    /** Requests at a time. @defaultValue `4` */
    readonly concurrency?: number;
    /** Whether the pod stays unready when one failed, or none was answered. @defaultValue `false` */
    readonly required?: boolean;
    /**
     * Whether methods other than GET and HEAD may be sent, which change something, in every new pod and `count` times.
     * @defaultValue `false`
     */
    readonly unsafe?: boolean;
}
interface PrimeRequest {
    /** @defaultValue `'GET'` */
    readonly method?: string;
    /** Path and query. */
    readonly path: string;
    /** @defaultValue `host: localhost`, which can be another */
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
}

/** How far priming is. */
interface Progress {
    /** Whether it has begun, and how it ended: `failed` only where it is `required`. */
    readonly state: 'waiting' | 'running' | 'done' | 'failed';
    /** Requests to send in all. */
    readonly count: number;
    /** Requests sent so far whose end is known. */
    readonly sent: number;
    /** Those among them that were answered with a status of 400 or above, or not at all. */
    readonly failed: number;
    /** The first of these, such as `GET /items/1 500`. */
    readonly firstFailure: string | undefined;
}
/** Requests that a service sends itself, through its own server, so that users meet warm code. */
interface Priming {
    readonly progress: Progress;
    /** Whether the pod may be ready: it is over, and has not failed where it is `required`. */
    readonly isDone: boolean;
    /** Starts as soon as `server` listens, once: later calls do nothing. Never throws. */
    start(server: object): void;
}
interface PrimingHooks {
    /** Headers that say of a request that it is no user's; asked for each. @defaultValue none */
    readonly mark?: (request: {
        method: string;
        path: string;
        host: string;
    }) => Readonly<Record<string, string>>;
    /** Where progress is told. @defaultValue nowhere */
    readonly debug?: (message: string) => void;
}
/** Prepares priming. Throws `InvalidOption`, which names the option by its path below `warmup`. */
declare function createPriming(options: PrimeOptions, { mark, debug }?: PrimingHooks): Priming;

/** When a pod is warm, and what is withheld before. */
interface WarmupOptions {
    /** Seconds past its readiness for which a pod is cold at least. @defaultValue `30` */
    readonly minSeconds?: number;
    /** Users that a pod must have served to be warm. @defaultValue `0` */
    readonly minRequests?: number;
    /** Seconds past its readiness after which a pod is warm in any case. @defaultValue `300` */
    readonly maxSeconds?: number;
    /**
     * What does not count while the pod is cold. With `'all'`, a canary that crashes before it is warm never shows an
     * error. @defaultValue `'latency'`
     */
    readonly withhold?: 'latency' | 'all';
    /** Monotonic clock in milliseconds. @defaultValue `performance.now` */
    readonly now?: () => number;
}

/** Tells whether a pod is old enough for its durations to be judged. */
interface Warmup {
    /** What does not count while the pod is cold. */
    readonly withhold: 'latency' | 'all';
    /** True once the pod is warm, and from then on. */
    readonly isWarm: boolean;
    /** Epoch seconds at which the clock started; `undefined` before. */
    readonly readyAt: number | undefined;
    /** The pod is ready: starts the clock, once. */
    ready(): void;
    /**
     * Counts a request that a user has had served, and answers whether the pod was cold when it began: at `beganAt`, in
     * milliseconds on the clock of the options. Starts the clock there if readiness was never told.
     */
    served(beganAt: number): boolean;
}
/**
 * A pod is warm when it is at least `minSeconds` past its readiness and has served `minRequests`, and in any case at
 * `maxSeconds`. It is never cold again. Throws `InvalidOption`, which names the option by its path below `warmup`.
 *
 * The clock does not start with the process, so that a slow boot does not use the time up.
 */
declare function createWarmup(options?: WarmupOptions): Warmup;

export { type PrimeOptions, type PrimeRequest, type Priming, type PrimingHooks, type Progress, type Warmup, type WarmupOptions, createPriming, createWarmup };
