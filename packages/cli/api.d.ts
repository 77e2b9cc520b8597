import { NameMap, Names, ObjectiveOptions } from '@coalmine/metrics';

/** How a canary is measured. */
interface AnalysisOptions {
    /** Seconds between two scrapes. @defaultValue `15` */
    readonly scrapeSeconds?: number;
    /** Seconds that a measurement looks back; at least four scrapes. @defaultValue `120` */
    readonly windowSeconds?: number;
    /** Seconds that queries about the whole canary look back. @defaultValue `1800` */
    readonly lookbackSeconds?: number;
    /** Seconds between two measurements; at least one scrape. @defaultValue `30` */
    readonly intervalSeconds?: number;
    /** Measurements before a step is decided. @defaultValue `9` */
    readonly count?: number;
    /** Seconds that a pod takes to become ready. @defaultValue `60` */
    readonly startSeconds?: number;
    /** The fewest requests that are judged. @defaultValue `20` */
    readonly minRequests?: number;
    /** The confidence that a measurement needs for a rollback: a probability. @defaultValue `0.9999` */
    readonly confidence?: number;
    /** Whether failures that stable has as well do not count against the canary. @defaultValue `true` */
    readonly compareWithStable?: boolean;
    /**
     * The factor by which a route may be slower than on stable, even within its objective. @defaultValue none: not
     * measured
     */
    readonly slowerThanStable?: number;
    /** What Flagger does with a canary without traffic, because it has no pause. @defaultValue `'halt'` */
    readonly onSilence?: 'halt' | 'promote';
}
/** Parsed {@link AnalysisOptions}. */
interface Analysis {
    readonly scrapeSeconds: number;
    readonly windowSeconds: number;
    readonly lookbackSeconds: number;
    readonly intervalSeconds: number;
    readonly count: number;
    readonly startSeconds: number;
    readonly minRequests: number;
    readonly confidence: number;
    readonly compareWithStable: boolean;
    readonly slowerThanStable: number | undefined;
    readonly onSilence: 'halt' | 'promote';
}

/** The router that splits the traffic between canary and stable; `basic` only sets the number of pods. */
type Router = 'basic' | 'nginx' | 'istio' | 'linkerd' | 'traefik' | 'gateway';
/** How users reach the router. A table says which router has which option. */
interface IngressOptions {
    /** nginx: the IngressClass; traefik: the class of its routes. @defaultValue `'nginx'` for nginx */
    readonly class?: string;
    /** nginx, traefik: the Secret with the certificate of the host. @defaultValue none: no TLS */
    readonly tlsSecret?: string;
    /**
     * istio: gateways in addition to the mesh; gateway: the parents of the route. Each is a name, or namespace/name.
     * @defaultValue `['istio-system/gateway']`, or `['gateway']`
     */
    readonly gateways?: readonly string[];
    /** traefik: its entry points. @defaultValue `['web']`, or `['websecure']` with a certificate */
    readonly entryPoints?: readonly string[];
}
/** Parsed {@link IngressOptions}. */
interface Ingress {
    readonly class: string | undefined;
    readonly tlsSecret: string | undefined;
    /** `undefined` if none was named. */
    readonly gateways: readonly string[] | undefined;
    readonly entryPoints: readonly string[];
}

/** How the controller authenticates to Prometheus. */
type AuthType = 'bearer' | 'basic' | 'oauth2' | 'sigv4';
/** How the controller queries Prometheus. */
interface ProviderOptions {
    /**
     * Headers to send with each query, such as the header of a tenant. Nothing secret, because everybody may read them.
     */
    readonly headers?: Readonly<Record<string, string>>;
    /** Whether any certificate is accepted. @defaultValue `false` */
    readonly insecure?: boolean;
    /** Seconds that a query may take; Flagger always allows 5. @defaultValue the default of Argo Rollouts, 30 */
    readonly timeoutSeconds?: number;
    /** @defaultValue none */
    readonly auth?: {
        /** Flagger supports `bearer` and `basic`. */
        readonly type?: AuthType;
        /**
         * The Secret, in the namespace of the release. `bearer`: its key `token`. `basic`: `username` and `password` for
         * Flagger; for Argo Rollouts `basic`, which is both with a colon between them in base64. `oauth2`: `clientSecret`.
         */
        readonly secret?: string;
        /** oauth2: the URL that issues tokens. */
        readonly tokenUrl?: string;
        /** oauth2. */
        readonly clientId?: string;
        /** oauth2. @defaultValue none */
        readonly scopes?: readonly string[];
        /** sigv4: the AWS region. */
        readonly region?: string;
        /** sigv4: a profile of the controller's credentials. @defaultValue none */
        readonly profile?: string;
        /** sigv4: the role to assume. @defaultValue none */
        readonly roleArn?: string;
    };
}
/** Parsed {@link ProviderOptions}. */
interface Provider {
    readonly headers: Readonly<Record<string, string>>;
    readonly insecure: boolean;
    readonly timeoutSeconds: number | undefined;
    readonly auth: Auth | undefined;
}
type Auth = {
    readonly type: 'bearer' | 'basic';
    readonly secret: string;
} | {
    readonly type: 'oauth2';
    readonly secret: string;
    readonly tokenUrl: string;
    readonly clientId: string;
    readonly scopes: readonly string[];
} | {
    readonly type: 'sigv4';
    readonly region: string;
    readonly profile: string | undefined;
    readonly roleArn: string | undefined;
};

/** When Argo Rollouts scales down the Deployment from which a Rollout takes its pods. */
type ScaleDown = 'never' | 'onsuccess' | 'progressively';
/** An existing Deployment that the controller releases. */
interface WorkloadOptions {
    /** Its name. */
    readonly deployment?: string;
    /** Labels of its pods, by which Services and monitors select them. @defaultValue `{ app: <deployment> }` */
    readonly labels?: Readonly<Record<string, string>>;
    /** When Argo Rollouts scales it down. Flagger scales it down by itself. @defaultValue `'onsuccess'` */
    readonly scaleDown?: ScaleDown;
}
/** Parsed {@link WorkloadOptions}. */
interface Workload {
    readonly deployment: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly scaleDown: ScaleDown;
}
/** How many pods a HorizontalPodAutoscaler may run. */
interface AutoscaleOptions {
    /** @defaultValue `2` */
    readonly min?: number;
    readonly max?: number;
    /** The target share of the requested CPU, in percent. @defaultValue `70` */
    readonly cpu?: number;
    /** CPU that a generated pod requests; the percentage refers to it. @defaultValue `'250m'` */
    readonly cpuRequest?: string;
}
/** Parsed {@link AutoscaleOptions}. */
interface Autoscale {
    readonly min: number;
    readonly max: number;
    readonly cpu: number;
    readonly cpuRequest: string;
}

/** The strategy of a release. */
type Strategy = 'canary' | 'blue-green';
/** The controller whose templates use the names of recording rules. */
type Recorder = 'argo' | 'flagger';
/** The objective of a release, and how it is released. Only the name is required. */
interface ReleaseOptions {
    /** The name of the Rollout or the Deployment, and of the Service unless `service` is given. */
    readonly name?: string;
    /** @defaultValue `'default'` */
    readonly namespace?: string;
    /** @defaultValue the name */
    readonly service?: string;
    /** @defaultValue `<name>:latest` */
    readonly image?: string;
    /** Port that the container listens on. @defaultValue `3000` */
    readonly port?: number;
    /**
     * Port of the container for metrics and probes, if the app has an `admin` listener. @defaultValue the port of the app
     */
    readonly adminPort?: number;
    /** Host name for users; `*.example.com` for all names below one. @defaultValue `<name>.example.com` */
    readonly host?: string;
    /** @defaultValue `3` */
    readonly replicas?: number;
    /** A HorizontalPodAutoscaler instead of `replicas`. @defaultValue none */
    readonly autoscale?: AutoscaleOptions;
    /** An existing Deployment, instead of generated pods. @defaultValue none */
    readonly workload?: WorkloadOptions;
    /** @defaultValue `'basic'` */
    readonly router?: Router;
    /** How users reach the router. */
    readonly ingress?: IngressOptions;
    /** @defaultValue `'canary'` */
    readonly strategy?: Strategy;
    /** The canary's share of the traffic, step by step, in percent. @defaultValue `[5, 20, 50]` */
    readonly weights?: readonly number[];
    /** The address of Prometheus for the controller. @defaultValue `'http://prometheus.monitoring.svc:9090'` */
    readonly prometheus?: string;
    /** How the controller queries Prometheus: headers and authentication. */
    readonly provider?: ProviderOptions;
    /** How the Prometheus Operator selects its objects. */
    readonly operator?: {
        /** Labels of each object, such as `{ release: 'kube-prometheus-stack' }`. @defaultValue none */
        readonly labels?: Readonly<Record<string, string>>;
    };
    /** Path of the metrics. @defaultValue `'/metrics'` */
    readonly metricsPath?: string;
    readonly objective?: {
        /**
         * The objective in seconds. The app has an objective for each route. If it is given here, the app must have the
         * same objective for its service; otherwise nothing is judged. @defaultValue none, which checks nothing
         */
        readonly latency?: number;
        /** Share of the requests that may fail. @defaultValue `0.01` */
        readonly errorRatio?: number;
        /** Share of the requests that may take longer than the objective of their route. @defaultValue `0.05` */
        readonly overShare?: number;
    };
    /** How a canary is measured. */
    readonly analysis?: AnalysisOptions;
    /**
     * Intended differences to stable, each a method, a route and a status: `'GET /old 301'`, `'POST /login 4xx'`.
     * @defaultValue none
     */
    readonly accept?: readonly string[];
    /**
     * Whether the app checks a schema, so that its state is required. @defaultValue `false`: required if stable has it
     */
    readonly schema?: boolean;
    /**
     * The names that the app gives to its series, as in the options of the app; `'otel'` for the names of OpenTelemetry.
     */
    readonly names?: NameMap | 'otel';
    /**
     * Whether the pods push their metrics over OTLP, as `@coalmine/otel` does. The series then have the names of
     * OpenTelemetry, and the labels that a Prometheus makes of the attributes of the pods. @defaultValue `false`
     */
    readonly push?: boolean;
    /** The labels that the scrape sets on its targets. With `push`, leave them out. */
    readonly labels?: {
        /** @defaultValue `'namespace'` */
        readonly namespace?: string;
        /** @defaultValue `'pod'` */
        readonly pod?: string;
        /** The label with the pod's template hash. @defaultValue `'rollouts_pod_template_hash'` */
        readonly hash?: string;
        /**
         * The label with the pod's role, which the recording rules for Argo Rollouts read. @defaultValue `'release_role'`
         */
        readonly role?: string;
    };
    /**
     * The controller for which recording rules contain the queries, so that each metric of its templates queries one
     * name. The controller gets no number, and promotes nothing, until Prometheus has the rules. @defaultValue none: the
     * templates contain the queries
     */
    readonly recordingRules?: Recorder;
    /** The address of the runbook, with a section for each alert. @defaultValue the runbook of this project */
    readonly runbook?: string;
    /** Whether the templates can be used from every namespace. @defaultValue `false` */
    readonly cluster?: boolean;
}

/** Parsed {@link ReleaseOptions}. */
interface Release {
    readonly name: string;
    readonly namespace: string;
    readonly service: string;
    readonly image: string;
    readonly port: number;
    readonly adminPort: number | undefined;
    readonly host: string;
    readonly replicas: number;
    readonly autoscale: Autoscale | undefined;
    readonly workload: Workload | undefined;
    readonly router: Router;
    readonly ingress: Ingress;
    readonly strategy: Strategy;
    readonly weights: readonly number[];
    readonly prometheus: string;
    readonly provider: Provider;
    readonly operator: {
        readonly labels: Readonly<Record<string, string>>;
    };
    readonly metricsPath: string;
    readonly objective: {
        readonly latency: number | undefined;
        readonly errorRatio: number;
        readonly overShare: number;
    };
    readonly analysis: Analysis;
    readonly accept: readonly Accepted[];
    readonly schema: boolean;
    readonly names: Names;
    readonly push: boolean;
    readonly labels: {
        readonly namespace: string;
        readonly pod: string;
        readonly hash: string;
        readonly role: string;
    };
    readonly recordingRules: Recorder | undefined;
    readonly runbook: string;
    readonly cluster: boolean;
}
/** An intended difference to stable. */
interface Accepted {
    readonly method: string;
    /** The pattern of the route, as in the app's series. */
    readonly route: string;
    /** `301`, or a class: `3xx`. */
    readonly status: string;
}
/** Parses the options of a release. Throws `InvalidOption`, which names the option. */
declare function parseRelease(options: ReleaseOptions): Release;

/**
 * When a difference between canary and stable is proven for one route and one class of responses. The numbers come from
 * the simulation in docs/analysis.md: only time tells a bad release from one faulty client on one connection, whatever
 * the confidence level.
 */
declare const PERSISTENCE: {
    /** Consecutive spans that must each hold evidence: longer than a client stays wrong. */
    readonly spans: 5;
    /** Standard errors between the shares of canary and stable, on the arcsine scale, above which a span holds evidence. */
    readonly z: 3;
    /** The same for a difference that must also be large, without half an event of the canary. */
    readonly zOfLarge: 2.25;
    /** Requests that the canary must be expected to have, in each span, of what stable serves and the canary has lost. */
    readonly events: 2;
    /** How much the canary's share of a route's requests must exceed stable's, in each span, to roll back for 3xx and 4xx. */
    readonly large: 0.2;
    /** The same for failed requests, as a multiple of the allowed error ratio: with retries, one failure is several. */
    readonly timesErrorRatio: 5;
    /** The same for slow requests, as a multiple of the allowed share. */
    readonly timesOverShare: 2;
    /** How much the canary's share of 3xx and 4xx among the requests to all routes must exceed stable's, in each span. */
    readonly most: 0.8;
    /** The number of these responses in each span, below which chance could cause the difference. */
    readonly mostEvents: 10;
    /** How much the share of a route's clients that leave before the response must exceed stable's, in each span, to pause. */
    readonly left: 0.4;
};

/** When a number is good and when it is bad. Between the two, or without a number, nothing is known. */
interface Judged {
    /** The number is good up to this, or from this on. */
    readonly good: {
        readonly most: number;
    } | {
        readonly least: number;
    };
    /** The number is bad above this; absent for a question that never rolls back. */
    readonly badAbove?: number;
}
/**
 * One question to Prometheus: a number, never `NaN`; empty if a series or a label that the question needs is missing.
 */
interface Question extends Judged {
    readonly name: string;
    /** What the number means, and why it is measured. */
    readonly why: string;
    readonly query: string;
    /**
     * The purpose of the question. `release`: whether the release works. `evidence`: whether there is anything to judge.
     * `doubt`: whether a person should look; controllers without a pause do not get this question.
     */
    readonly kind: 'release' | 'evidence' | 'doubt';
    /** How many spans of time the query looks at, so that one result is a proof. */
    readonly spans?: number;
}
/** The pods of the canary, and the pods it is compared with, as label matchers: `namespace="shop",pod=~"shop-.*"`. */
interface Sides {
    readonly canary: string;
    readonly stable?: string;
    /** PromQL of a vector: the canary's share of the traffic, in percent; 0 or empty if it is not known. */
    readonly weight?: string;
    /** Whether all users have moved from stable to the canary at once, just before the first measurement. */
    readonly isSwitched?: boolean;
}

/** Returns all questions about a canary, in the order of interest to a reader. */
declare function questionsOf(release: Release, sides: Sides): readonly Question[];

/** How Prometheus finds the pods. */
type Scrape = 'pod-monitor' | 'service-monitor' | 'scrape-config';

/** The tool that reads the manifests. */
type Target = 'argo' | 'flagger' | 'prometheus' | 'rules' | 'grafana';

/** A file of manifests. */
interface ManifestFile {
    readonly name: string;
    readonly text: string;
    /** Its parsed objects. */
    readonly objects: readonly object[];
}
/** Writes what a target needs of a release. Without `scrape`, a PodMonitor finds the pods. Throws `InvalidOption`. */
declare function manifestsFor(target: Target, options: ReleaseOptions, scrape?: Scrape): readonly ManifestFile[];

/** One fault that would mislead a canary controller, or one part that Coalmine does not know. */
interface Finding {
    /** Stable name of the rule, such as `ratio-of-nothing`. Each rule has a heading in docs/lint.md. */
    readonly rule: string;
    /**
     * An `error` leads to a wrong verdict, or to none. A `warning` may do so, in a case that its message names. A `note`
     * says what Coalmine does not know.
     */
    readonly severity: 'error' | 'warning' | 'note';
    /** What is wrong, and what the controller would do. */
    readonly message: string;
    /** What to write instead: `field: text` by the line, of the mapping that the line stands in, or a sentence. */
    readonly repair: string;
    /** The line in the source, from 1. */
    readonly line: number;
    /** The file, if several files are read. */
    readonly file?: string;
}

/** A file of YAML or JSON. */
interface SourceFile {
    readonly file: string;
    readonly text: string;
}

/** The options of the linter for templates. */
interface TemplateOptions {
    /** Seconds between two scrapes. @defaultValue those of the release that a manifest describes, otherwise `15` */
    readonly scrapeSeconds?: number;
    /** Seconds that a pod takes to become ready. @defaultValue `60` */
    readonly startSeconds?: number;
}
/**
 * Returns what is wrong with the templates in files of YAML: AnalysisTemplate, ClusterAnalysisTemplate, AnalysisRun,
 * Rollout and Experiment of Argo Rollouts, MetricTemplate and Canary of Flagger. Objects of other kinds are ignored. A
 * Rollout is checked against the AnalysisTemplates in all files, a Canary against the MetricTemplates. Throws
 * `InvalidOption`, and `AnalysisError` for aliases or levels without end.
 */
declare function lintTemplates(files: readonly SourceFile[], options?: TemplateOptions): readonly Finding[];

interface LintExpositionOptions {
    /** The objective of the service. @defaultValue the objective that the app exposes, otherwise 0.5 s */
    readonly objective?: ObjectiveOptions;
    /** The names that the app gives to its series, as in the options of the app. */
    readonly names?: NameMap;
    /** The `Content-Type` of the exposition. @defaultValue none: the text shows its format */
    readonly contentType?: string;
    /** An earlier exposition of the same process. */
    readonly before?: string;
    /** Whether Flagger's built-in checks will query the series. @defaultValue `false` */
    readonly flagger?: boolean;
}
/**
 * Reads an exposition of any library, and returns the faults that would mislead a canary controller, in the order of lines.
 * Throws `CoalmineError` for an option that cannot be used; never because of the exposition.
 */
declare function lintExposition(text: string, options?: LintExpositionOptions): readonly Finding[];

/** The parts that all Kubernetes objects have. */
interface KubernetesObject {
    readonly apiVersion?: string;
    readonly kind: string;
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly spec: Readonly<Record<string, unknown>>;
}
/**
 * Returns the objects of a YAML stream, including the items of its lists. Objects without `spec`, such as a ConfigMap,
 * are left out. Throws `AnalysisError` for text that is not YAML, for the source of a chart, and for an incomplete
 * object of an analysis.
 */
declare function objectsIn(text: string, file: string): readonly KubernetesObject[];

/** The time of an analysis, in epoch seconds. */
interface Clock {
    now(): number;
    /** Waits until a time. Resolves at once if the time has passed, or when the signal is aborted. */
    until(time: number, signal?: AbortSignal): Promise<void>;
}
/** Returns a clock of the real time. */
declare function createWallClock(): Clock;
/** Returns a clock for the past: it moves as fast as the queries return. */
declare function createPastClock(from: number): Clock;

/** The controller that reads templates. */
type Controller = 'argo' | 'flagger';

/** A controller's verdict on an analysis. Flagger has no `pause`. */
type Verdict = 'promote' | 'rollback' | 'pause';
/** Phase of a measurement, a metric or a run, by the names of Argo Rollouts. */
type Phase = 'Running' | 'Successful' | 'Failed' | 'Inconclusive' | 'Error';
/** One measurement of a metric. */
interface Measurement {
    /** Epoch seconds. */
    readonly at: number;
    readonly phase: Phase;
    /** The samples that the query returned, in the order of the server; none if the result was empty. */
    readonly values: readonly number[];
    /** The reason, if it did not succeed: an error, or the condition that decided. */
    readonly message?: string;
}
/** A bound that a value is compared with, for charts. A condition that is not a plain comparison has none. */
interface Threshold {
    /** The value is good on this side of the bound. */
    readonly good: 'below' | 'above';
    readonly bound: number;
}
/** A controller's verdict on one metric. */
interface MetricVerdict {
    readonly name: string;
    readonly phase: Phase;
    /** Why it ended in its phase; absent for a success. */
    readonly message?: string;
    /** Whether the result does not count. */
    readonly dryRun: boolean;
    /** The query as it was sent, with arguments. */
    readonly query: string;
    readonly successCondition?: string;
    readonly failureCondition?: string;
    readonly thresholds: readonly Threshold[];
    /** Limits and how much of each was used, such as `failureLimit` 1 of 2. */
    readonly limits: readonly {
        readonly name: string;
        readonly used: number;
        readonly limit: number;
    }[];
    readonly measurements: readonly Measurement[];
}
/** A controller's verdict on a run of all metrics. */
interface RunVerdict {
    readonly controller: Controller;
    /** The name of the template or the Canary. */
    readonly name: string;
    readonly verdict: Verdict;
    readonly phase: Phase;
    /** The reason, in one sentence that names the deciding metric. */
    readonly message: string;
    /** The deciding metric; absent if no metric decided. */
    readonly decidedBy?: string;
    /** Epoch seconds. */
    readonly startedAt: number;
    readonly finishedAt: number;
    readonly metrics: readonly MetricVerdict[];
    /** Flagger: the weight of the canary over time, in percent, and how many checks had failed. */
    readonly steps?: readonly {
        readonly at: number;
        readonly weight: number;
        readonly failedChecks: number;
    }[];
}

/** How and when a run happens. */
interface ArgoRun {
    readonly clock: Clock;
    /** Epoch seconds at which the rollout's last step ends the run, whatever it has measured. @defaultValue never */
    readonly endAt?: number;
    /** Epoch seconds after which there is no more data: what is undecided then stays undecided. @defaultValue never */
    readonly cutAt?: number;
    /** Ends the run, undecided. */
    readonly signal?: AbortSignal;
    readonly onMeasurement?: (metric: MetricVerdict, measurement: Measurement) => void;
}

/** The result of one metric. */
interface MetricResult extends MetricVerdict {
    /** The requests behind it in one sentence, if the template describes its release, or the run has recorded them. */
    readonly words?: string;
    /** Requests that made it bad, newest first, if traces were asked for. */
    readonly traces?: readonly Trace[];
    /** A remark on the traces: why there are none, or what they show. */
    readonly tracesNote?: string;
}
/** A request of the canary that counted as bad, and was traced. */
interface Trace {
    readonly traceId: string;
    readonly spanId?: string;
    /** The address at which it can be seen, if an address was given. */
    readonly url?: string;
    /** Epoch seconds. */
    readonly at: number;
    /** The value of the exemplar: seconds in a histogram, 1 in a counter. */
    readonly value: number;
    /** Labels of the series that counted it, without labels that the query gives to all of them. */
    readonly labels: Readonly<Record<string, string>>;
}
/** The result of an analysis. */
interface AnalysisResult extends RunVerdict {
    readonly metrics: readonly MetricResult[];
    /** What canary and stable served meanwhile, if the template describes its release. */
    readonly account?: Account;
    /** Remarks on the queries, such as an argument that no series has. */
    readonly notes?: readonly string[];
    /** Why no metric has traces, if traces were asked for. */
    readonly tracesNote?: string;
}
/** The requests during an analysis, and their outcomes. */
interface Account {
    readonly canary: Counts;
    /** Absent if stable has no series of Coalmine, or no stable was named. */
    readonly stable?: Counts;
    /** The worst first: by how much more of its requests end badly on the canary than on stable. */
    readonly routes: readonly RouteCounts[];
    /** Remarks: intended differences, a stable without series, slowness that fades. */
    readonly notes: readonly string[];
}
/** The requests of one route. */
interface RouteCounts {
    readonly method: string;
    readonly route: string;
    readonly canary: Counts;
    readonly stable?: Counts;
}
/** Requests of one side. Prometheus extrapolates them, so they are not whole numbers. */
interface Counts {
    readonly requests: number;
    readonly failed: number;
    /** Requests whose duration counts. */
    readonly timed: number;
    /** Timed requests that took longer than the objective of their route. */
    readonly slow: number;
    /** Responses that are neither successes nor failures: 3xx, 401, 403, 404, 429, 499, and 4xx for the others. */
    readonly answers: Readonly<Record<string, number>>;
}

/** Options of the search for traces of bad requests. */
interface TraceOptions {
    /** The most traces of one metric. @defaultValue 10 */
    readonly most?: number;
    /** The address of a trace, with `{trace_id}` in it. */
    readonly url?: string;
}

/** The options of an analysis with templates of Argo Rollouts. */
interface ArgoOptions extends ArgoAsking {
    /** AnalysisTemplates or ClusterAnalysisTemplates, run as one. */
    readonly templates: readonly KubernetesObject[];
    /** By name. */
    readonly args: Readonly<Record<string, string>>;
}
/** How an analysis is run, and which Prometheus it queries. */
interface ArgoAsking extends ArgoRun {
    /** Queried instead of the addresses in the templates. */
    readonly prometheus?: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** Called with each warning of Prometheus, such as that a result is partial. */
    readonly onWarning?: (warning: string) => void;
    /** Looks for the traces of the requests that made a metric bad. @defaultValue no traces */
    readonly traces?: TraceOptions;
}
/** Runs templates of Argo Rollouts. Rejects with `AnalysisError` if the controller would not accept them. */
declare function analyzeArgo({ templates, args, ...asking }: ArgoOptions): Promise<AnalysisResult>;

/** How and when a run happens. */
interface FlaggerRun {
    /** Queried instead of the addresses in the templates; required for the built-in checks. */
    readonly prometheus?: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** Called with each warning of Prometheus, such as that a result is partial. */
    readonly onWarning?: (warning: string) => void;
    readonly clock: Clock;
    /** Epoch seconds after which there is no more data: what is undecided then stays undecided. @defaultValue never */
    readonly cutAt?: number;
    readonly signal?: AbortSignal;
    readonly onMeasurement?: (metric: MetricVerdict, measurement: Measurement) => void;
}

/** The options of an analysis with a Canary of Flagger. */
interface FlaggerOptions extends FlaggerAsking {
    readonly canary: KubernetesObject;
    /** The MetricTemplates that the Canary names. */
    readonly templates: readonly KubernetesObject[];
}
/** How an analysis is run, and which traces it looks for. */
interface FlaggerAsking extends FlaggerRun {
    /** Looks for the traces of the requests that made a metric bad. @defaultValue no traces */
    readonly traces?: TraceOptions;
}
/** Runs the analysis of a Canary as Flagger does, without calling its webhooks. Rejects with `AnalysisError`. */
declare function analyzeFlagger({ canary, templates, ...asking }: FlaggerOptions): Promise<AnalysisResult>;

/** The outcome of a release; `passed` is the outcome of an analysis alone, without a known release. */
type Outcome = 'promoted' | 'passed' | 'rolled back' | 'paused' | 'in progress' | 'not known';
/** Why a release was decided as it was, from the record of the controller. */
interface Explanation {
    /** Such as `Rollout shop/checkout`. */
    readonly subject: string;
    readonly controller: Controller;
    readonly outcome: Outcome;
    /** The explanation in one sentence. */
    readonly summary: string;
    /** The reasons of the decision, the first to decide first. */
    readonly reasons: readonly Reason[];
    /** What to do now, in order. */
    readonly next: readonly string[];
    /** Remarks on the record: what it no longer has, or never had. */
    readonly notes: readonly string[];
    /** The runs of the analysis that belong to the release, the deciding run first. */
    readonly runs: readonly AnalysisResult[];
}
/** A reason of the decision, or one that contributed to it. */
interface Reason {
    /** The metrics with this reason: one, or all metrics whose query returned nothing. */
    readonly metrics: readonly [string, ...string[]];
    /** The AnalysisRun that measured the metric; absent under Flagger. */
    readonly run?: string;
    readonly phase: Phase;
    /** What was wrong, in plain words. */
    readonly says: string;
    /** The measurements that count, with the limit. */
    readonly evidence: string;
    /** Epoch seconds of the first bad measurement on record; absent if there is none on record. */
    readonly since?: number;
    /** Whether there were bad measurements before `since`, which are no longer on record. */
    readonly hasEarlier?: boolean;
    /** Requests that made the metric bad, newest first, if traces were asked for. */
    readonly traces?: readonly Trace[];
}

/** A Kubernetes object from the cluster, with the status that its controller has written. */
interface RecordedObject {
    readonly kind: string;
    readonly metadata: Fields;
    readonly spec: Fields;
    readonly status: Fields;
    /** The whole object: an Event has fields beside `metadata`. */
    readonly fields: Fields;
}
/** The fields of an object. Whoever wrote the object may have filled them with anything. */
type Fields = Readonly<Record<string, unknown>>;
/** Returns the objects of a text, YAML or JSON. Throws `AnalysisError` for a text that is neither. */
declare function recordsOf(text: string, file: string): readonly RecordedObject[];

/** Options that add to the record. */
interface ExplainOptions {
    /** The address of the Prometheus that has the requests of a release. @defaultValue none: no Prometheus is queried */
    readonly prometheus?: string;
    /** Headers to send with each query. @defaultValue none */
    readonly headers?: Readonly<Record<string, string>>;
    /**
     * Looks for the traces of the requests that made a metric bad. Only Argo Rollouts keeps the queries that this needs.
     * @defaultValue no traces
     */
    readonly traces?: TraceOptions;
}
/**
 * Explains each release among some objects: Rollouts with their AnalysisRuns, Canaries with their Events, and
 * AnalysisRuns without their Rollout. Rejects with `AnalysisError` if there is nothing to explain.
 */
declare function explain(records: readonly RecordedObject[], { prometheus: address, headers, traces }?: ExplainOptions): Promise<readonly Explanation[]>;

interface TerminalOptions {
    readonly colour: boolean;
    readonly unicode: boolean;
    /** The width in columns. */
    readonly width: number;
}
/** Renders an analysis for the terminal: the verdict and its reason, then metric by metric. */
declare function renderTerminal(result: AnalysisResult, options: TerminalOptions): string;

/** Renders explanations for the terminal: the outcome of each release, the reason, and what to do next. */
declare function renderExplanations(explanations: readonly Explanation[], options: TerminalOptions): string;

/** Renders an analysis as one self-contained page: without scripts, fonts or network access. */
declare function renderHtml(result: AnalysisResult): string;
/** Renders explanations as one page, with every measurement on record. */
declare function renderExplanationsAsHtml(explanations: readonly Explanation[]): string;

/**
 * Renders an analysis, or explanations, as JSON. A number that JSON does not have becomes text as in Prometheus:
 * `"NaN"`, `"+Inf"`, `"-Inf"`.
 */
declare function renderJson(result: AnalysisResult | readonly Explanation[]): string;

/** Renders an analysis as Markdown, for a pull request or a chat. */
declare function renderMarkdown(result: AnalysisResult): string;
/** Renders explanations as Markdown, for a pull request or a chat. */
declare function renderExplanationsAsMarkdown(explanations: readonly Explanation[]): string;

/** An analysis that cannot run, because a template, an argument or a response is not what it must be. */
declare class AnalysisError extends Error {
    readonly name = "AnalysisError";
}

export { type Accepted, type Account, type Analysis, AnalysisError, type AnalysisOptions, type AnalysisResult, type ArgoAsking, type ArgoOptions, type ArgoRun, type Auth, type AuthType, type Autoscale, type AutoscaleOptions, type Clock, type Controller, type Counts, type ExplainOptions, type Explanation, type Fields, type Finding, type FlaggerAsking, type FlaggerOptions, type FlaggerRun, type Ingress, type IngressOptions, type Judged, type KubernetesObject, type LintExpositionOptions, type ManifestFile, type Measurement, type MetricResult, type MetricVerdict, type Outcome, PERSISTENCE, type Phase, type Provider, type ProviderOptions, type Question, type Reason, type RecordedObject, type Recorder, type Release, type ReleaseOptions, type RouteCounts, type Router, type RunVerdict, type ScaleDown, type Scrape, type Sides, type SourceFile, type Strategy, type Target, type TemplateOptions, type TerminalOptions, type Threshold, type Trace, type TraceOptions, type Verdict, type Workload, type WorkloadOptions, analyzeArgo, analyzeFlagger, createPastClock, createWallClock, explain, lintExposition, lintTemplates, manifestsFor, objectsIn, parseRelease, questionsOf, recordsOf, renderExplanations, renderExplanationsAsHtml, renderExplanationsAsMarkdown, renderHtml, renderJson, renderMarkdown, renderTerminal };
