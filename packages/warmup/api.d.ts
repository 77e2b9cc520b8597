/** The requests that a service sends to itself before it is ready. */
interface PrimeOptions {
    /** Paths or requests, sent one after the other, again and again. At least one. */
    readonly requests: readonly (string | PrimeRequest)[];
    /** How many requests are sent in all. @defaultValue `1000` */
    readonly count?: number;
    /** Seconds after which priming ends, however many requests were sent. @defaultValue `30` */
    readonly maxSeconds?: number;
    /** How many requests are in flight at a time. @defaultValue `4` */
    readonly concurrency?: number;
    /** Whether the pod stays unready if a request failed, or none got a response. @defaultValue `false` */
    readonly required?: boolean;
    /**
     * Whether methods other than GET and HEAD may be sent. They change something, in every new pod and `count` times.
     * @defaultValue `false`
     */
    readonly unsafe?: boolean;
}
interface PrimeRequest {
    /** @defaultValue `'GET'` */
    readonly method?: string;
    /** Path and query. */
    readonly path: string;
    /** Headers to send. @defaultValue `host: localhost`, which can be replaced */
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
}

/** The progress of priming. */
interface Progress {
    /** Whether priming has started, and how it ended: `failed` only if it is `required`. */
    readonly state: 'waiting' | 'running' | 'done' | 'failed';
    /** How many requests will be sent in all. */
    readonly count: number;
    /** How many requests have been sent and have ended. */
    readonly sent: number;
    /** How many of the sent requests got a status of 400 or above, or no response. */
    readonly failed: number;
    /** The first failed request, such as `GET /items/1 500`. */
    readonly firstFailure: string | undefined;
}
/** Requests that a service sends to itself, through its own server, so that users meet warm code. */
interface Priming {
    readonly progress: Progress;
    /** Whether the pod may be ready: priming is over, and has not failed if it is `required`. */
    readonly isDone: boolean;
    /** Starts as soon as `server` listens, once: later calls do nothing. Never throws. */
    start(server: object): void;
}
interface PrimingHooks {
    /** Returns headers that mark one request as not a user's. @defaultValue none */
    readonly mark?: (request: {
        method: string;
        path: string;
        host: string;
    }) => Readonly<Record<string, string>>;
    /** Receives messages about the progress. @defaultValue none */
    readonly debug?: (message: string) => void;
}
/** Prepares priming. Throws `InvalidOption`, which names the option by its path below `warmup`. */
declare function createPriming(options: PrimeOptions, { mark, debug }?: PrimingHooks): Priming;

/** When a pod is warm, and what is withheld before that. */
interface WarmupOptions {
    /** Seconds after its readiness for which a pod is cold at least. @defaultValue `30` */
    readonly minSeconds?: number;
    /** Requests of users that a pod must have served to be warm. @defaultValue `0` */
    readonly minRequests?: number;
    /** Seconds after its readiness at which a pod is warm in any case. @defaultValue `300` */
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
    /** Whether the pod is warm. Once true, it stays true. */
    readonly isWarm: boolean;
    /** Epoch seconds at which the clock started; `undefined` before. */
    readonly readyAt: number | undefined;
    /** Starts the clock, because the pod is ready. Later calls do nothing. */
    ready(): void;
    /**
     * Counts a served request of a user, and returns whether the pod was cold when the request started: at `beganAt`, in
     * milliseconds on the clock of the options. Starts the clock there if `ready()` was never called.
     */
    served(beganAt: number): boolean;
}
/**
 * Creates the state of a pod. A pod is warm when it is at least `minSeconds` past its readiness and has served
 * `minRequests`, and in any case at `maxSeconds`. It never becomes cold again. Throws `InvalidOption`, which names the
 * option by its path below `warmup`.
 *
 * The clock does not start with the process, so that a slow boot does not use up the time.
 */
declare function createWarmup(options?: WarmupOptions): Warmup;

export { type PrimeOptions, type PrimeRequest, type Priming, type PrimingHooks, type Progress, type Warmup, type WarmupOptions, createPriming, createWarmup };
