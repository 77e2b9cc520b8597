import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isMap, LineCounter, parse, parseAllDocuments, visit, type YAMLMap } from 'yaml';
import type { Finding } from '../finding.js';
import { differenceOf } from '../line-difference.js';
import { RULES, type TemplateRule } from '../rules.js';
import { lintTemplates } from './lint-templates.js';

const CANARY = 'rollouts_pod_template_hash="{{args.canary-hash}}"';
const STABLE = 'rollouts_pod_template_hash="{{args.stable-hash}}"';
const WINDOW = '[2m]';

/** Requests per second of the canary, of those that matchers let through. */
function sum(matchers = '', pods = CANARY): string {
  return `sum(rate(http_requests_total{${[pods, matchers].filter(Boolean).join(',')}}${WINDOW}))`;
}

const ERRORS = `(${sum('status=~"5.."')} or 0 * ${sum()}) / (${sum()} > 0) or 0 * ${sum()}`;
const SUCCESSES = `(${sum('status!~"5.."')} or 0 * ${sum()}) / (${sum()} > 0) or 1 + 0 * ${sum()}`;

const METRIC = {
  initialDelay: '150s',
  interval: '30s',
  count: '5',
  failureLimit: '1',
  inconclusiveLimit: '2',
  successCondition: 'len(result) == 1 && result[0] <= 0.01',
  failureCondition: 'len(result) == 1 && result[0] > 0.01',
};

type Fields = Readonly<Record<string, string | undefined>>;

/** An AnalysisTemplate with nothing wrong in it, but for what is said. */
function argo(fields: Fields = {}, query: string = ERRORS, spec = ''): string {
  const lines = Object.entries({ ...METRIC, ...fields }).flatMap(([name, value]) =>
    value === undefined ? [] : [`    ${name}: ${value}`],
  );
  return `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: gate
spec:
  args:
  - name: canary-hash
  - name: stable-hash
${spec}  metrics:
  - name: errors
${lines.join('\n')}
    provider:
      prometheus:
        address: http://prometheus:9090
        query: |
          ${query.replaceAll('\n', '\n          ')}
`;
}

const GUARDED = { successCondition: undefined, failureCondition: undefined };
const only = (successCondition: string): Fields => ({ ...GUARDED, successCondition });
const RECORD: Fields = { ...GUARDED, successCondition: '"true"' };
const RECORDED = `label_replace(${sum()} or vector(-1), "part", "1", "", "") or label_replace(${sum('status=~"5.."')} or vector(-1), "part", "2", "", "")`;
const pair = (bound: number): Fields => ({
  successCondition: `len(result) == 1 && result[0] >= ${bound}`,
  failureCondition: `len(result) == 1 && result[0] < ${bound}`,
});

const PODS_OF_ROLLOUT = `  selector:
    matchLabels: { app: shop }
  template:
    metadata:
      labels: { app: shop }
    spec:
      containers:
      - { name: app, image: "shop:v1" }
`;

function rollout(analysis: string, steps = ''): string {
  return `---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: shop
spec:
${PODS_OF_ROLLOUT}  strategy:
    canary:
      analysis:
        ${analysis.replaceAll('\n', '\n        ')}
      steps:
      - setWeight: 20
      - setWeight: 40
${steps}`;
}

const SERVICE = '---\napiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec: { selector: { app: shop } }\n';

const ARGS = `args:
- name: canary-hash
  valueFrom: { podTemplateHashValue: Latest }
- name: stable-hash
  valueFrom: { podTemplateHashValue: Stable }`;
const BACKGROUND = `startingStep: 1
templates:
- templateName: gate
${ARGS}`;

/** A Canary with nothing wrong in it, but for what is said. */
function canary(analysis: string, metrics: string, spec = ''): string {
  return `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: shop
spec:
${spec}  targetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: shop
  service:
    port: 80
  analysis:
    ${analysis.replaceAll('\n', '\n    ')}
    metrics:
    ${metrics.replaceAll('\n', '\n    ')}
`;
}

const ANALYSIS = 'interval: 150s\nthreshold: 2\nstepWeight: 20';
const BY_TEMPLATE = '- name: errors\n  interval: 1m\n  thresholdRange: { max: 1 }\n  templateRef: { name: errors }';
const WITHOUT_INTERVAL = BY_TEMPLATE.replace('\n  interval: 1m', '');
const BUILTIN = '- name: request-success-rate\n  thresholdRange: { min: 99 }';

const PODS =
  'namespace="{{ namespace }}",pod=~"{{ target }}-[bcdfghjklmnpqrstvwxz2456789]+-[bcdfghjklmnpqrstvwxz2456789]{5}"';
const flaggerSum = (matchers = '', pods = PODS, window = '{{ interval }}'): string =>
  `sum(rate(http_requests_total{${[pods, matchers].filter(Boolean).join(',')}}[${window}]))`;
const flaggerErrors = (pods = PODS, window = '{{ interval }}'): string => {
  const [some, all] = [flaggerSum('status=~"5.."', pods, window), flaggerSum('', pods, window)];
  return `100 * (${some} or 0 * ${all}) / (${all} > 0) or 0 * ${all}`;
};

/** A Canary with its MetricTemplate. */
function flagger(query: string = flaggerErrors(), metrics: string = BY_TEMPLATE, analysis: string = ANALYSIS): string {
  return `${canary(analysis, metrics)}---
apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata:
  name: errors
spec:
  provider:
    type: prometheus
    address: http://prometheus:9090
  query: |
    ${query}
`;
}

/** An AnalysisTemplate with a Job. */
function argoJob(condition?: string): string {
  const fields = { initialDelay: undefined, inconclusiveLimit: undefined, ...GUARDED };
  const job = 'job: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: a, image: b }] } } } }\n';
  return argo(fields)
    .replace('    provider:', condition === undefined ? '    provider:' : `    ${condition}\n    provider:`)
    .replace(/prometheus:\n[\s\S]*/, job);
}

/** An AnalysisTemplate with a count by an argument, and the Rollout that runs it in a step. */
function argoInStep(argument: string): string {
  const step = `      - analysis:\n          templates:\n          - templateName: gate\n          ${ARGS.replaceAll('\n', '\n          ')}\n          - { name: measurements, value: "5" }\n`;
  return argo({ count: '"{{args.measurements}}"' }, ERRORS, `  ${argument}\n`) + rollout(BACKGROUND, step);
}

interface Case {
  readonly rule: TemplateRule;
  /** Where the case is milder than the rule. */
  readonly severity?: Finding['severity'];
  readonly text: string;
  /** The line that is meant has this in it, and none before it. */
  readonly at: string;
  /** The same without what is wrong, where the repair is a sentence. */
  readonly repaired?: string;
}

const duration = (metric: string): string => `sum(rate(${metric}{${CANARY}}[2m]))`;

const RETENTION = '  measurementRetention:\n  - { metricName: e, limit: 5 }\n';
const MORE = argo().replace('name: gate', 'name: more').replace('- name: errors', '- name: more');

const FIELD_OF_ROLLOUT = `  - name: owner-of-the-service
    valueFrom:
      fieldRef:
        fieldPath: metadata.annotations['example.com/the-team-that-owns-the-service-and-answers-its-alerts']
`;

const EXPERIMENT = `      - experiment:
          duration: 10m
          templates:
          - { name: old, specRef: stable }
          - { name: new, specRef: canary }
          analyses:
          - name: gate
            templateName: gate
            args:
            - { name: stable-hash, value: "{{templates.old.podTemplateHash}}" }
            - { name: canary-hash, value: "{{templates.new.podTemplateHash}}" }
`;

const CASES: Readonly<Record<string, Case>> = {
  'a file that is no YAML': { rule: 'yaml-syntax', text: 'kind: [', at: 'kind', repaired: argo() },
  'a key that stands twice': {
    rule: 'yaml-syntax',
    text: argo().replace('    count: 5\n', '    count: 5\n    count: 6\n'),
    at: 'count: 6',
    repaired: argo(),
  },

  'a field that is misspelt': {
    rule: 'unknown-field',
    text: argo() + rollout(BACKGROUND.replace('startingStep', 'startingSetp')),
    at: 'startingSetp',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a field of another mapping': {
    rule: 'unknown-field',
    text: argo() + rollout(BACKGROUND, '      trafficRouting: { smi: { stableService: shop } }\n'),
    at: 'trafficRouting',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a step without an action': {
    rule: 'missing-field',
    text: argo() + rollout(BACKGROUND, '      - {}\n'),
    at: '- {}',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a router without Services': {
    rule: 'missing-field',
    text: argo() + rollout(BACKGROUND, '      trafficRouting: { nginx: { stableIngress: shop } }\n'),
    at: 'canary:\n',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a weight above 100': {
    rule: 'refused-value',
    text: argo() + rollout(BACKGROUND, '      - setWeight: 101\n'),
    at: 'setWeight: 101',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a fraction where Flagger reads a whole number': {
    rule: 'refused-value',
    text: flagger(undefined, undefined, `${ANALYSIS.replace('threshold: 2', 'threshold: 2.5')}`),
    at: 'threshold: 2.5',
    repaired: flagger(),
  },
  'a step with two actions': {
    rule: 'refused-together',
    text: argo() + rollout(BACKGROUND, '      - setWeight: 50\n        pause: {}\n'),
    at: '- setWeight: 50',
    repaired: argo() + rollout(BACKGROUND),
  },
  'pods that the selector does not select': {
    rule: 'refused-together',
    text: argo() + rollout(BACKGROUND).replace('matchLabels: { app: shop }', 'matchLabels: { app: other }'),
    at: 'labels: { app: shop }',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a Service that is in none of the files': {
    rule: 'missing-reference',
    text: `${argo() + rollout(BACKGROUND, '      stableService: shop-stable\n')}${SERVICE}`,
    at: 'stableService',
    repaired: `${argo() + rollout(BACKGROUND, '      stableService: shop\n')}${SERVICE}`,
  },

  'a mapping for a list': {
    rule: 'wrong-type',
    text: argo().replace('  - name: canary-hash\n  - name: stable-hash', '    canary-hash: x'),
    at: '  args:',
    repaired: argo(),
  },

  'no condition at all': { rule: 'no-condition', text: argo(GUARDED), at: '- name: errors', repaired: argo() },
  'isNaN() of a vector': {
    rule: 'invalid-condition',
    text: argo(only('isNaN(result) || result[0] <= 0.01')),
    at: 'successC',
  },
  'default() of a vector': {
    rule: 'invalid-condition',
    text: argo(only('default(result, 0) <= 0.01')),
    at: 'successC',
  },
  'a vector beside a number': { rule: 'invalid-condition', text: argo(only('result <= 0.01')), at: 'successC' },
  'a vector taken for a bool': {
    rule: 'invalid-condition',
    text: argo(only('result && result[0] <= 0.01')),
    at: 'successC',
  },
  'a condition that does not parse': {
    rule: 'invalid-condition',
    text: argo(only('result[0] <= 0.01 &&')),
    at: 'successC',
  },
  'result[0] without a guard': { rule: 'error-on-empty', text: argo(only('result[0] <= 0.01')), at: 'successC' },
  'max() without a guard': { rule: 'error-on-empty', text: argo(only('max(result) <= 0.01')), at: 'successC' },
  'isNil(), which is never true': {
    rule: 'error-on-empty',
    text: argo(only('isNil(result) || result[0] <= 0.01')),
    at: 'successC',
  },
  'a guard behind what it guards': {
    rule: 'guard-order',
    text: argo(only('result[0] <= 0.01 || len(result) == 0')),
    at: 'successC',
  },
  'nothing taken for a success': {
    rule: 'success-on-empty',
    text: argo(only('len(result) == 0 || result[0] <= 0.01')),
    at: 'successC',
  },
  'all() of nothing': { rule: 'success-on-empty', text: argo(only("'all(result, # <= 0.01)'")), at: 'successC' },
  'mean() of nothing': { rule: 'success-on-empty', text: argo(only('mean(result) <= 0.01')), at: 'successC' },
  'sum() of nothing': { rule: 'success-on-empty', text: argo(only('sum(result) <= 0.01')), at: 'successC' },
  'median() of nothing': { rule: 'success-on-empty', text: argo(only('median(result) <= 0.01')), at: 'successC' },
  'a failureCondition that is guarded, alone': {
    rule: 'success-on-empty',
    text: argo({ ...GUARDED, failureCondition: 'len(result) > 0 && result[0] > 0.01' }),
    at: 'failureC',
  },
  'a failureCondition alone': {
    rule: 'success-on-nan',
    text: argo({ ...GUARDED, failureCondition: 'result[0] > 0.01' }, `${sum('status=~"5.."')} / ${sum()}`),
    at: 'failureC',
  },
  'NaN taken for a success': {
    rule: 'success-on-nan',
    text: argo(only('isNaN(result[0]) || result[0] <= 0.01'), `${sum('status=~"5.."')} / ${sum()}`),
    at: 'successC',
  },

  '~ for =~': { rule: 'promql-syntax', text: argo({}, ERRORS.replaceAll('=~', '~')), at: 'sum(' },
  'a query that ends too early, in its second line': {
    rule: 'promql-syntax',
    text: argo({}, `${sum()} /\nsum(rate(x[2m])`),
    at: 'sum(rate(x',
    repaired: argo(),
  },
  'a sum by a label': {
    rule: 'several-series',
    text: argo({}, ERRORS.replaceAll('sum(', 'sum by (job) (')),
    at: 'sum by',
  },
  'no sum at all': { rule: 'several-series', text: argo({}, `rate(http_requests_total{${CANARY}}[2m])`), at: 'rate(' },
  'a quantile by more than bounds': {
    rule: 'several-series',
    text: argo({}, `histogram_quantile(0.9, sum by (le, route) (rate(x_seconds_bucket{${CANARY}}[2m])))`),
    at: 'histogram_quantile',
  },
  'the last of several, with Flagger': {
    rule: 'several-series',
    text: flagger(flaggerErrors().replaceAll('sum(', 'sum by (pod) (')),
    at: '100 * (',
  },
  'a ratio without sum()': {
    rule: 'divided-by-itself',
    text: flagger(
      `100 - rate(a_total{${PODS},status!~"5.*"}[{{ interval }}]) / rate(a_total{${PODS}}[{{ interval }}]) * 100`,
    ),
    at: '100 - ',
  },
  'a ratio with the same above and below': {
    rule: 'same-above-and-below',
    text: argo(pair(0.95), `${sum()}\n/ ${sum()}`),
    at: 'sum(rate',
  },
  'errors without a series before the first': {
    rule: 'empty-when-healthy',
    text: argo({}, `# errors\n${sum('status=~"5.."')}\n/ ${sum()}`),
    at: 'status=~"5.."',
  },
  'errors without a sum, and without a series before the first': {
    rule: 'empty-when-healthy',
    text: argo({}, sum('code="500"')),
    at: 'code="500"',
  },
  'successes without a series': {
    rule: 'empty-when-failing',
    text: argo(pair(0.95), `1 * ${sum('response_code!~"5.*"')}\n/ ${sum()}`),
    at: 'response_code',
  },
  'or vector(0)': {
    rule: 'hides-unscraped',
    text: argo({}, `(${sum('status=~"5.."')} / (${sum()} > 0))\nor vector(0)`),
    at: 'or vector(0)',
  },
  'or vector(1) of a success rate': {
    rule: 'hides-unscraped',
    text: argo(pair(0.95), `(${sum('status!~"5.."')} / (${sum()} > 0))\nor vector(1)`),
    at: 'or vector(1)',
  },
  '0 / 0': {
    rule: 'nan-when-idle',
    text: argo({}, `(${sum('status=~"5.."')} or 0 * ${sum()}) /\n${sum('', CANARY)}`),
    at: `${sum()}\n`,
  },
  '0 / 0 of a success rate in percent': {
    rule: 'nan-when-idle',
    text: argo(pair(95), `100 * (${sum('status!~"5.."')} or 0 * ${sum()})\n/ ${sum()}`),
    at: `/ ${sum()}`,
  },
  'a bound of successes for errors': {
    rule: 'accepts-failure',
    text: argo(only('len(result) == 1 && result[0] <= 0.95')),
    at: 'status=~"5.."',
    repaired: argo(only('len(result) == 1 && result[0] <= 0.05')),
  },
  'successes held against the bound of errors': {
    rule: 'condemns-health',
    text: flagger(`100 - (${flaggerErrors()})`),
    at: '100 - (',
    repaired: flagger(flaggerErrors()),
  },
  'health held against the bound of errors': {
    rule: 'condemns-health',
    text: argo({}, SUCCESSES),
    at: 'status!~"5.."',
    repaired: argo({}, ERRORS),
  },
  'a canary divided by a stable that fails nothing': {
    rule: 'divided-by-stable',
    text: argo({}, `(${sum('status=~"5.."')} or 0 * ${sum()})\n/ ${sum('status=~"5.."', STABLE)}`),
    at: '/ sum',
  },
  'scalar()': { rule: 'scalar-query', text: argo({}, `scalar(${sum()})`), at: 'scalar' },
  'scalar() with Flagger': { rule: 'scalar-query', text: flagger(`scalar(${flaggerSum()})`), at: 'scalar' },
  'irate()': { rule: 'irate', text: argo({}, ERRORS.replaceAll('rate(', 'irate(')), at: 'irate(' },
  'the rate of a gauge': {
    rule: 'rate-of-gauge',
    text: argo({}, `max(rate(nodejs_eventloop_lag_seconds{${CANARY}}[2m]))`),
    at: 'rate(nodejs',
  },
  'a window of two scrapes': { rule: 'short-window', text: argo({}, ERRORS.replaceAll('[2m]', '[30s]')), at: '[30s]' },
  'an interval of two scrapes': {
    rule: 'short-window',
    text: flagger(undefined, `${WITHOUT_INTERVAL}\n  interval: 30s`),
    at: '100 * (',
    repaired: flagger(undefined, `${WITHOUT_INTERVAL}\n  interval: 60s`),
  },
  'a quantile': {
    rule: 'quantile',
    text: argo(
      only('len(result) == 1 && result[0] <= 0.5'),
      `histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket{${CANARY}}[2m])))`,
    ),
    at: 'histogram_quantile',
    repaired: argo(
      pair(0.95),
      `sum(rate(x_seconds_bucket{${CANARY},le="0.5"}[2m])) / sum(rate(x_seconds_bucket{${CANARY},le="+Inf"}[2m]))`,
    ),
  },
  'a bound that is a whole number': {
    rule: 'whole-bound',
    text: argo({}, `sum(rate(x_bucket{${CANARY},le="1"}[2m]))`),
    at: 'le="1"',
  },
  'buckets added up': { rule: 'buckets-summed', text: argo({}, duration('x_seconds_bucket')), at: 'x_seconds_bucket' },
  'a histogram taken for a counter': {
    rule: 'native-histogram',
    text: argo({}, duration('x_duration_seconds')),
    at: 'x_duration',
  },
  'a histogram taken for a counter, with Flagger': {
    rule: 'native-histogram',
    text: flagger(`sum(rate(x_duration_seconds{${PODS}}[{{ interval }}]))`),
    at: 'x_duration',
  },
  '2.. for success': {
    rule: 'success-is-2xx',
    text: argo(pair(0.95), `${sum('status=~"2.."')} / ${sum()}`),
    at: '2..',
  },
  'the pods of both sides in one query': {
    rule: 'mixed-pods',
    text: argo({}, 'sum(rate(x_total{job="shop"}[2m]))'),
    at: 'x_total',
  },
  'the pods of both sides in one query, with Flagger': {
    rule: 'mixed-pods',
    text: flagger('sum(rate(x_total[{{ interval }}]))'),
    at: 'x_total',
  },
  'a role that changes': {
    rule: 'ephemeral-role',
    text: argo({}, 'sum(rate(x_total{role="canary"}[2m]))'),
    at: 'role=',
  },

  'a number for a time': { rule: 'invalid-duration', text: argo({ interval: '30' }), at: 'interval: 30' },
  'a number for the time of a Canary': {
    rule: 'invalid-duration',
    text: flagger(undefined, undefined, ANALYSIS.replace('150s', '150')),
    at: 'interval: 150',
  },
  'a number for the time of its metric': {
    rule: 'invalid-duration',
    text: flagger(undefined, `${WITHOUT_INTERVAL}\n  interval: 60`),
    at: 'interval: 60',
  },
  'a count without an interval': { rule: 'interval-missing', text: argo({ interval: undefined }), at: 'count: 5' },
  'more failures allowed than there are measurements': {
    rule: 'limit-beyond-count',
    text: argo({ failureLimit: '5' }),
    at: 'failureLimit',
  },
  'more doubt allowed than there are measurements': {
    rule: 'limit-beyond-count',
    text: argo({ inconclusiveLimit: '7' }),
    at: 'inconclusiveLimit',
  },
  'no failure allowed': { rule: 'one-failure-aborts', text: argo({ failureLimit: undefined }), at: '- name: errors' },
  'no failure allowed, of one measurement': {
    rule: 'one-failure-aborts',
    text: argo({ failureLimit: undefined, count: undefined, interval: undefined }),
    at: '- name: errors',
  },
  'no doubt allowed': { rule: 'pauses-at-first', text: argo({ inconclusiveLimit: '0' }), at: '- name: errors' },
  'no data for 40 s': {
    rule: 'too-few-retries',
    severity: 'warning',
    text: argo({ ...only('result[0] <= 0.01'), initialDelay: '5s' }),
    at: '- name: errors',
  },
  'a measurement before the window is full': {
    rule: 'delay-shorter-than-window',
    text: argo({ initialDelay: '60s' }),
    at: '- name: errors',
  },
  'a measurement before the window is full, of a run that begins before the pods': {
    rule: 'delay-shorter-than-window',
    text: argo() + rollout(BACKGROUND.replace('startingStep: 1\n', '')),
    at: '- name: errors',
  },
  'one name twice': {
    rule: 'repeated-name',
    text: argo({}, ERRORS).replace('  - name: errors', '  - name: errors\n  - name: errors'),
    at: '- name: errors\n    init',
  },
  'one name in two templates that are run together': {
    rule: 'repeated-name',
    text: `${argo()}---\n${argo().replace('gate', 'other')}${rollout(BACKGROUND.replace('- templateName: gate', '- templateName: gate\n- templateName: other'))}`,
    at: '        - templateName: gate',
    repaired: argo() + rollout(BACKGROUND),
  },
  'one rule of dryRun in a Rollout and in its template': {
    rule: 'repeated-name',
    text:
      argo({}, ERRORS, '  dryRun:\n  - metricName: errors\n') + rollout(`${BACKGROUND}\ndryRun:\n- metricName: errors`),
    at: '        - metricName: errors',
    repaired: argo({}, ERRORS, '  dryRun:\n  - metricName: errors\n') + rollout(BACKGROUND),
  },
  'one rule of measurementRetention in two templates that are run together': {
    rule: 'repeated-name',
    text: `${argo({}, ERRORS, `${RETENTION}  templates:\n  - templateName: more\n`)}---\n${MORE.replace('  metrics:', `${RETENTION}  metrics:`)}`,
    at: '  - templateName: more',
    repaired: `${argo({}, ERRORS, `${RETENTION}  templates:\n  - templateName: more\n`)}---\n${MORE}`,
  },
  'a dry run of nothing': {
    rule: 'idle-dry-run',
    text: argo({}, ERRORS, '  dryRun:\n  - metricName: latency\n'),
    at: 'metricName',
  },
  'an argument that is not declared': {
    rule: 'undeclared-argument',
    text: argo({}, `${ERRORS}\n+ 0 * sum(x{a="{{args.canary}}"})`),
    at: 'args.canary}}',
    repaired: argo(),
  },
  'a placeholder of Flagger': {
    rule: 'foreign-placeholder',
    text: argo({}, ERRORS.replaceAll('[2m]', '[{{ interval }}]')),
    at: '{{ interval }}',
    repaired: argo(),
  },
  'a placeholder in the value of an argument': {
    rule: 'foreign-placeholder',
    text: argo({}, ERRORS, '  - name: job\n    value: "{{args.canary-hash}}-shop"\n'),
    at: '-shop',
    repaired: argo(),
  },
  'a placeholder in an argument of a Rollout': {
    rule: 'foreign-placeholder',
    text: argo() + rollout(BACKGROUND.replace(/valueFrom: .* Stable \}/, 'value: "{{args.canary-hash}}"')),
    at: '          value: "{{args',
    repaired: argo() + rollout(BACKGROUND),
  },
  'the hash of a template that an experiment does not have': {
    rule: 'foreign-placeholder',
    text: argo() + rollout(BACKGROUND, EXPERIMENT.replace('templates.new.', 'templates.canary.')),
    at: 'templates.canary',
    repaired: argo() + rollout(BACKGROUND, EXPERIMENT),
  },
  'a field that only a Rollout reads': {
    rule: 'unset-argument',
    text: argo({}, ERRORS, FIELD_OF_ROLLOUT) + rollout(BACKGROUND),
    at: '        - templateName',
    repaired: argo() + rollout(BACKGROUND),
  },
  'an argument that nobody gives': {
    rule: 'unset-argument',
    text: argo() + rollout('startingStep: 1\ntemplates:\n- templateName: gate\nargs:\n- name: canary-hash\n  value: x'),
    at: '- templateName',
    repaired: argo() + rollout(BACKGROUND),
  },
  'an argument without a value': {
    rule: 'empty-argument',
    text: argo() + rollout(BACKGROUND.replace('\n  valueFrom: { podTemplateHashValue: Stable }', '')),
    at: '        - name: stable-hash',
  },
  'an argument that nobody declares': {
    rule: 'dropped-argument',
    text: argo() + rollout(`${BACKGROUND}\n- name: hash\n  value: x`),
    at: '- name: hash',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a step that never ends': {
    rule: 'endless-step',
    text:
      argo({ count: undefined }) +
      rollout(BACKGROUND, '      - analysis:\n          templates:\n          - templateName: gate\n'),
    at: 'interval: 30s',
  },
  'a background run before there are pods': {
    rule: 'background-from-start',
    text: argo({ initialDelay: undefined }) + rollout(BACKGROUND.replace('startingStep: 1\n', '')),
    at: '        templates:',
  },
  'a template that does not exist': {
    rule: 'missing-template',
    text: argo() + rollout(BACKGROUND.replace(': gate', ': guard')),
    at: 'templateName: guard',
  },

  'a metric without a range': {
    rule: 'no-threshold-range',
    text: flagger(undefined, '- name: errors\n  templateRef: { name: errors }'),
    at: '- name: errors',
  },
  'a success rate without a range': {
    rule: 'no-threshold-range',
    text: canary(ANALYSIS, '- name: request-success-rate'),
    at: '- name: request',
  },
  'seconds for milliseconds': {
    rule: 'fractional-milliseconds',
    text: canary(ANALYSIS, '- name: request-duration\n  thresholdRange:\n    max: 0.5'),
    at: 'max: 0.5',
  },
  'one failed check': {
    rule: 'one-failed-check',
    text: flagger(undefined, undefined, 'threshold: 1\nstepWeight: 20'),
    at: 'threshold: 1',
  },
  'one failed check, by default': {
    rule: 'one-failed-check',
    text: flagger(undefined, undefined, 'stepWeight: 20'),
    at: 'stepWeight',
  },
  'an interval below the floor': {
    rule: 'interval-below-floor',
    text: flagger(undefined, undefined, ANALYSIS.replace('150s', '5s')),
    at: 'interval: 5s',
  },
  'a check before two scrapes': {
    rule: 'first-check-too-early',
    text: flagger(undefined, undefined, ANALYSIS.replace('150s', '10s')),
    at: 'interval: 10s',
  },
  'a metric that looks back further than its weight': {
    rule: 'metric-interval',
    text: flagger(undefined, `${WITHOUT_INTERVAL}\n  interval: 5m`),
    at: 'interval: 5m',
  },
  'a window that ignores the interval': {
    rule: 'fixed-window',
    text: flagger(flaggerErrors(PODS, '1m'), `${WITHOUT_INTERVAL}\n  interval: 2m`),
    at: '100 * (',
  },
  'a window longer than a weight is held': {
    rule: 'fixed-window',
    text: flagger(flaggerErrors(PODS, '10m')),
    at: '100 * (',
  },
  'built-in checks that want labels of their own': {
    rule: 'builtin-labels',
    text: canary(ANALYSIS, BUILTIN, '  provider: kubernetes\n'),
    at: '- name: request',
    repaired: canary(ANALYSIS, BUILTIN, '  provider: istio\n'),
  },
  'a built-in check of a DaemonSet': {
    rule: 'daemonset-target',
    text: canary(ANALYSIS, BUILTIN, '  provider: kubernetes\n').replace('Deployment', 'DaemonSet'),
    at: '- name: request',
    repaired: canary(ANALYSIS, BUILTIN, '  provider: kubernetes\n'),
  },
  'pods of the primary': {
    rule: 'pods-of-siblings',
    text: flagger(flaggerErrors('namespace="{{ namespace }}",pod=~"{{ target }}-.*"')),
    at: '100 * (',
  },
  'pods that Flagger never makes': {
    rule: 'no-such-pods',
    text: flagger(flaggerErrors('namespace="{{ namespace }}",pod=~"{{ target }}-canary-.*"')),
    at: '100 * (',
  },
  'a pattern for pods that is compared with their name': {
    rule: 'no-such-pods',
    text: flagger(flaggerErrors('pod="{{ target }}-[0-9a-z]+-[0-9a-z]+"')),
    at: '100 * (',
  },
  'the pods of the built-in check': {
    rule: 'pods-of-siblings',
    severity: 'warning',
    text: flagger(flaggerErrors('kubernetes_pod_name=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"')),
    at: '100 * (',
  },
  'a built-in check that does not exist': {
    rule: 'unknown-check',
    text: canary(ANALYSIS, '- name: errors\n  thresholdRange: { max: 1 }'),
    at: '- name: errors',
  },
  'a variable that is not given': {
    rule: 'missing-variable',
    text: flagger(flaggerErrors('app="{{ variables.app }}"')),
    at: '- name: errors',
  },
  'a placeholder of Argo Rollouts': {
    rule: 'foreign-placeholder',
    text: flagger(flaggerErrors('canary="{{args.canary-hash}}"')),
    at: '100 * (',
    repaired: flagger(),
  },
  'a MetricTemplate that does not exist': {
    rule: 'missing-template',
    text: flagger(undefined, BY_TEMPLATE.replace('{ name: errors }', '{ name: latency }')),
    at: 'latency',
  },
  'no weight': {
    rule: 'no-weights',
    text: flagger(undefined, undefined, 'interval: 150s\nthreshold: 2'),
    at: 'interval: 150s',
  },
  'no analysis': {
    rule: 'skips-analysis',
    text: flagger().replace('spec:', 'spec:\n  skipAnalysis: true'),
    at: 'skipAnalysis',
  },
  'a background run after the last step': {
    rule: 'skips-analysis',
    text: argo() + rollout(BACKGROUND.replace('startingStep: 1', 'startingStep: 3')),
    at: 'startingStep: 3',
  },
  'the source of a chart': {
    rule: 'chart-source',
    text: argo().replace('http://prometheus:9090', '"{{ .Values.prometheus }}"'),
    at: '.Values',
    repaired: argo(),
  },
  'the source of a chart that is no YAML': {
    rule: 'chart-source',
    text: `{{- if .enabled }}\n${argo()}{{- end }}\n`,
    at: '{{- if',
    repaired: argo(),
  },
  'no metric': {
    rule: 'empty-spec',
    text: argo().replace(/ {2}metrics:[\s\S]*/, '  metrics: []\n'),
    at: 'args:',
    repaired: argo(),
  },
  'an analysis of no template': {
    rule: 'empty-spec',
    text: argo() + rollout('startingStep: 1'),
    at: '        startingStep',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a MetricTemplate without a query': {
    rule: 'empty-spec',
    text: flagger().replace(/ {2}query:[\s\S]*/, ''),
    at: 'provider:',
    repaired: flagger(),
  },
  'a condition that coalmine does not know': {
    rule: 'unknown-function',
    text: argo(only("'len(keys({a: result})) == 1'")),
    at: 'successC',
    repaired: argo(),
  },
  'a query with a condition of Go': {
    rule: 'unknown-function',
    text: flagger(`{{ if eq namespace "prod" }}${flaggerErrors()}{{ else }}vector(0){{ end }}`),
    at: '{{ if',
    repaired: flagger(),
  },
  'a comment before the query': {
    rule: 'swallowed-query',
    text: flagger(`# the share of errors\n    ${flaggerErrors()}`),
    at: '# the share',
  },
  'few successes of few requests': {
    rule: 'condemns-quiet',
    text: argo(pair(0.95), `${sum('status!~"5.."')} / clamp_min(${sum()}, 1)`),
    at: 'clamp_min',
  },
  'few successes of few requests, by a counter of their own': {
    rule: 'condemns-quiet',
    text: argo(
      pair(0.95),
      `${sum().replaceAll('http_requests_total', 'http_requests_without_a_failure_total')} / clamp_min(${sum()}, 1)`,
    ),
    at: 'clamp_min',
  },
  'a metric of another provider': {
    rule: 'other-provider',
    text: argo({ successCondition: 'result.ok', failureCondition: undefined }).replace(
      /prometheus:\n[\s\S]*/,
      'web: { url: "http://shop/health" }\n',
    ),
    at: 'web:',
    repaired: argo(),
  },
  'a MetricTemplate of another provider': {
    rule: 'other-provider',
    text: flagger('avg:requests{service:{{ target }}}').replace('type: prometheus', 'type: datadog'),
    at: 'type: datadog',
    repaired: flagger(),
  },
  'a job with conditions, which nobody evaluates': {
    rule: 'ignored-condition',
    text: argoJob('successCondition: result >= 0.95'),
    at: 'successC',
    repaired: argoJob(),
  },
  'a built-in success rate as a share of 1': {
    rule: 'accepts-failure',
    text: canary(ANALYSIS, BUILTIN.replace('min: 99', 'min: 0.99')),
    at: 'thresholdRange',
  },
  'a built-in success rate with the bound of an error rate': {
    rule: 'condemns-health',
    text: canary(ANALYSIS, BUILTIN.replace('min: 99', 'max: 1')),
    at: 'thresholdRange',
  },
  'a built-in duration with a lower bound': {
    rule: 'condemns-health',
    text: canary(ANALYSIS, '- name: request-duration\n  thresholdRange: { min: 500 }'),
    at: 'thresholdRange',
  },
  'bounds that no number fits': {
    rule: 'condemns-health',
    text: flagger(undefined, BY_TEMPLATE.replace('max: 1', 'min: 2, max: 1')),
    at: 'thresholdRange',
  },
  'a count by an argument that only the Rollout gives, in a step': {
    rule: 'endless-step',
    text: argoInStep('- name: measurements'),
    at: 'count: ',
    repaired: argoInStep('- name: measurements\n    value: "5"'),
  },
  'a placeholder of an experiment in an argument of a step': {
    rule: 'foreign-placeholder',
    text:
      argo() +
      rollout(
        BACKGROUND.replace('valueFrom: { podTemplateHashValue: Stable }', 'value: "{{templates.old.podTemplateHash}}"'),
      ),
    at: 'value: "{{templates',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a rate without a window': {
    rule: 'promql-syntax',
    text: argo({}, `sum(rate(http_requests_total{${CANARY}}))`),
    at: 'http_requests_total',
    repaired: argo(),
  },
  'two providers': {
    rule: 'provider-count',
    text: argo().replace('      prometheus:', '      web: { url: "http://shop/health" }\n      prometheus:'),
    at: 'web:',
    repaired: argo(),
  },
  'no provider': {
    rule: 'provider-count',
    text: argo().replace(/ {4}provider:[\s\S]*/, '    provider: {}\n'),
    at: 'provider: {}',
    repaired: argo(),
  },
  'an address without a scheme': {
    rule: 'invalid-address',
    text: argo().replace('http://prometheus:9090', 'prometheus:9090'),
    at: 'address: prometheus',
  },
  'an address without a scheme, with Flagger': {
    rule: 'invalid-address',
    text: flagger().replace('http://prometheus:9090', 'prometheus.monitoring:9090'),
    at: 'address: prometheus',
  },
  'a metrics server without a scheme': {
    rule: 'invalid-address',
    text: canary(ANALYSIS, BUILTIN, '  metricsServer: prometheus:9090\n'),
    at: 'metricsServer',
  },
  'a range whose start is not a time': {
    rule: 'invalid-range',
    text: argo().replace(
      '        query: |',
      '        rangeQuery:\n          start: now - 5m\n          end: now()\n          step: 1m\n        query: |',
    ),
    at: 'start: now - 5m',
  },
  'a limit below 0': {
    rule: 'refused-count',
    text: argo({ inconclusiveLimit: '-1' }),
    at: 'inconclusiveLimit',
    repaired: argo(),
  },
  'limits that are more together than there are measurements': {
    rule: 'refused-count',
    text: argo({ failureLimit: '2', consecutiveSuccessLimit: '4' }),
    at: 'consecutiveSuccessLimit',
    repaired: argo({ failureLimit: '1', consecutiveSuccessLimit: '4' }),
  },
  'no limit at all': {
    rule: 'refused-count',
    text: argo({ failureLimit: '-1' }),
    at: 'failureLimit',
    repaired: argo(),
  },
  'a retention of nothing': {
    rule: 'idle-retention',
    text: argo({}, ERRORS, '  measurementRetention:\n  - metricName: ^error$\n    limit: 5\n'),
    at: 'metricName',
  },
  'a retention of nothing, in the Rollout': {
    rule: 'idle-retention',
    text: argo() + rollout(`${BACKGROUND}\nmeasurementRetention:\n- metricName: latency\n  limit: 5`),
    at: 'metricName',
  },
  'an argument with two defaults': {
    rule: 'conflicting-defaults',
    text: argo({}, ERRORS).replace('  - name: stable-hash', '  - { name: job, value: a }\n  - { name: job, value: b }'),
    at: 'value: b',
    repaired: argo(),
  },
  'an argument with two defaults in two templates': {
    rule: 'conflicting-defaults',
    text: `${argo({}, ERRORS, '  - { name: job, value: a }\n')}---\n${argo({}, ERRORS, '  - { name: job, value: b }\n').replace('gate', 'other').replace('- name: errors', '- name: more')}${rollout(BACKGROUND.replace('- templateName: gate', '- templateName: gate\n- templateName: other'))}`,
    at: '        - templateName: gate',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a cluster template that is looked for in the namespace': {
    rule: 'wrong-scope',
    text: argo().replace('AnalysisTemplate', 'ClusterAnalysisTemplate') + rollout(BACKGROUND),
    at: '- templateName: gate',
  },
  'a template that is looked for in the cluster': {
    rule: 'wrong-scope',
    text: argo() + rollout(BACKGROUND.replace(': gate', ': gate\n  clusterScope: yes')),
    at: '- templateName: gate',
  },
  'a template in another namespace': {
    rule: 'wrong-namespace',
    text:
      argo().replace('name: gate', 'name: gate\n  namespace: tools') +
      rollout(BACKGROUND).replace('name: shop', 'name: shop\n  namespace: shop'),
    at: '- templateName: gate',
    repaired: argo() + rollout(BACKGROUND),
  },
  'a MetricTemplate in another namespace': {
    rule: 'wrong-namespace',
    text: flagger()
      .replace('name: shop\n', 'name: shop\n  namespace: shop\n')
      .replace('  name: errors\nspec', '  name: errors\n  namespace: tools\nspec'),
    at: 'templateRef',
  },
  'templates that name each other': {
    rule: 'circular-templates',
    text: `${argo({}, ERRORS, '  templates:\n  - templateName: other\n')}---\n${argo({}, ERRORS, '  templates:\n  - templateName: gate\n').replace('name: gate', 'name: other').replace('- name: errors', '- name: more')}`,
    at: '- templateName: other',
    repaired: argo(),
  },
  'an argument that is not closed': {
    rule: 'unclosed-placeholder',
    text: argo({}, `${ERRORS}\n+ 0 * sum(x{hash="{{args.canary-hash"})`),
    at: '{hash=',
    repaired: argo(),
  },
  'a placeholder that is not closed, with Flagger': {
    rule: 'unclosed-placeholder',
    text: flagger('sum(rate(x{pod="{{ target"}[1m]))'),
    at: '{{ target"}',
    repaired: flagger(),
  },
  'an interval that a template asks for in vain': {
    rule: 'missing-metric-interval',
    text: flagger(undefined, WITHOUT_INTERVAL),
    at: '- name: errors',
    repaired: flagger(),
  },
  'a metric with the name of a built-in check': {
    rule: 'builtin-name',
    text: flagger(undefined, BY_TEMPLATE.replace('name: errors', 'name: request-duration')),
    at: 'name: request-duration',
  },
  'a range without an end': {
    rule: 'no-threshold-range',
    text: flagger(undefined, BY_TEMPLATE.replace('{ max: 1 }', '{}')),
    at: '- name: errors',
  },
  'an error in what decides nothing': {
    rule: 'error-on-empty',
    severity: 'warning',
    text: argo(only('result[0] <= 0.01'), ERRORS, '  dryRun:\n  - metricName: err.*\n'),
    at: 'successC',
  },
  'a check before two scrapes that only holds the weight': {
    rule: 'first-check-too-early',
    severity: 'warning',
    text: flagger(undefined, undefined, ANALYSIS.replace('150s', '15s').replace('threshold: 2', 'threshold: 5')),
    at: 'interval: 15s',
  },
  'a Canary without an analysis': {
    rule: 'skips-analysis',
    text: 'apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: { name: shop }\nspec:\n  targetRef: { kind: Deployment, name: shop }\n',
    at: 'targetRef',
    repaired: flagger(),
  },
};

const lint = (text: string): readonly Finding[] => lintTemplates([{ file: 'templates.yaml', text }]);

describe('objects of one name in several files', () => {
  // The template of each environment has an argument that the other one has not.
  const environment = (name: string): string =>
    argo().replace('  - name: stable-hash', `  - name: stable-hash\n  - name: ${name}`) +
    rollout(`${BACKGROUND}\n- name: ${name}\n  value: "1"`);
  const [eu = '', us = ''] = ['eu', 'us'].map(environment);
  const [template = '', release = ''] = us.split('---\n');

  it.each([
    ['beside each other', { 'eu.yaml': eu, 'us.yaml': us }],
    ['in a folder of each environment', { 'eu/all.yaml': eu, 'us/gate.yaml': template, 'us/shop.yaml': release }],
    [
      'below a folder of each environment',
      { 'eu/all.yaml': eu, 'us/a/gate.yaml': template, 'us/b/shop.yaml': release },
    ],
    [
      'with Services of their own',
      {
        'eu/all.yaml': eu + SERVICE.replace('app: shop', 'app: shop-eu'),
        'us/all.yaml': us.replace('steps:', 'stableService: shop\n      steps:') + SERVICE,
      },
    ],
    [
      'for Flagger',
      {
        'eu.yaml': flagger(`100 - (${flaggerErrors()})`, BY_TEMPLATE.replace('max: 1', 'min: 99')),
        'us.yaml': flagger(),
      },
    ],
  ])('belong to the nearest files: %s', (_, files) => {
    const sources = Object.entries<string>(files).map(([file, text]) => ({ file, text }));
    for (const order of [sources, sources.toReversed()]) expect(lintTemplates(order)).toEqual([]);
  });
});

describe('templates without a fault', () => {
  it.each([
    ['an AnalysisTemplate', argo()],
    ['an AnalysisTemplate of a success rate', argo(pair(0.95), SUCCESSES)],
    ['an AnalysisTemplate with its Rollout', argo() + rollout(BACKGROUND)],
    ['a MetricTemplate with its Canary', flagger()],
    ['a Canary with a built-in check', canary(ANALYSIS, BUILTIN)],
    ['a Canary with the old thresholds', canary(ANALYSIS, '- { name: request-success-rate, threshold: 99 }')],
    ['a Canary without metrics', canary(ANALYSIS.replace('150s', '15s'), '').replace('metrics:', 'metrics: []')],
    ['a query with functions of Go', flagger(flaggerErrors(PODS.replace('{{ target }}', '{{ printf "%s" target }}')))],
    [
      'a query with a format that has braces',
      flagger(flaggerErrors('pod=~"{{ printf "%s-[a-z0-9]+-[a-z0-9]{5}" target }}"')),
    ],
    [
      'a query with an action on several lines',
      flagger(flaggerErrors(PODS.replace('{{ target }}', '{{\n      target\n    }}'))),
    ],
    ['a dry run that keeps numbers on record', argo(RECORD, RECORDED, '  dryRun:\n  - metricName: errors\n')],
    ['a dry run of metrics by a class of characters', argo({}, ERRORS, '  dryRun:\n  - metricName: ^[[:lower:]]+$\n')],
    ['a finalizer twice', argo().replace('  name: gate', '  name: gate\n  finalizers: [example.com/a, example.com/a]')],
    ['an experiment that fills in the hashes of its pods', argo() + rollout(BACKGROUND, EXPERIMENT)],
    [
      'a query that spells the name of the target out',
      flagger(flaggerErrors('pod=~"shop-[bcdfghjklmnpqrstvwxz2456789]+-[bcdfghjklmnpqrstvwxz2456789]{5}"')),
    ],
    [
      'a query for the workload of the target',
      flagger(flaggerErrors('destination_workload=~"shop",reporter="destination"')),
    ],
    ['a query with a comment of Go', flagger(`{{/* errors # of a hundred */}}${flaggerErrors()}`)],
    ['a query with a comment at its end', flagger(`${flaggerErrors()} # errors of a hundred`)],
    ['a variable with a dash', flagger(flaggerErrors('app="{{ index variables "the-app" }}"'))],
    [
      'a list',
      argo().replace(/^/gm, '  ').replace('  apiV', '- apiV').replace(/^/, 'apiVersion: v1\nkind: List\nitems:\n'),
    ],
    [
      'a template of templates',
      `${argo({}, ERRORS, '  templates:\n  - templateName: more\n')}---\n${argo().replace('name: gate', 'name: more').replace('- name: errors', '- name: more')}`,
    ],
    [
      'a cluster template',
      argo().replace('AnalysisT', 'ClusterAnalysisT') +
        rollout(BACKGROUND.replace(': gate', ': gate\n  clusterScope: true')),
    ],
    [
      'an argument that another template of the background declares',
      `${argo({}, `${ERRORS} + 0 * sum(x{job="{{args.job}}",${CANARY}})`)}---\n${argo({}, ERRORS, '  - { name: job, value: shop }\n').replace('name: gate', 'name: more').replace('- name: errors', '- name: more')}${rollout(BACKGROUND.replace('- templateName: gate', '- templateName: gate\n- templateName: more'))}`,
    ],
    [
      'a Rollout of another controller',
      'apiVersion: rollouts.kruise.io/v1beta1\nkind: Rollout\nmetadata: { name: shop }\nspec: { strategy: { canary: { steps: { replicas: 1 } } } }\n',
    ],
    ['objects of other kinds', 'kind: Service\nmetadata: { name: shop }\n---\njust: text\n---\n'],
  ])('%s', (_, text) => {
    expect(lint(text)).toEqual([]);
  });
});

it('a query that has a result only without a scrape must not be good', () => {
  const query = `absent(up{${CANARY}})`;
  expect(lint(argo(pair(1), query)).map(({ rule }) => rule)).toContain('hides-unscraped');
  expect(lint(argo({ ...GUARDED, failureCondition: 'len(result) == 1' }, query))).toEqual([]);
});

it('a quantile in percent is always infinite', () => {
  const query = `histogram_quantile(95, sum by (le) (rate(x_seconds_bucket{${CANARY}}[2m])))`;
  expect(lint(argo({}, query)).filter(({ rule }) => rule === 'quantile')).toEqual([
    expect.objectContaining({
      severity: 'error',
      message: 'a quantile is a share of at most 1: of 95, the result is always +Inf',
      repair: `query: ${query.replace('95', '0.95')}`,
    }),
  ]);
});

it.each([
  ['a recorded series', 'job:errors:ratio5m{CANARY}', /^if the recording rule leaves several series/, 'warning'],
  ['a gauge', 'canary_healthy{CANARY}', /^if canary_healthy has several series/, 'warning'],
  ['a gauge over time', 'min_over_time(canary_healthy{CANARY}[2m])', /^if canary_healthy has several/, 'warning'],
  ['a gauge by its pods', 'max by (pod) (canary_healthy{CANARY})', /^if canary_healthy has several/, 'warning'],
  ['a counter', 'canary_failures_total{CANARY}', /^the result has several elements/, 'error'],
  ['a rate', 'rate(canary_failures{CANARY}[2m])', /^the result has several elements/, 'error'],
])('several series of %s are reported as $3', (_, query, message, severity) => {
  const found = lint(argo({}, query.replace('CANARY', CANARY))).filter(({ rule }) => rule === 'several-series');
  expect(found).toMatchObject([{ severity, message: expect.stringMatching(message) }]);
});

it('a condition that judges all series has no finding about several series', () => {
  const text = argo(only("'len(result) > 0 && all(result, # <= 0.01)'"), ERRORS.replaceAll('sum(', 'sum by (route) ('));
  expect(lint(text)).toEqual([]);
});

describe('a query of Flagger with control structures', () => {
  const choosing = flagger(`{{ if eq namespace "prod" }}${flaggerErrors()}{{ else }}sum((({{ end }}`);
  const inNamespace = (namespace: string): string =>
    choosing.replaceAll('metadata:\n', `metadata:\n  namespace: ${namespace}\n`);

  it('is linted as Flagger renders it for its Canary', () => {
    expect(lint(inNamespace('prod'))).toEqual([]);
    expect(lint(inNamespace('test'))).toMatchObject([
      {
        rule: 'promql-syntax',
        severity: 'error',
        message: expect.stringMatching(/^rendered for shop: the query does/),
      },
    ]);
    const ranging = flagger(`{{ range $i, $c := target }}{{ end }}${flaggerErrors()}`);
    expect(lint(ranging).map(({ rule }) => rule)).toEqual(['foreign-placeholder', 'unknown-function']);
    const bound = flagger(
      `{{ with variables.by }}${flaggerErrors()}{{ end }}`,
      `${BY_TEMPLATE}\n  templateVariables: { by: pod }`,
    );
    expect(lint(bound)).toEqual([]);
    expect(lint(bound.replace('{ max: 1 }', '{ min: 99 }')).map(({ rule }) => rule)).toContain('condemns-health');
  });

  it('is not linted if the namespace of its Canary is not known, or its Canary is not in the files', () => {
    expect(lint(choosing)).toMatchObject([{ rule: 'unknown-function', severity: 'note' }]);
    const [, alone = ''] = inNamespace('prod').split('---\n');
    expect(lint(alone)).toMatchObject([{ rule: 'unknown-function', severity: 'note' }]);
  });
});

describe('a query with a result while nothing is scraped', () => {
  const rules = (text: string): readonly string[] => lint(text).map(({ rule }) => rule);

  it('has no finding about an empty result if it always has one', () => {
    const query = `${sum('status=~"5.."')} or vector(0)`;
    expect(rules(argo(only('result[0] <= 0.01'), query))).toEqual(['hides-unscraped']);
    expect(rules(argo(only('len(result) == 0 || result[0] <= 0.01'), query))).toEqual(['hides-unscraped']);
  });

  it('needs conditions for an empty result if it is absent()', () => {
    const query = `absent(up{${CANARY}})`;
    expect(
      rules(
        argo({ ...GUARDED, ...{ successCondition: 'len(result) == 0', failureCondition: 'len(result) > 0' } }, query),
      ),
    ).toEqual([]);
    expect(rules(argo(only('result[0] != 1'), query))).toEqual(['error-on-empty']);
  });
});

it.each([
  ['0', 'the first Error aborts the rollout'],
  ['4', 'the fifth aborts the rollout'],
  ['9', 'Error 10 in a row aborts the rollout'],
  ['"{{args.canary-hash}}"', 'the last allowed Error aborts the rollout'],
])('the finding says which Error aborts with a limit of %s', (consecutiveErrorLimit, text) => {
  const found = lint(argo({ ...only('result[0] <= 0.01'), consecutiveErrorLimit }));
  expect(found.find(({ rule }) => rule === 'error-on-empty')?.message).toContain(text);
});

it('the finding about NaN of an AnalysisTemplate does not call it a failed check of Flagger', () => {
  const found = lint(argo(GUARDED, `${sum('status=~"5.."')} / ${sum()}`));
  expect(found.find(({ rule }) => rule === 'nan-when-idle')?.message).toBe('without requests the result is NaN');
});

it('conditions of a plugin are not linted', () => {
  const text = argo({ successCondition: 'value.p99 < 3', failureCondition: undefined }).replace(
    /prometheus:\n[\s\S]*/,
    'plugin: { example/metrics: { query: q } }\n',
  );
  expect(lint(text).map(({ rule }) => rule)).toEqual(['other-provider']);
});

it.each([
  ['argo', argo({}, `sum(rate(x_total{${CANARY}})) default 0`)],
  ['flagger', flagger(`sum(rate(x_total{${PODS}}))`)],
])('a query in MetricsQL is not an error if the address names VictoriaMetrics: %s', (_, text) => {
  expect(lint(text)).toMatchObject([{ rule: 'promql-syntax' }]);
  const found = lint(text.replace('http://prometheus:9090', 'http://vmsingle:8428'));
  expect(found).toMatchObject([{ rule: 'unknown-function', severity: 'note' }]);
});

it('a Kustomize patch of the pods of a Rollout is not reported as incomplete', () => {
  const patch = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: shop
spec:
  replicas: 10
  template:
    spec:
      containers:
      - name: app
        resources: { limits: { cpu: "2" } }
`;
  expect(lint(patch)).toEqual([]);
});

describe('a patch of a Canary', () => {
  const patch = (spec: string): readonly Finding[] =>
    lint(`apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: { name: shop }\nspec: ${spec}\n`);

  it.each([
    '{ analysis: { threshold: 5 } }',
    '{ service: { timeout: 5s } }',
    '{ provider: nginx }',
    '{ analysis: { metrics: [{ name: request-success-rate, thresholdRange: { min: 99 } }] } }',
  ])('%s is not reported as incomplete', (spec) => {
    expect(patch(spec)).toEqual([]);
  });

  it('may skip the analysis', () => {
    expect(patch('{ skipAnalysis: true }')).toMatchObject([
      { rule: 'skips-analysis', message: 'skipAnalysis promotes every release: no metric is queried' },
    ]);
  });

  it('needs no name, as an excerpt', () => {
    expect(lint('apiVersion: flagger.app/v1beta1\nkind: Canary\nspec: { service: { name: shop } }\n')).toEqual([]);
  });

  it('is linted where it has something', () => {
    const rules = patch('{ analysis: { threshold: 1, intervall: 1m, metrics: [{ name: request-success-rate }] } }');
    expect(rules.map(({ rule }) => rule)).toEqual(['one-failed-check', 'no-threshold-range', 'unknown-field']);
  });

  it('is not a Canary that only lacks its target', () => {
    const found = patch('{ service: { port: 80 }, analysis: { interval: 1m, threshold: 5, stepWeight: 5 } }').map(
      ({ message }) => message,
    );
    expect(found).toContainEqual(expect.stringContaining('spec lacks targetRef'));
  });
});

it('a templateName that is written as name is reported once, with the correct name', () => {
  const found = lint(argo() + rollout(BACKGROUND.replace('templateName: gate', 'name: gate')));
  expect(found).toMatchObject([{ rule: 'unknown-field', repair: 'write templateName' }]);
});

it('a missing template is not corrected to the name of a template that runs beside it', () => {
  const found = lint(
    argo() + rollout(BACKGROUND.replace('- templateName: gate', '- templateName: gate\n- templateName: latency')),
  );
  expect(found).toMatchObject([{ rule: 'missing-template', repair: expect.stringContaining('lint it together') }]);
});

it('a number that is too large for an integer is reported as a wrong type', () => {
  expect(lint(argo({ count: '1e20' }))).toMatchObject([
    { rule: 'wrong-type', line: 13, message: expect.stringContaining('must be an integer or a string') },
  ]);
});

describe('lintTemplates', () => {
  it.each(Object.entries(CASES))(
    'reports %s at its line',
    (_, { rule, severity = RULES.template[rule].severity, text, at, repaired }) => {
      const found = lint(text).filter((finding) => finding.rule === rule);
      expect(found.length, JSON.stringify(lint(text), undefined, 1)).toBeGreaterThan(0);
      const [finding] = found as [Finding];
      expect(finding.severity).toBe(severity);
      expect(text.indexOf(at)).toBeGreaterThanOrEqual(0);
      expect(finding.line).toBe(text.slice(0, text.indexOf(at)).split('\n').length);
      expect(isText(finding.repair)).toBe(repaired === undefined);
      const without = repairedText({ rule, text, ...(repaired === undefined ? {} : { repaired }) });
      expect(lint(without).filter((finding) => finding.rule === rule)).toEqual([]);
      expect(
        lint(without).filter((finding) => finding.rule === 'yaml-syntax' || finding.rule === 'promql-syntax'),
      ).toEqual([]);
    },
  );

  it('shows each rule in docs/lint.md by the lines that have the fault and those that have not', () => {
    const document = readFileSync(new URL('../../../../../docs/lint.md', import.meta.url), 'utf8');
    const [, section = ''] = /^## Templates\n([\s\S]*?)^## /m.exec(document) ?? [];
    const shown = new Map(
      [...section.matchAll(/^### `([\w-]+)`\n((?:(?!^#)[\s\S])*?)```diff\n([\s\S]*?)```/gm)].map(([, rule, , diff]) => [
        rule,
        diff,
      ]),
    );
    for (const rule of Object.keys(RULES.template)) {
      const diffs = Object.values(CASES)
        .filter((each) => each.rule === rule)
        .map((each) => templateDifference(each.text, repairedText(each)));
      const [smallest] = diffs.sort((a, b) => a.length - b.length);
      expect(shown.get(rule), rule).toBe(smallest);
    }
  });

  it('has a case for each rule', () => {
    expect([...new Set(Object.values(CASES).map(({ rule }) => rule))].sort()).toEqual(
      Object.keys(RULES.template).sort(),
    );
  });
});

describe('a value of a wrong type', () => {
  const WHOLES = [
    argo({}, sum(), '  dryRun:\n  - metricName: errors\n') + rollout(BACKGROUND),
    flagger(flaggerSum()),
    canary(ANALYSIS, BUILTIN, '  provider: kubernetes\n'),
  ];

  /** Every path within a value. */
  function pathsIn(value: unknown): readonly (readonly (string | number)[])[] {
    if (typeof value !== 'object' || value === null) return [[]];
    const inner = Object.entries(value).flatMap(([key, each]) =>
      pathsIn(each).map((path) => [Array.isArray(value) ? Number(key) : key, ...path]),
    );
    return [[], ...inner];
  }

  it.each(['null', '"{{args.x}}"', '7', '[null, text]', '{ a: 1 }'])('causes only findings with a line: %s', (text) => {
    for (const whole of WHOLES) {
      const values = [...parseAllDocuments(whole)].map((document) => document.toJS());
      for (const [index, ...path] of pathsIn(values)) {
        const documents = [...parseAllDocuments(whole)];
        documents[Number(index)]?.setIn(path.length === 0 ? ['spec'] : path, parse(text));
        for (const { line } of lint(documents.map(String).join('---\n'))) expect(line).toBeGreaterThan(0);
      }
    }
  });

  it('is refused by the API server if a time is a number, and by the controller if it is a text without a unit', () => {
    const messageOf = (text: string): string | undefined =>
      lint(text).find((each) => each.rule === 'invalid-duration')?.message;
    const flaggerWith = (interval: string): string => flagger(undefined, undefined, ANALYSIS.replace('150s', interval));
    expect(messageOf(argo({ interval: '30' }))).toMatch(
      /^30 is a number, .* the API server refuses the AnalysisTemplate$/,
    );
    expect(messageOf(argo({ interval: '"30"' }))).toBe('30 is not a duration: the controller refuses the template');
    expect(messageOf(flaggerWith('150'))).toMatch(/^150 is a number, .* the API server refuses the Canary$/);
    expect(messageOf(flaggerWith('"150"'))).toBe('150 is not a duration: the Canary is refused');
  });

  it('is refused as an option of lintTemplates()', () => {
    expect(() => lintTemplates([], { scrapeSeconds: 0 })).toThrow(
      'scrapeSeconds must be a finite number of seconds above 0',
    );
    expect(() => lintTemplates([], { scrape: 15 } as never)).toThrow('scrape');
  });
});

/** A case without its fault. */
function repairedText({ rule, text, repaired }: Pick<Case, 'rule' | 'text' | 'repaired'>): string {
  let without = repaired ?? text;
  // Each repair is of one place.
  for (let i = 0; repaired === undefined && i < 20; i += 1) {
    const next = lint(without).find((finding) => finding.rule === rule);
    if (next === undefined) break;
    expect(isText(next.repair), next.repair).toBe(true);
    without = applied(without, next);
  }
  return without;
}

/** The lines that one template has and another has not, and those that stand in their place. */
function templateDifference(before: string, after: string): string {
  const isYaml = [before, after].every(isPlainYaml);
  return differenceOf(linesOf(before, isYaml), linesOf(after, isYaml));
}

function isPlainYaml(text: string): boolean {
  return parseAllDocuments(text).every(({ errors }) => errors.length === 0);
}

/** The lines of a text; of YAML with each value on its own line. */
function linesOf(text: string, isYaml: boolean): readonly string[] {
  const documents = isYaml ? [...parseAllDocuments(text)] : [];
  return (isYaml ? documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n') : text)
    .split('\n')
    .filter((line) => line !== '' && line !== '---')
    .map((line) => line.trimEnd());
}

const FIELD = /^([a-zA-Z]+): (.*)$/;

function isText(repair: string): boolean {
  return repair.split('\n').every((line) => FIELD.test(line));
}

/** The text with a repair written into the mapping that its line stands in. */
function applied(text: string, { line, repair }: Finding): string {
  const lines = new LineCounter();
  const documents = [...parseAllDocuments(text, { lineCounter: lines })];
  for (const field of repair.split('\n')) {
    const [, name = '', value = ''] = FIELD.exec(field) ?? [];
    const around: YAMLMap[] = [];
    for (const document of documents) {
      visit(document, {
        Map(_, map) {
          const [start = 0, end = 0] = map.range ?? [];
          if (lines.linePos(start).line <= line && lines.linePos(Math.max(start, end - 1)).line >= line)
            around.push(map);
        },
      });
    }
    const map = around.filter((map) => map.has(name)).at(-1) ?? around.at(-1);
    if (!isMap(map)) throw new Error(`no mapping at line ${line}`);
    map.set(name, /^(?:query|\w+Condition)$/.test(name) ? value : parse(value));
  }
  return documents.map(String).join('---\n').replaceAll('---\n---\n', '---\n');
}

describe('the repair of conditions', () => {
  const repairOf = (fields: Fields): string | undefined => lint(argo(fields))[0]?.repair;

  it.each([
    ['none(result, # > 0.01)', 'result[0] <= 0.01', 'result[0] > 0.01'],
    ['count(result, # > 0.01) == 0', 'result[0] <= 0.01', 'result[0] > 0.01'],
    [
      'result[0] >= 0 && result[0] <= 0.01',
      '(result[0] >= 0 && result[0] <= 0.01)',
      '!(result[0] >= 0 && result[0] <= 0.01)',
    ],
    ['0.01 >= result[0]', '(0.01 >= result[0])', '!(0.01 >= result[0])'],
  ])('of %s judges one number as it does', (condition, success, failure) => {
    expect(repairOf(only(JSON.stringify(condition)))).toBe(
      `successCondition: len(result) == 1 && ${success}\nfailureCondition: len(result) == 1 && ${failure}`,
    );
  });

  it('keeps what both conditions say', () => {
    const fields = { successCondition: '"none(result, # > 0.01)"', failureCondition: '"any(result, # > 0.01)"' };
    expect(repairOf(fields)).toBe(
      'successCondition: len(result) == 1 && result[0] <= 0.01\nfailureCondition: len(result) == 1 && result[0] > 0.01',
    );
  });
});

it.each([
  ['a ratio of failures', ERRORS, only('len(result) == 1 && result[0] <= 5'), 'accepts-failure', '<= 0.05'],
  ['a ratio of successes', SUCCESSES, pair(95), 'condemns-health', '>= 0.95'],
  ['a percentage of successes', `100 * (${SUCCESSES})`, pair(0.95), 'accepts-failure', '>= 95'],
])('the repair of a bound in another scale than %s has the scale of the result', (_, query, fields, rule, bound) => {
  expect(lint(argo(fields, query)).filter((finding) => finding.rule === rule)).toMatchObject([
    { repair: `compare it with a bound in its scale: \`len(result) == 1 && result[0] ${bound}\`` },
  ]);
});

describe('conditions that make no result of a healthy canary a success', () => {
  const bad = 'len(result) == 1 && result[0] > 0.05';

  it('are reported if health is inconclusive', () => {
    const fields = { successCondition: 'len(result) == 1 && result[0] >= 0.99', failureCondition: bad };
    expect(lint(argo(fields))).toMatchObject([
      { rule: 'condemns-health', severity: 'error', message: expect.stringContaining('neither is a success') },
    ]);
  });

  it('are reported if the query does not tell what is healthy', () => {
    const query = `max(queue_length{${CANARY}})`;
    expect(lint(argo({ successCondition: bad, failureCondition: bad }, query))).toMatchObject([
      { rule: 'condemns-health', message: expect.stringContaining('no result is a success') },
    ]);
    expect(lint(argo({ failureCondition: bad, successCondition: 'len(result) == 2' }, query))).toEqual([]);
  });
});

it('a quantile in seconds that is compared with milliseconds is said to be so', () => {
  const query = `histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket{${CANARY}}[2m])))`;
  const [found] = lint(argo(only('len(result) == 1 && result[0] <= 500'), query)).filter(
    ({ rule }) => rule === 'quantile',
  );
  expect(found?.message).toContain('the result is in seconds, and is compared with 500 s');
  expect(found?.repair).toContain('le="0.5"');
});

it('the value that a repair gives for no requests passes the conditions', () => {
  const query = `sum(rate(x_seconds_sum{${CANARY}}[2m])) / sum(rate(x_seconds_count{${CANARY}}[2m]))`;
  expect(lint(argo(only('len(result) == 1 && result[0] <= 0.5'), query))).toMatchObject([
    { rule: 'nan-when-idle', repair: expect.stringContaining(') or 0 * sum(rate(x_seconds_count{') },
  ]);
});

it('a divisor that does not count requests is not 0 without them', () => {
  const query = `max(container_memory_working_set_bytes{${CANARY}}) / max(kube_pod_container_resource_limits{${CANARY}})`;
  expect(lint(argo(only('len(result) == 1 && result[0] <= 0.9'), query))).toEqual([]);
});

it.each([
  ['outcome="SERVER_ERROR"'],
  ['grpc_code="Internal"'],
  ['status=~"502|504"'],
  ['status="503"'],
  ['result="failed"'],
])('a share of %s is empty as long as nothing has failed', (failed) => {
  const found = lint(argo({}, `${sum(failed)} / (${sum()} > 0)`));
  expect(found.map(({ rule }) => rule)).toEqual(['empty-when-healthy']);
});

it('a share that a comparison filters is empty as long as nothing has failed', () => {
  const found = lint(argo({ successCondition: 'len(result) == 1' }, `${sum('status=~"5.."')} / (${sum()} > 0) < 0.05`));
  expect(found.map(({ rule }) => rule)).toContain('empty-when-healthy');
});

describe('sums by different labels', () => {
  const byStatus = sum('status=~"5.."').replace('sum(', 'sum by (status) (');

  it.each([
    [`${byStatus} / ${sum()}`, 'the left side of / has the label status, and the right side no label'],
    [
      `100 * (${byStatus} / ${sum().replace('sum(', 'sum by (pod, route) (')}) or vector(0)`,
      'the left side of / has the label status, and the right side the labels pod, route',
    ],
  ])('%s never match', (query, message) => {
    const [found] = lint(argo({}, query)).filter(({ rule }) => rule === 'empty-when-healthy');
    expect(found?.message).toBe(`${message}: no elements match, and the result of / is always empty`);
    expect(lint(argo({}, String(found?.repair).replace('query: ', ''))).map(({ message }) => message)).not.toContain(
      found?.message,
    );
  });

  it.each([
    `${byStatus} / on () group_left ${sum()}`,
    `${byStatus} / ${sum().replace('sum(', 'sum by (status) (')}`,
    `${byStatus} / scalar(${sum()})`,
    `${byStatus} * 100`,
  ])('%s may match', (query) => {
    expect(lint(argo({}, query)).map(({ message }) => message)).not.toContainEqual(
      expect.stringContaining('no elements match'),
    );
  });
});

it('the repair of mixed pods does not repeat the label of a selector that has it', () => {
  const [found] = lint(argo({}, `${sum()} / sum(rate(http_requests_total{job="shop"}[2m]))`));
  expect(found).toMatchObject({
    rule: 'mixed-pods',
    repair: `query: ${sum()} / sum(rate(http_requests_total{job="shop",${CANARY}}[2m]))`,
  });
});

describe('the address of a Prometheus', () => {
  const found = (text: string): readonly string[] =>
    lint(text).map(({ rule, message, repair }) => `${rule}: ${message} => ${repair}`);

  it('has no path of a query, which the controllers add', () => {
    const path = 'http://thanos:9090/api/v1/query';
    expect(found(argo().replace('http://prometheus:9090', path))).toEqual([
      `invalid-address: Argo Rollouts adds /api/v1/query to ${path}: every measurement is an Error => address: http://thanos:9090`,
    ]);
    expect(found(flagger(flaggerErrors()).replace('http://prometheus:9090', path))).toEqual([
      `invalid-address: Flagger adds /api/v1/query to ${path}: every check fails => address: http://thanos:9090`,
    ]);
    const server = canary(ANALYSIS, BUILTIN, `  metricsServer: ${path}\n`);
    expect(found(server)).toEqual([
      `invalid-address: Flagger adds /api/v1/query to ${path}: every check of it fails => metricsServer: http://thanos:9090`,
    ]);
    expect(found(argo().replace('http://prometheus:9090', 'http://mimir/prometheus'))).toEqual([]);
  });

  it('has no space after its host', () => {
    expect(lint(argo().replace('http://prometheus:9090', '"http://prometheus:9090 "'))).toMatchObject([
      { rule: 'invalid-address', repair: 'address: http://prometheus:9090' },
    ]);
    expect(found(argo().replace('http://prometheus:9090', '"http://{{ args.canary-hash }}:9090/a b"'))).toEqual([]);
  });
});

it('a query of the pods of the primary alone selects no pod of the canary', () => {
  const primary = flaggerErrors('namespace="{{ namespace }}",pod=~"{{ target }}-primary-.+"');
  expect(lint(flagger(primary))).toMatchObject([
    { rule: 'no-such-pods', message: 'these are the pods of the primary, and the query selects no pod of the canary' },
  ]);
});

describe('an argument for the hash of the canary', () => {
  const given = (from: string): readonly Finding[] =>
    lint(argo() + rollout(BACKGROUND.replace('{ podTemplateHashValue: Latest }', from)));

  it('does not have the hash of stable', () => {
    expect(given('{ podTemplateHashValue: Stable }')).toMatchObject([
      { rule: 'no-such-pods', repair: 'podTemplateHashValue: Latest' },
    ]);
  });

  it('reads only labels and annotations that the Rollout has', () => {
    expect(given(`{ fieldRef: { fieldPath: "metadata.labels['pod-template-hash']" } }`)).toMatchObject([
      { rule: 'empty-argument', severity: 'warning', repair: 'valueFrom: { podTemplateHashValue: Latest }' },
    ]);
    expect(given(`{ fieldRef: { fieldPath: "metadata.annotations['rollout.argoproj.io/revision']" } }`)).toEqual([]);
    expect(given('{ fieldRef: { fieldPath: metadata.name } }')).toEqual([]);
  });
});

describe('an argument that reads a field of the Rollout', () => {
  const found = (fieldPath: string): readonly Finding[] =>
    lint(argo() + rollout(BACKGROUND.replace('podTemplateHashValue: Latest', `fieldRef: { fieldPath: ${fieldPath} }`)));

  it.each([
    ['spec.template.metadata.labels.app'],
    ['"spec.template.spec.containers[0].image"'],
    ['spec.replicas'],
    ['status.currentPodHash'],
  ])('%s has no finding', (fieldPath) => {
    expect(found(fieldPath)).toEqual([]);
  });

  it.each([
    [`"spec.template.metadata.labels['app']"`, 'error', "a field with the name 'app', quotes included"],
    ['spec.template.spec.containers', 'error', 'is not a single value'],
    [
      '"spec.template.spec.containers[1].image"',
      'warning',
      'the Rollout has no spec.template.spec.containers[1].image',
    ],
    ['spec.template.metadata.labels.version', 'warning', 'the Rollout has no spec.template.metadata.labels.version'],
  ])('%s is not read', (fieldPath, severity, message) => {
    expect(found(fieldPath)).toMatchObject([
      { rule: 'empty-argument', severity, message: expect.stringContaining(message) },
    ]);
  });

  it('the labels of a workload that the Rollout names are not known', () => {
    const text =
      argo() +
      rollout(
        BACKGROUND.replace('podTemplateHashValue: Latest', 'fieldRef: { fieldPath: spec.template.metadata.labels.v }'),
      ).replace(PODS_OF_ROLLOUT, '  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: shop }\n');
    expect(lint(text)).toEqual([]);
  });
});

describe('the steps of a Rollout', () => {
  const inSteps = (...steps: readonly string[]): readonly Finding[] =>
    lint(
      argo() +
        rollout(BACKGROUND)
          .replace(/ {6}analysis:[\s\S]*(?= {6}steps:)/, '')
          .replace(/(?<=steps:\n)[\s\S]*/, steps.map((step) => `      - ${step}\n`).join('')),
    );
  const ANALYSIS_STEP =
    'analysis: { templates: [{ templateName: gate }], args: [{ name: canary-hash, valueFrom: { podTemplateHashValue: Latest } }, { name: stable-hash, value: v1 }] }';

  it.each([
    [['setWeight: 20', ANALYSIS_STEP], []],
    [['setCanaryScale: { replicas: 1 }', ANALYSIS_STEP], ['refused-together']],
    [[ANALYSIS_STEP, 'setWeight: 20'], ['background-from-start']],
    [['setWeight: 0', 'pause: {}', ANALYSIS_STEP], ['background-from-start']],
    [[ANALYSIS_STEP.replace('valueFrom: { podTemplateHashValue: Latest }', 'value: v2'), 'setWeight: 20'], []],
  ])('%j', (steps, rules) => {
    expect(inSteps(...steps).map(({ rule }) => rule)).toEqual(rules);
  });

  it.each([
    ['templates: [{ name: canary, specRef: canary }]', ['warning endless-step']],
    ['duration: 5m, templates: [{ name: canary, specRef: canary }]', []],
    [
      'templates: [{ name: canary, specRef: canary }], analyses: [{ name: a, templateName: gate, requiredForCompletion: true, args: [{ name: canary-hash, value: v1 }, { name: stable-hash, value: v2 }] }]',
      [],
    ],
  ])('an experiment with %s', (experiment, rules) => {
    expect(
      inSteps('setWeight: 20', `experiment: { ${experiment} }`).map(({ severity, rule }) => `${severity} ${rule}`),
    ).toEqual(rules);
  });

  it('are missing, so that a background analysis ends at once', () => {
    const text = argo() + rollout(BACKGROUND).replace(/ {6}steps:[\s\S]*/, '');
    expect(lint(text)).toMatchObject([{ rule: 'skips-analysis', message: expect.stringContaining('has no steps') }]);
  });

  it('are over when a background analysis starts', () => {
    const text = argo() + rollout(BACKGROUND.replace('startingStep: 1', 'startingStep: 2'));
    expect(lint(text)).toMatchObject([
      { rule: 'skips-analysis', message: expect.stringContaining('the analysis starts after the last step') },
    ]);
  });
});

describe('a background analysis whose first measurement comes late', () => {
  const of = (steps: string): readonly string[] =>
    lint(argo({ initialDelay: '1h' }) + rollout(BACKGROUND, steps)).map(({ rule }) => rule);

  it('may measure nothing', () => {
    expect(of('      - pause: { duration: 10m }\n      - setWeight: 50\n      - pause: { duration: 600 }\n')).toEqual([
      'skips-analysis',
    ]);
  });

  it('measures if the steps pause for longer, or until somebody resumes the rollout', () => {
    expect(of('      - pause: { duration: 2h }\n')).toEqual([]);
    expect(of('      - pause: {}\n')).toEqual([]);
    expect(of('      - plugin: { name: a/b }\n')).toEqual([]);
  });
});

it('metrics that are not a list are of a wrong type', () => {
  const text =
    'apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: { name: a }\nspec: { metrics: { a: {} } }\n';
  expect(lint(text).map(({ rule }) => rule)).toEqual(['empty-spec', 'wrong-type']);
});

describe('a status that is compared with a pattern as a text', () => {
  it.each([
    ['status="5.."', 'empty-when-healthy', 'status=~"5.."'],
    ['status="500|502"', 'empty-when-healthy', 'status=~"500|502"'],
    ['status!="5.*"', 'same-above-and-below', 'status!~"5.*"'],
  ])('%s is reported', (written, rule, repaired) => {
    const query = `${sum(written)} / (${sum()} > 0)`;
    expect(lint(argo({}, query))[0]).toMatchObject({
      rule,
      severity: 'error',
      repair: `query: ${query.replace(written, repaired)}`,
    });
  });

  it.each([['status!="500"'], ['version!="5.0.1"'], ['route!="a|b"']])('%s is a text', (written) => {
    const rules = lint(argo({}, `${sum(written)} / (${sum()} > 0)`)).map(({ rule }) => rule);
    expect(rules).not.toContain('same-above-and-below');
  });
});

describe('a quantile of a sum without the bounds', () => {
  const of = (inner: string): readonly Finding[] =>
    lint(argo({}, `histogram_quantile(0.95, ${inner})`)).filter(({ rule }) => rule === 'buckets-summed');

  it('is always empty', () => {
    const bucket = `rate(x_seconds_bucket{${CANARY}}[2m])`;
    expect(of(`sum(${bucket})`)).toMatchObject([
      { severity: 'error', repair: `query: histogram_quantile(0.95, sum by (le) (${bucket}))` },
    ]);
    expect(of(`sum by (route) (${bucket})`)).toMatchObject([
      { repair: `query: histogram_quantile(0.95, sum by (le, route) (${bucket}))` },
    ]);
    expect(of(`sum without (pod) (${bucket})`)).toEqual([]);
  });

  it('may be one of a native histogram', () => {
    expect(of(`sum(rate(x_seconds{${CANARY}}[2m]))`)).toEqual([]);
  });
});

it('a bound with a 0 at its end has no bucket', () => {
  const bound = (le: string): string => `sum(rate(x_seconds_bucket{${CANARY},le="${le}"}[2m]))`;
  expect(lint(argo({}, bound('0.50')))).toMatchObject([{ rule: 'whole-bound', repair: `query: ${bound('0.5')}` }]);
  expect(lint(argo({}, bound('0.05')))).toEqual([]);
});

it('the name of a function is not a time', () => {
  const text = argo().replace(
    '        query: |',
    '        rangeQuery: { start: \'now() - duration("5m")\', end: now, step: 1m }\n        query: |',
  );
  expect(lint(text)).toMatchObject([{ rule: 'invalid-range', repair: 'end: now()' }]);
});

it('a condition that YAML cuts off at a # is said to be so', () => {
  const [found] = lint(argo(only('all(result, # < 0.01)')));
  expect(found).toMatchObject({
    rule: 'invalid-condition',
    message: expect.stringMatching(/unexpected end; in YAML, # after a space begins a comment$/),
  });
});

it('the repair of a condition with # is in quotes', () => {
  const range = argo(only("'all(result, # < 0.01)'")).replace(
    '        query:',
    '        rangeQuery: { start: \'now() - duration("5m")\', end: now(), step: 1m }\n        query:',
  );
  const [found] = lint(range);
  expect(parse(String(found?.repair))).toEqual({
    successCondition: 'len(result) > 0 && (all(result, # < 0.01))',
    failureCondition: 'len(result) > 0 && !(all(result, # < 0.01))',
  });
});

describe('a Canary whose router', () => {
  const CANARY_OF = (provider: string, analysis: string, metrics = BUILTIN): readonly Finding[] =>
    lint(
      canary(`interval: 150s\nthreshold: 2\n${analysis}`, metrics, provider === '' ? '' : `  provider: ${provider}\n`),
    );
  const MATCH = 'match: [{ headers: { x-canary: { exact: insider } } }]';
  const LOAD = 'webhooks: [{ name: load, url: "http://loadtester.test/" }]';

  it.each([
    ['istio', `iterations: 5\n${MATCH}`, []],
    ['gloo', `iterations: 5\n${MATCH}`, []],
    ['linkerd', `iterations: 5\n${MATCH}`, ['refused-together']],
    ['linkerd', `stepWeight: 20\n${MATCH}`, []],
    ['smi:v1alpha2', `iterations: 5\n${MATCH}`, ['refused-together']],
    ['istio', 'stepWeight: 20\nmirror: true', []],
    ['', 'stepWeight: 20\nmirror: true', []],
    ['linkerd', 'stepWeight: 20\nmirror: true', ['refused-together']],
    ['linkerd', 'stepWeight: 20\nmirror: false', []],
    ['linkerd', 'stepWeights: []', ['no-weights']],
    ['istio', 'iterations: 5', ['no-weights']],
    ['linkerd', 'iterations: 5\nmirror: true', ['no-weights']],
    ['istio', 'iterations: 5\nmirror: true', []],
    ['istio', `iterations: 5\n${LOAD}`, []],
    ['istio', `iterations: 5\n${LOAD.replace('url:', 'type: pre-rollout, url:')}`, ['no-weights']],
  ])('is that of %s, with %j', (provider, analysis, rules) => {
    expect(CANARY_OF(provider, analysis).map(({ rule }) => rule)).toEqual(rules);
  });

  it('has blue and green needs requests only for a built-in check', () => {
    const found = CANARY_OF('linkerd', 'iterations: 5', BY_TEMPLATE).map(({ rule }) => rule);
    expect(found).toEqual(['missing-template']);
  });
});

it.each([
  ['10s', [{ rule: 'short-window', severity: 'warning', repair: 'interval: 1m' }]],
  ['30s', []],
])('a built-in check that looks back %s', (interval, found) => {
  expect(lint(canary(ANALYSIS, `${BUILTIN}\n  interval: ${interval}`))).toMatchObject(found);
});

it('a reference to a MetricTemplate without a name is incomplete', () => {
  const metrics = BY_TEMPLATE.replace('{ name: errors }', '{}');
  expect(lint(canary(ANALYSIS, metrics))).toMatchObject([
    { rule: 'missing-field', message: expect.stringContaining('templateRef lacks name') },
  ]);
});

it('the repair of a quantile of counters without a window has none', () => {
  const found = lint(argo({}, `histogram_quantile(0.95, sum by (le) (x_seconds_bucket{${CANARY}}))`));
  expect(found.find(({ rule }) => rule === 'quantile')?.repair).toContain(
    `sum(x_seconds_bucket{${CANARY},le="0.01"}) / sum(x_seconds_bucket{${CANARY},le="+Inf"})`,
  );
});

it.each([
  ['deployment="{{ target }}-canary"', 'deployment="{{ target }}"', 'no workload is named so'],
  ['destination_workload=~"{{ target }}-primary"', 'destination_workload="{{ target }}"', 'of the primary'],
])('a query for the workload %s selects no pod of the canary', (written, repaired, message) => {
  const query = flaggerErrors(`namespace="{{ namespace }}",${written}`);
  expect(lint(flagger(query)).filter(({ rule }) => rule === 'no-such-pods')).toMatchObject([
    { message: expect.stringContaining(message), repair: `query: ${query.replaceAll(written, repaired)}` },
  ]);
});

it.each([
  ['process_resident_memory_bytes', true],
  ['container_memory_working_set_bytes', true],
  ['process_cpu_seconds_total', false],
  ['container_memory_failures_total', false],
  ['nodejs_eventloop_lag_seconds_count', false],
])('the increase of %s', (metric, isGauge) => {
  const rules = lint(argo({}, `max(increase(${metric}{${CANARY}}[2m]))`)).map(({ rule }) => rule);
  expect(rules.includes('rate-of-gauge')).toBe(isGauge);
});

it('a query for a workload beside the target has no finding', () => {
  const found = lint(flagger(flaggerErrors('deployment="{{ target }}-worker"')));
  expect(found.map(({ rule }) => rule)).not.toContain('no-such-pods');
});

it('a sum by namespace has one element, because a release is in one namespace', () => {
  const query = ERRORS.replaceAll('sum(', 'sum by (namespace) (');
  expect(lint(argo({}, query))).toEqual([]);
  expect(lint(argo({}, query.replaceAll('namespace', 'route'))).map(({ rule }) => rule)).toContain('several-series');
});

it('a quantile in milliseconds that is compared with seconds is said to be so', () => {
  const query = `histogram_quantile(0.95, sum by (le) (rate(x_milliseconds_bucket{${CANARY}}[2m])))`;
  const found = (bound: number): Finding | undefined =>
    lint(
      argo({ successCondition: `len(result) == 1 && result[0] <= ${bound}`, failureCondition: undefined }, query),
    ).find(({ rule }) => rule === 'quantile');
  expect(found(0.5)?.message).toContain('in milliseconds, and is compared with 0.5 ms');
  expect(found(0.5)?.repair).toContain('here 500 ms');
  expect(found(300)?.message).not.toContain('in milliseconds');
  expect(found(300)?.repair).toContain('here 300 ms');
});

it('the conditions of a range have a repair for more than one number', () => {
  const range = argo(only("'mean(result) <= 0.01'")).replace(
    '        query:',
    '        rangeQuery: { start: \'now() - duration("5m")\', end: now(), step: 1m }\n        query:',
  );
  expect(lint(range)).toMatchObject([
    {
      rule: 'success-on-empty',
      repair:
        'successCondition: len(result) > 0 && (mean(result) <= 0.01)\nfailureCondition: len(result) > 0 && !(mean(result) <= 0.01)',
    },
  ]);
});

it('a query that an argument gives as a whole is not known', () => {
  expect(lint(argo({}, '{{args.query}}', '  - name: query\n'))).toEqual([]);
});

it('a variable of a dashboard is named', () => {
  const query = sum().replace('[2m]', '[$__rate_interval]');
  expect(lint(argo({}, query))).toMatchObject([
    {
      rule: 'promql-syntax',
      repair: 'write a value in place of $__rate_interval, which the controller does not fill in',
    },
  ]);
});

it('several series are not taken for a bound that condemns health', () => {
  const query = `histogram_quantile(0.95, sum by (le, route) (rate(x_seconds_bucket{${CANARY}}[2m])))`;
  const found = lint(argo(only('len(result) == 1 && result[0] <= 0.3'), query)).map(({ rule }) => rule);
  expect(found).toContain('several-series');
  expect(found).not.toContain('condemns-health');
});
