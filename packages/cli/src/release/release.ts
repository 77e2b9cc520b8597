import { type Names, parseNames, parseObjective } from '@coalmine/metrics';
import { booleanOption, choiceOption, InvalidOption, integerOption, objectOption } from '@coalmine/options';
import { isAddress } from '../address.js';
import { isPort } from '../controllers/names.js';
import { REPOSITORY } from '../project.js';
import { type Analysis, parseAnalysis } from './analysis.js';
import { type Ingress, parseIngress, ROUTERS, type Router } from './ingress.js';
import { hostName, labelsOption, objectName } from './kubernetes.js';
import { parseMatching } from './matching.js';
import { type Provider, parseProvider } from './provider.js';
import { checkPushed, PUSHED_LABELS } from './push.js';
import { RECORDERS, type Recorder, type ReleaseOptions, STRATEGIES, type Strategy } from './release-options.js';
import { type Autoscale, parseAutoscale, parseWorkload, type Workload } from './workload.js';

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

/** An intended difference to stable. */
export interface Accepted {
  readonly method: string;
  /** The pattern of the route, as in the app's series. */
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
] as const;
const OBJECTIVE_KEYS = ['latency', 'errorRatio', 'overShare'] as const;

const RUNBOOK = `${REPOSITORY}/blob/main/docs/runbook.md`;

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
// The labels that a scrape sets by default.
const SCRAPED_LABELS = { namespace: 'namespace', pod: 'pod', hash: 'rollouts_pod_template_hash' };

/** Parses the options of a release. Throws `InvalidOption`, which names the option. */
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
    parseMatching(option, value ?? fallback, LABEL_NAME, 'a Prometheus label name');
  return {
    name,
    namespace: objectName('namespace', given.namespace ?? 'default'),
    service: objectName('service', given.service ?? name),
    image: parseMatching('image', given.image ?? `${name}:latest`, /^\S+$/, 'the name of an image'),
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
    metricsPath: parseMatching('metricsPath', given.metricsPath ?? '/metrics', /^\/[^\s?#]*$/, 'a path'),
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

// A method, a pattern and a status; a pattern contains no space.
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
    // The controller gives the pods their role, and swaps it in the middle of the analysis.
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
  if (!Number.isInteger(value) || !isPort(value)) throw new InvalidOption(option, 'a port from 1 to 65535', value);
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
  if (!isAddress(value)) throw new InvalidOption(option, 'an address with http:// or https://', value);
  return value;
}
