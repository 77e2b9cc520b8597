import { Telemetry } from '@coalmine/node';
import { Attributes, MeterProvider, ValueType, HrTime } from '@opentelemetry/api';
export { CoalmineError, CoalmineErrorCode } from '@coalmine/options';
import { Labels } from '@coalmine/metrics';

interface OtelOptions {
    /**
     * Attributes of the process for each span, where a backend does not show the resource beside it.
     * @defaultValue none
     */
    readonly attributes?: Attributes;
    /** Whether the metrics are published through OpenTelemetry too. @defaultValue `true` */
    readonly metrics?: boolean;
    /** Where they are published. @defaultValue the global one */
    readonly meterProvider?: MeterProvider;
}
/**
 * What goes into the option `telemetry` of a service: `coalmine({ telemetry: otel() })`.
 *
 * The server span of each request says what became of it, its trace stands for it as an exemplar, and the metrics are
 * published through the OpenTelemetry API. Without an SDK in the process nothing of it happens, and a request pays no more
 * than a look at the active context. Throws `CoalmineError` when an option is invalid.
 */
declare function otel(options?: OtelOptions): Telemetry;

/**
 * Names of attributes. Source: OpenTelemetry semantic conventions, which have those without `coalmine`; the others are ours, and what
 * stands behind a dot in them is what the series of Coalmine call it.
 * @see https://opentelemetry.io/docs/specs/semconv/http/
 */
declare const ATTRIBUTES: {
    readonly method: "http.request.method";
    readonly route: "http.route";
    readonly status: "http.response.status_code";
    readonly errorType: "error.type";
    readonly scheme: "url.scheme";
    readonly protocolVersion: "network.protocol.version";
    readonly synthetic: "user_agent.synthetic.type";
    readonly eventLoopState: "nodejs.eventloop.state";
    /** What the client got: `answered`, `streamed`, `left`, `left_mid_body`, `refused` or `broken`. */
    readonly outcome: "coalmine.outcome";
    /** Why the app says that a request failed, whatever its status. */
    readonly failureReason: "coalmine.failure.reason";
    /** Whether it took longer than the patience of its route. */
    readonly overdue: "coalmine.overdue";
    /** Whether it took longer than the objective of its route. */
    readonly overObjective: "coalmine.over_objective";
    /** Why it is no user's. */
    readonly excludedReason: "coalmine.excluded.reason";
    /** Who vouches for that: a route, the id of a key, `peer`, `forwarded`. */
    readonly excludedAuthority: "coalmine.excluded.authority";
    /** Whether the pod was warm. */
    readonly podWarm: "coalmine.pod.warm";
    /** With the name of a source behind it: the state of that schema. */
    readonly schemaState: "coalmine.schema.state";
};

/** Fits the SDK's `MetricProducer`. */
interface MetricProducer {
    collect(): Promise<CollectionResult>;
}
interface CollectionResult {
    resourceMetrics: {
        /** A reader takes the resource of the SDK, and merges it with none; this one is what its type asks for. */
        resource: {
            readonly attributes: Attributes;
            merge<T>(other: T | null): T;
            getRawAttributes(): [];
        };
        scopeMetrics: ScopeMetrics[];
    };
    errors: unknown[];
}
interface ScopeMetrics {
    scope: {
        name: string;
    };
    metrics: MetricData[];
}
/** The numbers are those of the SDK's enumerations. */
type MetricData = {
    descriptor: {
        name: string;
        description: string;
        unit: string;
        valueType: ValueType;
    };
    aggregationTemporality: 0 | 1;
} & ({
    dataPointType: 0;
    dataPoints: DataPoint<HistogramValue>[];
} | {
    dataPointType: 2;
    dataPoints: DataPoint<number>[];
} | {
    dataPointType: 3;
    dataPoints: DataPoint<number>[];
    isMonotonic: boolean;
});
interface DataPoint<T> {
    startTime: HrTime;
    endTime: HrTime;
    attributes: Attributes;
    value: T;
}
interface HistogramValue {
    buckets: {
        boundaries: number[];
        counts: number[];
    };
    sum: number;
    count: number;
}

/** Whether a point says what came since the process began, or since the last collection. */
type Temporality = 'cumulative' | 'delta';
interface MetricProducerOptions {
    /**
     * Of counters and histograms, as the exporter of the reader has it.
     * @defaultValue what `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` says, else `'cumulative'`
     */
    readonly temporality?: Temporality;
}
/**
 * The metrics of every service of this process that has telemetry, for one metric reader of OpenTelemetry's SDK:
 * `new PeriodicExportingMetricReader({ exporter, metricProducers: [createMetricProducer()] })`.
 *
 * The API has no histogram that is observed, so that each request would have to call the SDK, and its counters begin when
 * they are first collected: a process that fails at once would have failed never. This one reads the cells when the reader
 * collects, in slices that give the event loop back, and knows since when they count. It may be made before there is a
 * service. Throws `CoalmineError` when an option is invalid.
 */
declare function createMetricProducer(options?: MetricProducerOptions): MetricProducer;

/** Flagger's: pods of the Deployment that has the users, or of the one that is tried. */
type RolloutRole = 'primary' | 'canary';
/** What releases the pods. */
type RolloutController = 'argo' | 'flagger';
/** Environment variables, by what they say. */
interface IdentityVariables {
    /** @defaultValue the first that is set of `POD_NAME`, `K8S_POD_NAME`, `KUBERNETES_POD_NAME`, `MY_POD_NAME` */
    readonly pod?: string;
    /**
     * @defaultValue the first that is set of `POD_NAMESPACE`, `K8S_NAMESPACE`, `K8S_POD_NAMESPACE`,
     * `KUBERNETES_NAMESPACE`, `MY_POD_NAMESPACE`
     */
    readonly namespace?: string;
    /** @defaultValue the first that is set of `ROLLOUTS_POD_TEMPLATE_HASH`, `ROLLOUT_POD_TEMPLATE_HASH` */
    readonly hash?: string;
    /** The value of the label that the Deployment selects its pods by. @defaultValue `FLAGGER_SELECTOR_LABEL` */
    readonly selector?: string;
    /** @defaultValue the first that is set of `APP_VERSION`, `SERVICE_VERSION`, `DD_VERSION` */
    readonly version?: string;
}
/** What is known already, and where the rest is looked for. */
interface IdentityOptions {
    /** Name of the pod. @defaultValue what is found */
    readonly pod?: string | undefined;
    /** Namespace of the pod. @defaultValue what is found */
    readonly namespace?: string | undefined;
    /** Argo's hash of the pod template. @defaultValue what is found */
    readonly hash?: string | undefined;
    /** Role under Flagger. @defaultValue what is found */
    readonly role?: RolloutRole | undefined;
    /** Name of the Rollout where there is a hash, of the Deployment otherwise. @defaultValue what is found */
    readonly workload?: string | undefined;
    /** Version of the build. @defaultValue what is found */
    readonly version?: string | undefined;
    /** Name of the service. @defaultValue none: it is never looked for */
    readonly service?: string | undefined;
    /**
     * What releases the pods. Only then is a hash read from the pod's name, which is that of a Deployment's pod to the
     * letter, and a pod that is no primary called a canary. @defaultValue what the label of Argo or of Flagger says
     */
    readonly controller?: RolloutController;
    /** @defaultValue `process.env` */
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly variables?: IdentityVariables;
    /** Folder of a downwardAPI volume with the files `labels`, `name`, `namespace`. @defaultValue `'/etc/podinfo'` */
    readonly podinfo?: string;
    /**
     * Folder of the service account's token, with the file `namespace`.
     * @defaultValue `'/var/run/secrets/kubernetes.io/serviceaccount'`
     */
    readonly serviceAccount?: string;
}

/** Which pod of which release a process is. What is not known is not there. */
interface Identity {
    readonly pod?: string;
    readonly namespace?: string;
    /** Argo's hash of the pod template: what tells canary from stable, the same for the life of a pod. */
    readonly hash?: string;
    /** Under Flagger. Never under Argo, where a pod's role changes when it is promoted. */
    readonly role?: RolloutRole;
    /** Name of the Rollout where there is a hash, of the Deployment otherwise. */
    readonly workload?: string;
    readonly version?: string;
    readonly service?: string;
}
/**
 * Reads the identity of this process, from the first that says something: the options, the environment, the files of a
 * downwardAPI volume, and what Kubernetes gives every pod. Throws `InvalidOption`; a file that is missing or cannot be
 * read is no error.
 */
declare function readIdentity(options?: IdentityOptions): Identity;

/**
 * The identity as attributes of a resource, named by OpenTelemetry's semantic conventions. These know no Rollout, so
 * that its ReplicaSet, which is one, is named by them, and the Rollout itself by `coalmine.rollout.name`.
 */
declare function identityAttributes(identity: Identity): Record<string, string>;

/** A detector for `resourceDetectors` of `@opentelemetry/sdk-node`. */
interface RolloutDetector {
    detect(): {
        readonly attributes: Record<string, string>;
    };
}
/**
 * Detects the identity of this process: {@link readIdentity}, as attributes, with a name for the service and for this
 * process where nobody has given them one. Throws `InvalidOption`, here and not when it detects: the SDK drops what a
 * detector throws.
 */
declare function rolloutDetector(options?: IdentityOptions): RolloutDetector;

/**
 * The identity as constant labels for `metrics.labels`, by the names that a Prometheus makes of the attributes of a
 * resource, so that one rule joins metrics and traces. None is the name of a label that a scrape gives its targets.
 * What adds nothing to the pod, its workload and its service, is on the resource alone.
 */
declare function identityLabels(identity: Identity): Labels;

export { ATTRIBUTES, type CollectionResult, type DataPoint, type HistogramValue, type Identity, type IdentityOptions, type IdentityVariables, type MetricData, type MetricProducer, type MetricProducerOptions, type OtelOptions, type RolloutController, type RolloutDetector, type RolloutRole, type ScopeMetrics, type Temporality, createMetricProducer, identityAttributes, identityLabels, otel, readIdentity, rolloutDetector };
