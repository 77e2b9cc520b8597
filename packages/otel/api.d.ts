import { Telemetry } from '@coalmine/node';
import { Attributes, MeterProvider, ValueType, HrTime } from '@opentelemetry/api';
export { CoalmineError, CoalmineErrorCode } from '@coalmine/options';
import { Labels } from '@coalmine/metrics';

interface OtelOptions {
    /** Attributes of the process for each span, if a backend does not show the resource with it. @defaultValue none */
    readonly attributes?: Attributes;
    /** Whether the metrics are also published through OpenTelemetry. @defaultValue `true` */
    readonly metrics?: boolean;
    /** The provider through which they are published. @defaultValue the global one */
    readonly meterProvider?: MeterProvider;
}
/**
 * Returns the value of the option `telemetry` of a service: `coalmine({ telemetry: otel() })`.
 *
 * The server span of each request gets its outcome, its trace becomes an exemplar, and the metrics are published
 * through the OpenTelemetry API. Without an SDK in the process none of this happens, and a request costs no more than a
 * look at the active context. Throws `CoalmineError` if an option is invalid.
 */
declare function otel(options?: OtelOptions): Telemetry;

/**
 * Names of attributes. Names without `coalmine` come from the OpenTelemetry semantic conventions. The names behind
 * `coalmine.` are the names that the series of Coalmine use.
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
    /** Whether the exchange took longer than the patience of its route. */
    readonly overdue: "coalmine.overdue";
    /** Whether the exchange took longer than the objective of its route. */
    readonly overObjective: "coalmine.over_objective";
    /** Why the exchange is excluded. */
    readonly excludedReason: "coalmine.excluded.reason";
    /** What vouches for that: a route, the id of a key, `peer`, `forwarded`. */
    readonly excludedAuthority: "coalmine.excluded.authority";
    /** Whether the pod was warm. */
    readonly podWarm: "coalmine.pod.warm";
    /** Followed by the name of a source: the state of that schema. */
    readonly schemaState: "coalmine.schema.state";
};

/** Fits the SDK's `MetricProducer`. */
interface MetricProducer {
    collect(): Promise<CollectionResult>;
}
interface CollectionResult {
    resourceMetrics: {
        /** A reader uses the resource of the SDK, and does not merge it; its type requires this one. */
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
/** The numbers are the values of the SDK's enumerations. */
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

/** Whether a point covers the time since the process started, or since the last collection. */
type Temporality = 'cumulative' | 'delta';
interface MetricProducerOptions {
    /**
     * The temporality of counters and histograms, which the exporter of the reader must expect. @defaultValue what
     * `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` says, otherwise `'cumulative'`
     */
    readonly temporality?: Temporality;
}
/**
 * Returns the metrics of every service of this process that has telemetry, for one metric reader of OpenTelemetry's
 * SDK: `new PeriodicExportingMetricReader({ exporter, metricProducers: [createMetricProducer()] })`.
 *
 * The API has no histogram that is observed, so each request would have to call the SDK, and its counters start when
 * they are first collected: the first failures of a process would be lost. The producer reads the cells when the reader
 * collects, in slices that yield to the event loop, and knows since when they count. It may be created before there is
 * a service. Throws `CoalmineError` if an option is invalid.
 */
declare function createMetricProducer(options?: MetricProducerOptions): MetricProducer;

/** Under Flagger: a pod of the Deployment that serves the users, or of the Deployment that is tried. */
type RolloutRole = 'primary' | 'canary';
/** The controller that releases the pods. */
type RolloutController = 'argo' | 'flagger';
/** The names of environment variables, by their meaning. */
interface IdentityVariables {
    /** @defaultValue the first of `POD_NAME`, `K8S_POD_NAME`, `KUBERNETES_POD_NAME`, `MY_POD_NAME` that is set */
    readonly pod?: string;
    /**
     * @defaultValue the first of `POD_NAMESPACE`, `K8S_NAMESPACE`, `K8S_POD_NAMESPACE`, `KUBERNETES_NAMESPACE`,
     * `MY_POD_NAMESPACE` that is set
     */
    readonly namespace?: string;
    /** @defaultValue the first of `ROLLOUTS_POD_TEMPLATE_HASH`, `ROLLOUT_POD_TEMPLATE_HASH` that is set */
    readonly hash?: string;
    /** The value of the label by which the Deployment selects its pods. @defaultValue `FLAGGER_SELECTOR_LABEL` */
    readonly selector?: string;
    /** @defaultValue the first of `APP_VERSION`, `SERVICE_VERSION`, `DD_VERSION` that is set */
    readonly version?: string;
}
/** The known parts of the identity, and the places to read the rest from. */
interface IdentityOptions {
    /** Name of the pod. @defaultValue what is found */
    readonly pod?: string | undefined;
    /** Namespace of the pod. @defaultValue what is found */
    readonly namespace?: string | undefined;
    /** Argo's hash of the pod template. @defaultValue what is found */
    readonly hash?: string | undefined;
    /** Role under Flagger. @defaultValue what is found */
    readonly role?: RolloutRole | undefined;
    /** Name of the Rollout if there is a hash, otherwise of the Deployment. @defaultValue what is found */
    readonly workload?: string | undefined;
    /** Version of the build. @defaultValue what is found */
    readonly version?: string | undefined;
    /** Name of the service. @defaultValue none: the name is never looked for */
    readonly service?: string | undefined;
    /**
     * The controller that releases the pods. Only if it is given, a hash is read from the pod's name, which looks exactly
     * like the name of a Deployment's pod, and a pod that is not a primary is called a canary. @defaultValue what the
     * label of Argo or of Flagger says
     */
    readonly controller?: RolloutController;
    /** @defaultValue `process.env` */
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly variables?: IdentityVariables;
    /** Folder of a downwardAPI volume with the files `labels`, `name`, `namespace`. @defaultValue `'/etc/podinfo'` */
    readonly podinfo?: string;
    /**
     * Folder with the token of the service account and the file `namespace`. @defaultValue
     * `'/var/run/secrets/kubernetes.io/serviceaccount'`
     */
    readonly serviceAccount?: string;
}

/** Which pod of which release a process is. Unknown members are absent. */
interface Identity {
    readonly pod?: string;
    readonly namespace?: string;
    /** Argo's hash of the pod template. It tells canary from stable, and stays the same for the life of a pod. */
    readonly hash?: string;
    /** Only under Flagger: under Argo, the role of a pod changes when it is promoted. */
    readonly role?: RolloutRole;
    /** Name of the Rollout if there is a hash, otherwise of the Deployment. */
    readonly workload?: string;
    readonly version?: string;
    readonly service?: string;
}
/**
 * Reads the identity of this process. Each member comes from the first source that has it: the options, the
 * environment, the files of a downwardAPI volume, and what Kubernetes gives to every pod. Throws `InvalidOption`. A
 * file that is missing or cannot be read is not an error.
 */
declare function readIdentity(options?: IdentityOptions): Identity;

/**
 * Returns the identity as attributes of a resource, named by OpenTelemetry's semantic conventions. The conventions have
 * no Rollout: they name its ReplicaSet, and `coalmine.rollout.name` is the Rollout itself.
 */
declare function identityAttributes(identity: Identity): Record<string, string>;

/** A detector for `resourceDetectors` of `@opentelemetry/sdk-node`. */
interface RolloutDetector {
    detect(): {
        readonly attributes: Record<string, string>;
    };
}
/**
 * Returns a detector of the identity of this process: {@link readIdentity}, as attributes, with a name for the service
 * and for this process if nobody has given them one. Throws `InvalidOption` at this call and not during detection,
 * because the SDK drops errors of a detector.
 */
declare function rolloutDetector(options?: IdentityOptions): RolloutDetector;

/**
 * Returns the identity as constant labels for `metrics.labels`. The names are the names that a Prometheus makes of the
 * attributes of a resource, so that one rule joins metrics and traces. None is a name of a label that a scrape gives to
 * its targets. Values that add nothing to the pod, its workload and its service are only on the resource.
 */
declare function identityLabels(identity: Identity): Labels;

export { ATTRIBUTES, type CollectionResult, type DataPoint, type HistogramValue, type Identity, type IdentityOptions, type IdentityVariables, type MetricData, type MetricProducer, type MetricProducerOptions, type OtelOptions, type RolloutController, type RolloutDetector, type RolloutRole, type ScopeMetrics, type Temporality, createMetricProducer, identityAttributes, identityLabels, otel, readIdentity, rolloutDetector };
