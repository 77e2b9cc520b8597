import { NameMap, Names, ObjectiveOptions } from '@coalmine/metrics';

/** How a canary is measured. */
interface AnalysisOptions {
    /** Seconds between two scrapes. @defaultValue `15` */
    readonly scrapeSeconds?: number;
    /** Seconds that a measurement looks back; at least four scrapes. @defaultValue `120` */
    readonly windowSeconds?: number;
    /** Seconds that the canary is looked at as a whole. @defaultValue `1800` */
    readonly lookbackSeconds?: number;
    /** Seconds between two measurements; at least one scrape. @defaultValue `30` */
    readonly intervalSeconds?: number;
    /** Measurements before a step is decided. @defaultValue `9` */
    readonly count?: number;
    /** Seconds that a pod takes to become ready. @defaultValue `60` */
    readonly startSeconds?: number;
    /** Requests below which nothing is judged. @defaultValue `20` */
    readonly minRequests?: number;
    /** How sure a measurement must be before it condemns: a probability. @defaultValue `0.9999` */
    readonly confidence?: number;
    /** Whether a failure that stable shares is not the canary's. @defaultValue `true` */
    readonly compareWithStable?: boolean;
    /** How many times longer than on stable a route may take, though within its objective. @defaultValue none: not asked */
    readonly slowerThanStable?: number;
    /** What Flagger is to do with a canary that nobody uses: it knows no pause. @defaultValue `'halt'` */
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

/** What splits the traffic between canary and stable; `basic` is the number of pods alone. */
type Router = 'basic' | 'nginx' | 'istio' | 'linkerd' | 'traefik' | 'gateway';
/** How users come to the router. Which of the options a router has, a table says. */
interface IngressOptions {
    /** nginx: the IngressClass; traefik: the class of its routes. @defaultValue `'nginx'` for nginx */
    readonly class?: string;
    /** nginx, traefik: the Secret with the certificate of the host. @defaultValue none: no TLS */
    readonly tlsSecret?: string;
    /**
     * istio: beside the mesh; gateway: the parents of the route. Each a name, or namespace/name.
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
    /** `undefined` where none was named. */
    readonly gateways: readonly string[] | undefined;
    readonly entryPoints: readonly string[];
}

/** How the controller proves to Prometheus who it is. */
type AuthType = 'bearer' | 'basic' | 'oauth2' | 'sigv4';
/** How the controller asks Prometheus. */
interface ProviderOptions {
    /** Sent with each query, such as that of a tenant; nothing secret, for everybody may read them. */
    readonly headers?: Readonly<Record<string, string>>;
    /** Whether any certificate is taken. @defaultValue `false` */
    readonly insecure?: boolean;
    /** Seconds that a query may take; Flagger always allows 5. @defaultValue that of Argo Rollouts, 30 */
    readonly timeoutSeconds?: number;
    /** @defaultValue none */
    readonly auth?: {
        /** Flagger knows `bearer` and `basic`. */
        readonly type?: AuthType;
        /**
         * The Secret, in the namespace of the release. `bearer`: its key `token`. `basic`: `username` and `password` for
         * Flagger, and for Argo Rollouts `basic`, which is both with a colon between them in base64. `oauth2`: `clientSecret`.
         */
        readonly secret?: string;
        /** oauth2: where tokens are had. */
        readonly tokenUrl?: string;
        /** oauth2. */
        readonly clientId?: string;
        /** oauth2. @defaultValue none */
        readonly scopes?: readonly string[];
        /** sigv4: the AWS region. */
        readonly region?: string;
        /** sigv4: a profile of the controller's credentials. @defaultValue none */
        readonly profile?: string;
        /** sigv4: a role that is assumed. @defaultValue none */
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

/** When Argo Rollouts scales down the Deployment that a Rollout takes its pods from. */
type ScaleDown = 'never' | 'onsuccess' | 'progressively';
/** A Deployment that exists, of which the controller is to make releases. */
interface WorkloadOptions {
    /** Its name. */
    readonly deployment?: string;
    /** Labels of its pods, by which Services and monitors select them. @defaultValue `{ app: <deployment> }` */
    readonly labels?: Readonly<Record<string, string>>;
    /** When Argo Rollouts scales it down. Flagger does it by itself. @defaultValue `'onsuccess'` */
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
    /** Percentage of the requested CPU that pods are to use. @defaultValue `70` */
    readonly cpu?: number;
    /** CPU that a pod of ours requests: what the percentage is of. @defaultValue `'250m'` */
    readonly cpuRequest?: string;
}
/** Parsed {@link AutoscaleOptions}. */
interface Autoscale {
    readonly min: number;
    readonly max: number;
    readonly cpu: number;
    readonly cpuRequest: string;
}

/** How a release is made. */
type Strategy = 'canary' | 'blue-green';
/** Whose templates ask for the names of recording rules. */
type Recorder = 'argo' | 'flagger';
/** What a release promises, and what is made of it. Only the name is needed. */
interface ReleaseOptions {
    /** Of the Rollout or the Deployment, and where nothing else is said of its Service. */
    readonly name?: string;
    /** @defaultValue `'default'` */
    readonly namespace?: string;
    /** @defaultValue the name */
    readonly service?: string;
    /** @defaultValue `<name>:latest` */
    readonly image?: string;
    /** Port that the container listens on. @defaultValue `3000` */
    readonly port?: number;
    /** Port of the container for metrics and probes, where the app has an `admin` listener. @defaultValue that of the app */
    readonly adminPort?: number;
    /** Name that users reach the service by; `*.example.com` for all below one. @defaultValue `<name>.example.com` */
    readonly host?: string;
    /** @defaultValue `3` */
    readonly replicas?: number;
    /** A HorizontalPodAutoscaler instead of `replicas`. @defaultValue none */
    readonly autoscale?: AutoscaleOptions;
    /** A Deployment that exists, in place of pods that are written here. @defaultValue none */
    readonly workload?: WorkloadOptions;
    /** @defaultValue `'basic'` */
    readonly router?: Router;
    /** How users come to the router. */
    readonly ingress?: IngressOptions;
    /** @defaultValue `'canary'` */
    readonly strategy?: Strategy;
    /** Shares of the traffic that the canary is given one after the other, in percent. @defaultValue `[5, 20, 50]` */
    readonly weights?: readonly number[];
    /** Where the controller finds Prometheus. @defaultValue `'http://prometheus.monitoring.svc:9090'` */
    readonly prometheus?: string;
    /** How the controller asks it: headers, and who it is. */
    readonly provider?: ProviderOptions;
    /** What the Prometheus Operator selects its objects by. */
    readonly operator?: {
        /** Labels of each of them, such as `{ release: 'kube-prometheus-stack' }`. @defaultValue none */
        readonly labels?: Readonly<Record<string, string>>;
    };
    /** Path of the metrics. @defaultValue `'/metrics'` */
    readonly metricsPath?: string;
    readonly objective?: {
        /**
         * Seconds. The objective is that of the app, route by route: where it is given here, the app has to have the same one
         * for its service, or nothing is judged. @defaultValue none, which checks nothing
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
     * Differences to stable that are meant, each a method, a route and a status: `'GET /old 301'`, `'POST /login 4xx'`.
     * @defaultValue none
     */
    readonly accept?: readonly string[];
    /** Whether the app looks at a schema, so that the state of it has to be there. @defaultValue `false`: where stable has it */
    readonly schema?: boolean;
    /** The names that the app gives its series, as in its own options: `'otel'` for those of OpenTelemetry. */
    readonly names?: NameMap | 'otel';
    /**
     * Whether the pods push their metrics over OTLP, as `@coalmine/otel` sends them: the series then have the names of
     * OpenTelemetry, and the labels that a Prometheus makes of the attributes of the pods. @defaultValue `false`
     */
    readonly push?: boolean;
    /** The labels that the scrape gives its targets. With `push`, leave them out. */
    readonly labels?: {
        /** @defaultValue `'namespace'` */
        readonly namespace?: string;
        /** @defaultValue `'pod'` */
        readonly pod?: string;
        /** That of the pod's template hash. @defaultValue `'rollouts_pod_template_hash'` */
        readonly hash?: string;
        /** That of the pod's role, which the recording rules for Argo Rollouts read. @defaultValue `'release_role'` */
        readonly role?: string;
    };
    /**
     * For whom recording rules hold the queries, so that each metric of the templates asks for one name. A controller finds
     * no number, and promotes nothing, until Prometheus has the rules. @defaultValue none: the templates stand alone
     */
    readonly recordingRules?: Recorder;
    /** Where the runbook of the alerts is; each has a section there. @defaultValue that of this project */
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
/** A difference to stable that is meant. */
interface Accepted {
    readonly method: string;
    /** The pattern, as the app's series have it. */
    readonly route: string;
    /** `301`, or a class: `3xx`. */
    readonly status: string;
}
/** Parses what a release is made of. Throws `InvalidOption`, which names the option. */
declare function parseRelease(options: ReleaseOptions): Release;

/**
 * When a difference between canary and stable is proven for one route and one class of answers. The simulation in
 * docs/analysis.md is the source of the numbers: only time tells a bad release from one client that goes wrong on one
 * connection, whatever the confidence level.
 */
declare const PERSISTENCE: {
    /** Consecutive spans that must each hold evidence: longer than a client stays wrong. */
    readonly spans: 5;
    /** Standard errors between the shares of canary and stable (pooled two-proportion z) above which a span holds evidence. */
    readonly z: 3;
    /** Events of the canary below which a span holds no evidence. */
    readonly events: 2;
    /** How much the canary's share of a route's requests must exceed stable's, in each span, to roll back for 3xx and 4xx. */
    readonly large: 0.2;
    /** The same for failed requests, as a multiple of the allowed error ratio: with retries, one failure is several. */
    readonly timesErrorRatio: 5;
    /** The same for slow requests, as a multiple of the allowed share. */
    readonly timesOverShare: 2;
};

/** When a number is good and when it is bad. Between the two, or where there is no number, nothing is known. */
interface Judged {
    /** The number is good up to this, or from this on. */
    readonly good: {
        readonly most: number;
    } | {
        readonly least: number;
    };
    /** The number is bad above this; absent for a question that condemns nobody. */
    readonly badAbove?: number;
}
/** One question to Prometheus: a number, never `NaN`; none where a series or a label is missing that the question needs. */
interface Question extends Judged {
    readonly name: string;
    /** What the number is, and why it is asked. */
    readonly why: string;
    readonly query: string;
    /**
     * What the question is for. `release`: whether the release is well. `evidence`: whether there is anything to judge by.
     * `doubt`: whether a person should look, which a controller without a pause is not asked.
     */
    readonly kind: 'release' | 'evidence' | 'doubt';
    /** How many spans of time the query asks, so that one answer is proof. */
    readonly spans?: number;
}
/** The pods of the canary, and those it is compared with, as label matchers: `namespace="shop",pod=~"shop-.*"`. */
interface Sides {
    readonly canary: string;
    readonly stable?: string;
    /** PromQL of the share of the traffic that the canary is given, in percent; 0 or nothing where it is not known. */
    readonly weight?: string;
}

/** Everything that is asked of a canary, in the order in which a reader wants it. */
declare function questionsOf(release: Release, sides: Sides): readonly Question[];

/** How Prometheus is to find the pods. */
type Scrape = 'pod-monitor' | 'service-monitor' | 'scrape-config';

/** Whom manifests are for. */
type Target = 'argo' | 'flagger' | 'prometheus' | 'rules' | 'grafana';

/** A file of manifests. */
interface ManifestFile {
    readonly name: string;
    readonly text: string;
    /** What it holds, parsed. */
    readonly objects: readonly object[];
}
/** Writes what a target needs of a release; pods are found by a PodMonitor where `scrape` is left out. Throws `InvalidOption`. */
declare function manifestsFor(target: Target, options: ReleaseOptions, scrape?: Scrape): readonly ManifestFile[];

/** One thing that a canary controller would trip over, or that nothing can be said of. */
interface Finding {
    /** Stable name of the rule, such as `ratio-of-nothing`; each has a heading in docs/lint.md. */
    readonly rule: string;
    /**
     * An `error` leads to a wrong verdict, or to none; a `warning` may, in a case that the sentence names; a `note` says what
     * Coalmine does not know.
     */
    readonly severity: 'error' | 'warning' | 'note';
    /** What is wrong, and what the controller would make of it. */
    readonly message: string;
    /** What to write instead: `field: text` by the line, of the mapping that the line stands in, or a sentence. */
    readonly repair: string;
    /** Where it stands in the source, from 1. */
    readonly line: number;
    /** The file it stands in, where several are looked at. */
    readonly file?: string;
}

/** A file of YAML or JSON. */
interface SourceFile {
    readonly file: string;
    readonly text: string;
}

/** What templates are linted with. */
interface TemplateOptions {
    /** Seconds between two scrapes. @defaultValue `15` */
    readonly scrapeSeconds?: number;
    /** Seconds that a pod takes to become ready. @defaultValue `60` */
    readonly startSeconds?: number;
}
/**
 * What is wrong with the templates in files of YAML: AnalysisTemplate, ClusterAnalysisTemplate, AnalysisRun, Rollout and
 * Experiment of Argo Rollouts, MetricTemplate and Canary of Flagger. Objects of other kinds are passed over. A Rollout is held against
 * the AnalysisTemplates in any of the files, a Canary against the MetricTemplates. Throws `InvalidOption`, and `AnalysisError`
 * for aliases or levels without end.
 */
declare function lintTemplates(files: readonly SourceFile[], options?: TemplateOptions): readonly Finding[];

interface LintExpositionOptions {
    /** What the service promises. */
    readonly objective?: ObjectiveOptions;
    /** The names that the app gives its series, as in its own options. */
    readonly names?: NameMap;
    /** The `Content-Type` that the exposition came with. @defaultValue none: the format is told by how it looks */
    readonly contentType?: string;
    /** An earlier exposition of the same process. */
    readonly before?: string;
    /** Whether Flagger's built-in checks will ask. @defaultValue `false` */
    readonly flagger?: boolean;
}
/**
 * Reads an exposition, of any library's, and says what a canary controller would trip over, in the order of lines.
 * Throws `CoalmineError` for an option that cannot be used; never for what it reads.
 */
declare function lintExposition(text: string, options?: LintExpositionOptions): readonly Finding[];

/** A Kubernetes object, as far as every one is alike. */
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
 * The objects of a YAML stream, those of its lists among them; what has no `spec`, as a ConfigMap has none, is left out.
 * Throws `AnalysisError` for what is no YAML, for the source of a chart, and for a part of an analysis that is not whole.
 */
declare function objectsIn(text: string, file: string): readonly KubernetesObject[];

/** The time of an analysis, in epoch seconds. */
interface Clock {
    now(): number;
    /** Waits until then. Resolves at once for a time that has passed, and when the signal is aborted. */
    until(time: number, signal?: AbortSignal): Promise<void>;
}
/** The time on the wall. */
declare function createWallClock(): Clock;
/** A time that has passed: it moves as fast as the questions are answered. */
declare function createPastClock(from: number): Clock;

/** For whom templates are. */
type Controller = 'argo' | 'flagger';

/** What a controller makes of an analysis. Flagger knows no `pause`. */
type Verdict = 'promote' | 'rollback' | 'pause';
/** Phase of a measurement, a metric or a run, by the names of Argo Rollouts. */
type Phase = 'Running' | 'Successful' | 'Failed' | 'Inconclusive' | 'Error';
/** One look at a metric. */
interface Measurement {
    /** Epoch seconds. */
    readonly at: number;
    readonly phase: Phase;
    /** The samples that the query answered, in the order of the server; none where it answered nothing. */
    readonly values: readonly number[];
    /** Why, where it was no success: an error, or which condition decided. */
    readonly message?: string;
}
/** A bound that a value is held against, for charts; a condition that is no plain comparison has none. */
interface Threshold {
    /** The value is good on this side of the bound. */
    readonly good: 'below' | 'above';
    readonly bound: number;
}
/** What a controller makes of one metric. */
interface MetricVerdict {
    readonly name: string;
    readonly phase: Phase;
    /** Why it ended so; absent for a success. */
    readonly message?: string;
    /** Result does not count. */
    readonly dryRun: boolean;
    /** The query as it was sent, arguments filled in. */
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
/** What a controller makes of a run of all metrics. */
interface RunVerdict {
    readonly controller: Controller;
    /** Of the template or the Canary. */
    readonly name: string;
    readonly verdict: Verdict;
    readonly phase: Phase;
    /** Why, in one sentence that names the metric that decided. */
    readonly message: string;
    /** The metric that decided; absent where none did. */
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

/** How and when a run is made. */
interface ArgoRun {
    readonly clock: Clock;
    /** Epoch seconds at which the rollout's last step ends the run, whatever it has seen. @defaultValue never */
    readonly endAt?: number;
    /** Epoch seconds at which there is no more to see: what is not decided by then stays so. @defaultValue never */
    readonly cutAt?: number;
    /** Gives the run up, undecided. */
    readonly signal?: AbortSignal;
    readonly onMeasurement?: (metric: MetricVerdict, measurement: Measurement) => void;
}

/** What became of one metric. */
interface MetricResult extends MetricVerdict {
    /** The requests behind it in one sentence, where the template says what its queries were made of. */
    readonly words?: string;
    /** Requests that made it bad, newest first, where traces were asked for. */
    readonly traces?: readonly Trace[];
    /** What is to be said of the traces: why there are none, or what they are of. */
    readonly tracesNote?: string;
}
/** A request of the canary that was counted as bad, and was traced. */
interface Trace {
    readonly traceId: string;
    readonly spanId?: string;
    /** Where it can be looked at, where that was said. */
    readonly url?: string;
    /** Epoch seconds. */
    readonly at: number;
    /** Of the exemplar: seconds in a histogram, 1 in a counter. */
    readonly value: number;
    /** Of the series that counted it, without those that all of them have by the query. */
    readonly labels: Readonly<Record<string, string>>;
}
/** What became of an analysis. */
interface AnalysisResult extends RunVerdict {
    readonly metrics: readonly MetricResult[];
    /** What canary and stable answered meanwhile, where the template says what its queries were made of. */
    readonly account?: Account;
    /** What a reader should know of how it was asked: an argument that no series has. */
    readonly notes?: readonly string[];
    /** Why no metric has traces, where they were asked for. */
    readonly tracesNote?: string;
}
/** What was asked for while an analysis ran, and what became of it. */
interface Account {
    readonly canary: Counts;
    /** Absent where stable has no series of Coalmine, or none was named. */
    readonly stable?: Counts;
    /** The worst first: by how much more of its requests end badly on the canary than on stable. */
    readonly routes: readonly RouteCounts[];
    /** What a reader should know beside: differences that are meant, a stable that says nothing, slowness that passes. */
    readonly notes: readonly string[];
}
/** The requests of one route. */
interface RouteCounts {
    readonly method: string;
    readonly route: string;
    readonly canary: Counts;
    readonly stable?: Counts;
}
/** Requests of one side. Prometheus extrapolates them, so that they are no whole numbers. */
interface Counts {
    readonly requests: number;
    readonly failed: number;
    /** Those whose duration counts. */
    readonly timed: number;
    /** Those of them that took longer than the objective of their route. */
    readonly slow: number;
    /** Answers that are neither successes nor failures: 3xx, 401, 403, 404, 429, and 4xx for the others. */
    readonly answers: Readonly<Record<string, number>>;
}

/** What is asked for beside a verdict: the traces of the requests that made it bad. */
interface TraceOptions {
    /** Traces of one metric at most. @defaultValue 10 */
    readonly most?: number;
    /** Where a trace can be looked at, with `{trace_id}` in it. */
    readonly url?: string;
}

/** What an analysis by templates of Argo Rollouts is run with. */
interface ArgoOptions extends ArgoAsking {
    /** AnalysisTemplates or ClusterAnalysisTemplates, run as one. */
    readonly templates: readonly KubernetesObject[];
    /** By name. */
    readonly args: Readonly<Record<string, string>>;
}
/** How an analysis is run, and whom it asks. */
interface ArgoAsking extends ArgoRun {
    /** Asked instead of the addresses in the templates. */
    readonly prometheus?: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** Looks for the traces of the requests that made a metric bad. @defaultValue none are looked for */
    readonly traces?: TraceOptions;
}
/** Runs templates of Argo Rollouts. Rejects with `AnalysisError` where the controller would not accept them. */
declare function analyzeArgo({ templates, args, ...asking }: ArgoOptions): Promise<AnalysisResult>;

/** How and when a run is made. */
interface FlaggerRun {
    /** Asked instead of the addresses in the templates; needed for the built-in checks. */
    readonly prometheus?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly clock: Clock;
    /** Epoch seconds at which there is no more to see: what is not decided by then stays so. @defaultValue never */
    readonly cutAt?: number;
    readonly signal?: AbortSignal;
    readonly onMeasurement?: (metric: MetricVerdict, measurement: Measurement) => void;
}

/** What an analysis by a Canary of Flagger is run with. */
interface FlaggerOptions extends FlaggerAsking {
    readonly canary: KubernetesObject;
    /** The MetricTemplates that it names. */
    readonly templates: readonly KubernetesObject[];
}
/** How an analysis is run, and whom it asks. */
interface FlaggerAsking extends FlaggerRun {
    /** Looks for the traces of the requests that made a metric bad. @defaultValue none are looked for */
    readonly traces?: TraceOptions;
}
/** Runs the analysis of a Canary as Flagger does; its webhooks are not called. Rejects with `AnalysisError`. */
declare function analyzeFlagger({ canary, templates, ...asking }: FlaggerOptions): Promise<AnalysisResult>;

/** What became of a release; `passed` of an analysis alone, whose release nothing is known of. */
type Outcome = 'promoted' | 'passed' | 'rolled back' | 'paused' | 'in progress' | 'not known';
/** Why a release was decided as it was, from what the controller has on record. */
interface Explanation {
    /** Such as `Rollout shop/checkout`. */
    readonly subject: string;
    readonly controller: Controller;
    readonly outcome: Outcome;
    /** In one sentence. */
    readonly summary: string;
    /** What decided, the first to decide first. */
    readonly reasons: readonly Reason[];
    /** What to do now, in order. */
    readonly next: readonly string[];
    /** What the reader should know of the record: what it holds no more, or never held. */
    readonly notes: readonly string[];
    /** The runs of the analysis that belong to the release, the one that decided first. */
    readonly runs: readonly AnalysisResult[];
}
/** What decided, or helped to. */
interface Reason {
    /** The metrics that say this: one, or all that had no answer. */
    readonly metrics: readonly [string, ...string[]];
    /** The AnalysisRun that measured the metric; absent under Flagger. */
    readonly run?: string;
    readonly phase: Phase;
    /** What was wrong, in plain words. */
    readonly says: string;
    /** The measurements that count, with the limit. */
    readonly evidence: string;
    /** Epoch seconds of the first bad measurement on record; absent where there is none on record. */
    readonly since?: number;
    /** Requests that made the metric bad, newest first, where traces were asked for. */
    readonly traces?: readonly Trace[];
}

/** A Kubernetes object as the cluster has it, with what its controller has written into the status. */
interface RecordedObject {
    readonly kind: string;
    readonly metadata: Fields;
    readonly spec: Fields;
    readonly status: Fields;
    /** The whole object: an Event has its fields beside `metadata`. */
    readonly fields: Fields;
}
/** The fields of an object, which whoever wrote the object may have filled with anything. */
type Fields = Readonly<Record<string, unknown>>;
/** Returns the objects of a text, YAML or JSON. Throws `AnalysisError` for a text that is neither. */
declare function recordsOf(text: string, file: string): readonly RecordedObject[];

/** What more can be told than is on record. */
interface ExplainOptions {
    /** The address of the Prometheus that knows the requests behind a release. @defaultValue nobody is asked */
    readonly prometheus?: string;
    /** Sent with each query. @defaultValue none */
    readonly headers?: Readonly<Record<string, string>>;
    /** Looks for the traces of the requests that made a metric bad; Argo Rollouts alone keeps the queries that tell. @defaultValue none are looked for */
    readonly traces?: TraceOptions;
}
/**
 * Explains each release among some objects: Rollouts with their AnalysisRuns, Canaries with their Events, and AnalysisRuns
 * whose Rollout is not there. Rejects with `AnalysisError` where there is nothing to explain.
 */
declare function explain(records: readonly RecordedObject[], { prometheus: address, headers, traces }?: ExplainOptions): Promise<readonly Explanation[]>;

interface TerminalOptions {
    readonly colour: boolean;
    readonly unicode: boolean;
    /** Columns. */
    readonly width: number;
}
/** An analysis for the terminal: the verdict and why, then metric by metric. */
declare function renderTerminal(result: AnalysisResult, options: TerminalOptions): string;

/** Explanations for the terminal: what became of each release, why, and what to do next. */
declare function renderExplanations(explanations: readonly Explanation[], options: TerminalOptions): string;

/** An analysis as one page that needs nothing else: no script, no font, no network. */
declare function renderHtml(result: AnalysisResult): string;
/** Explanations as one page, with every measurement that is on record. */
declare function renderExplanationsAsHtml(explanations: readonly Explanation[]): string;

/** An analysis, or explanations, as JSON; what JSON has no number for is text as Prometheus writes it: `"NaN"`, `"+Inf"`, `"-Inf"`. */
declare function renderJson(result: AnalysisResult | readonly Explanation[]): string;

/** An analysis as Markdown, for a pull request or a chat. */
declare function renderMarkdown(result: AnalysisResult): string;
/** Explanations as Markdown, for a pull request or a chat. */
declare function renderExplanationsAsMarkdown(explanations: readonly Explanation[]): string;

/** An analysis that cannot be run: a template, an argument or an answer is not what it must be. */
declare class AnalysisError extends Error {
    readonly name = "AnalysisError";
}

export { type Accepted, type Account, type Analysis, AnalysisError, type AnalysisOptions, type AnalysisResult, type ArgoAsking, type ArgoOptions, type ArgoRun, type Auth, type AuthType, type Autoscale, type AutoscaleOptions, type Clock, type Controller, type Counts, type ExplainOptions, type Explanation, type Fields, type Finding, type FlaggerAsking, type FlaggerOptions, type FlaggerRun, type Ingress, type IngressOptions, type Judged, type KubernetesObject, type LintExpositionOptions, type ManifestFile, type Measurement, type MetricResult, type MetricVerdict, type Outcome, PERSISTENCE, type Phase, type Provider, type ProviderOptions, type Question, type Reason, type RecordedObject, type Recorder, type Release, type ReleaseOptions, type RouteCounts, type Router, type RunVerdict, type ScaleDown, type Scrape, type Sides, type SourceFile, type Strategy, type Target, type TemplateOptions, type TerminalOptions, type Threshold, type Trace, type TraceOptions, type Verdict, type Workload, type WorkloadOptions, analyzeArgo, analyzeFlagger, createPastClock, createWallClock, explain, lintExposition, lintTemplates, manifestsFor, objectsIn, parseRelease, questionsOf, recordsOf, renderExplanations, renderExplanationsAsHtml, renderExplanationsAsMarkdown, renderHtml, renderJson, renderMarkdown, renderTerminal };
