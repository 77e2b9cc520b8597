import { type NameMap, type Names, parseNames, parseObjective } from '@coalmine/metrics';
import { booleanOption, choiceOption, InvalidOption, integerOption, objectOption } from '@coalmine/options';
import { REPOSITORY } from '../project.js';
import { type Analysis, type AnalysisOptions, parseAnalysis } from './analysis.js';
import { type Ingress, type IngressOptions, parseIngress } from './ingress.js';
import { hostName, labelsOption, objectName } from './kubernetes.js';
import { matching } from './matching.js';
import { type Provider, type ProviderOptions, parseProvider } from './provider.js';
import { checkPushed, PUSHED_LABELS } from './push.js';
import {
  type Autoscale,
  type AutoscaleOptions,
  parseAutoscale,
  parseWorkload,
  type Workload,
  type WorkloadOptions,
} from './workload.js';

/** What splits the traffic between canary and stable; `basic` is the number of pods alone. */
export type Router = 'basic' | 'nginx' | 'istio' | 'linkerd' | 'traefik' | 'gateway';
export const ROUTERS: readonly Router[] = ['basic', 'nginx', 'istio', 'linkerd', 'traefik', 'gateway'];

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

/** Parsed {@link ReleaseOptions}. */
export interface Release {
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
  readonly operator: { readonly labels: Readonly<Record<string, string>> };
  readonly metricsPath: string;
  readonly objective: { readonly latency: number | undefined; readonly errorRatio: number; readonly overShare: number };
  readonly analysis: Analysis;
  readonly accept: readonly Accepted[];
  readonly schema: boolean;
  readonly names: Names;
  readonly push: boolean;
  readonly labels: { readonly namespace: string; readonly pod: string; readonly hash: string; readonly role: string };
  readonly recordingRules: Recorder | undefined;
  readonly runbook: string;
  readonly cluster: boolean;
}

/** A difference to stable that is meant. */
export interface Accepted {
  readonly method: string;
  /** The pattern, as the app's series have it. */
  readonly route: string;
  /** `301`, or a class: `3xx`. */
  readonly status: string;
}

const KEYS = [
  'name',
  'namespace',
  'service',
  'image',
  'port',
  'adminPort',
  'host',
  'replicas',
  'autoscale',
  'workload',
  'router',
  'ingress',
  'strategy',
  'weights',
  'prometheus',
  'provider',
  'operator',
  'metricsPath',
  'objective',
  'analysis',
  'accept',
  'schema',
  'names',
  'push',
  'labels',
  'recordingRules',
  'runbook',
  'cluster',
];
const OBJECTIVE_KEYS = ['latency', 'errorRatio', 'overShare'];

const RUNBOOK = `${REPOSITORY}/blob/main/docs/runbook.md`;

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
// What a scrape gives its targets by default.
const SCRAPED_LABELS = { namespace: 'namespace', pod: 'pod', hash: 'rollouts_pod_template_hash' };

/** Parses what a release is made of. Throws `InvalidOption`, which names the option. */
export function parseRelease(options: ReleaseOptions): Release {
  const given = objectOption('release', options, KEYS);
  const name = objectName('name', given.name);
  const router = choiceOption('router', given.router, ROUTERS, 'basic');
  const prometheus = addressOption('prometheus', given.prometheus ?? 'http://prometheus.monitoring.svc:9090');
  const operator = objectOption('operator', given.operator, ['labels']);
  const labels = objectOption('labels', given.labels, ['namespace', 'pod', 'hash', 'role']);
  const push = booleanOption('push', given.push, false);
  if (push) checkPushed(given);
  const usual = push ? PUSHED_LABELS : SCRAPED_LABELS;
  const labelName = (option: string, value: string | undefined, fallback: string): string =>
    matching(option, value ?? fallback, LABEL_NAME, 'a Prometheus label name');
  return {
    name,
    namespace: objectName('namespace', given.namespace ?? 'default'),
    service: objectName('service', given.service ?? name),
    image: matching('image', given.image ?? `${name}:latest`, /^\S+$/, 'the name of an image'),
    port: portOption('port', given.port ?? 3000),
    adminPort: given.adminPort === undefined ? undefined : portOption('adminPort', given.adminPort),
    host: hostName('host', given.host ?? `${name}.example.com`),
    replicas: integerOption('replicas', given.replicas, 3, 1),
    autoscale: parseAutoscale(given.autoscale, given.replicas),
    workload: parseWorkload(given.workload),
    router,
    ingress: parseIngress(given.ingress, router),
    strategy: choiceOption('strategy', given.strategy, STRATEGIES, 'canary'),
    weights: weightsOption(given.weights ?? [5, 20, 50]),
    prometheus,
    provider: parseProvider(given.provider, prometheus),
    operator: { labels: labelsOption('operator.labels', operator.labels) },
    metricsPath: matching('metricsPath', given.metricsPath ?? '/metrics', /^\/[^\s?#]*$/, 'a path'),
    objective: parsePromise(given.objective),
    analysis: parseAnalysis(given.analysis),
    accept: parseAccept(given.accept),
    schema: booleanOption('schema', given.schema, false),
    names: parseNames(push ? 'otel' : given.names),
    push,
    labels: {
      namespace: labelName('labels.namespace', labels.namespace, usual.namespace),
      pod: labelName('labels.pod', labels.pod, usual.pod),
      hash: labelName('labels.hash', labels.hash, usual.hash),
      role: labelName('labels.role', labels.role, 'release_role'),
    },
    recordingRules: recorderOption(given.recordingRules, given.strategy),
    runbook: addressOption('runbook', given.runbook ?? RUNBOOK),
    cluster: booleanOption('cluster', given.cluster, false),
  };
}

function parsePromise(options: ReleaseOptions['objective']): Release['objective'] {
  const { latency, errorRatio, overShare } = objectOption('objective', options, OBJECTIVE_KEYS);
  return {
    latency: latency === undefined ? undefined : parseObjective({ latency }).latency,
    errorRatio: shareOption('objective.errorRatio', errorRatio, 0.01),
    overShare: shareOption('objective.overShare', overShare, 0.05),
  };
}

// A method, a pattern and a status; a pattern holds no space.
const ACCEPTED = /^(?<method>[A-Z_]+) (?<route>\S+) (?<status>[34](?:\d\d|xx))$/;

function parseAccept(given: readonly string[] | undefined): readonly Accepted[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new InvalidOption('accept', "a list of texts such as 'GET /old 301'", given);
  return given.map((text: unknown, i) => {
    const { method, route, status } = (typeof text === 'string' && ACCEPTED.exec(text)?.groups) || {};
    if (method === undefined || route === undefined || status === undefined) {
      const accepted = "a method, a route and a status of 3xx or 4xx, such as 'GET /old 301' or 'POST /login 4xx'";
      throw new InvalidOption(`accept[${i}]`, accepted, text);
    }
    return { method, route, status };
  });
}

function recorderOption(value: Recorder | undefined, strategy: Strategy | undefined): Recorder | undefined {
  if (value === undefined) return undefined;
  const recorder = choiceOption('recordingRules', value, RECORDERS, 'argo');
  if (recorder === 'argo' && strategy === 'blue-green') {
    // The controller gives the pods their role, and gives them the other one in the middle of the analysis.
    throw new InvalidOption('recordingRules', "'flagger', or the strategy 'canary': blue-green swaps the roles", value);
  }
  return recorder;
}

function shareOption(option: string, value: number | undefined, fallback: number): number {
  const share = value ?? fallback;
  if (typeof share !== 'number' || !(share > 0 && share < 1)) {
    throw new InvalidOption(option, 'a share above 0 and below 1, such as 0.01', share);
  }
  return share;
}

function portOption(option: string, value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new InvalidOption(option, 'a port from 1 to 65535', value);
  }
  return value;
}

function weightsOption(value: readonly number[]): readonly number[] {
  const isRising =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((weight, i) => Number.isInteger(weight) && weight > (value[i - 1] ?? 0) && weight < 100);
  if (!isRising) throw new InvalidOption('weights', 'rising whole percentages above 0 and below 100', value);
  return value;
}

function addressOption(option: string, value: string): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidOption(option, 'an address with http:// or https://', value);
  }
  return value;
}
