import type { NameMap } from '@coalmine/metrics';
import type { AnalysisOptions } from './analysis.js';
import type { IngressOptions, Router } from './ingress.js';
import type { ProviderOptions } from './provider.js';
import type { AutoscaleOptions, WorkloadOptions } from './workload.js';

/** The strategy of a release. */
export type Strategy = 'canary' | 'blue-green';
export const STRATEGIES: readonly Strategy[] = ['canary', 'blue-green'];

/** The controller whose templates use the names of recording rules. */
export type Recorder = 'argo' | 'flagger';
export const RECORDERS: readonly Recorder[] = ['argo', 'flagger'];

/** The objective of a release, and how it is released. Only the name is required. */
export interface ReleaseOptions {
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
