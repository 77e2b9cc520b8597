import type { NameMap } from '@coalmine/metrics';
import type { AnalysisOptions } from './analysis.js';
import type { IngressOptions, Router } from './ingress.js';
import type { ProviderOptions } from './provider.js';
import type { AutoscaleOptions, WorkloadOptions } from './workload.js';

/** How a release is made. */
export type Strategy = 'canary' | 'blue-green';
export const STRATEGIES: readonly Strategy[] = ['canary', 'blue-green'];

/** Whose templates ask for the names of recording rules. */
export type Recorder = 'argo' | 'flagger';
export const RECORDERS: readonly Recorder[] = ['argo', 'flagger'];

/** What a release promises, and what is made of it. Only the name is needed. */
export interface ReleaseOptions {
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
