import { analyzeFlagger, createPastClock, type KubernetesObject, lintTemplates } from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Random, randomOf } from '../../support/random.js';
import { type Reply, type ScriptedPrometheus, startScriptedPrometheus } from '../../support/scripted-prometheus.js';
import { expectAgreement, outcomesOf } from './agreement.js';

const CANARIES = Number(process.env.CANARIES ?? 40);

// Results for a canary that fails none, some, half or all of its requests, has no requests, or is not scraped, and no vector.
const ANSWERS: readonly Reply[] = [
  [0],
  [0.5],
  [50],
  [100],
  ['NaN'],
  [],
  { data: { resultType: 'scalar', result: [0, '0'] } },
];

// These rules find templates that promote a bad canary, or that never measure.
const PROMOTING =
  /^(?:skips-analysis|no-threshold-range|accepts-failure|hides-unscraped|fractional-milliseconds|fixed-window)$/;

const CANARY = 'pod=~"{{ target }}-[bcdfghjklmnpqrstvwxz2456789]+-[bcdfghjklmnpqrstvwxz2456789]{5}"';
const sum = (matcher = '', window = '{{ interval }}'): string =>
  `sum(rate(http_requests_total{namespace="{{ namespace }}",${CANARY}${matcher}}[${window}]))`;
const ERRORS = `(${sum(',status=~"5.."')} or 0 * ${sum()}) / (${sum()} > 0) * 100 or 0 * ${sum()}`;
const QUERIES = [
  ERRORS,
  `${sum(',status=~"5.."')} / ${sum()}`,
  `${sum()} /`,
  `# all of it\n${ERRORS}`,
  ERRORS.replaceAll('{{ interval }}', '{{ variables.window }}'),
  ERRORS.replaceAll('{{ namespace }}', '{{ .namespace }}'),
  ERRORS.replaceAll('{{ namespace }}', '{{ args.namespace }}'),
  ERRORS.replaceAll('{{ namespace }}', '{{ printf "%s" namespace }}'),
  ERRORS.replaceAll('{{ namespace }}', '{{ namespace'),
  `scalar(${ERRORS})`,
  '',
];

/** Returns a value that is mostly valid. */
function mostly<T>(random: Random, sound: T, pool: readonly T[]): T {
  return random.chance(0.8) ? sound : random.pick(pool);
}

function metricOf(random: Random): object {
  const name = mostly(random, 'errors', ['request-success-rate', 'request-duration', 'error-rate']);
  const own = mostly<object>(random, { templateRef: { name: 'errors' } }, [
    {},
    { templateRef: { name: 'missing' } },
    { templateRef: { name: 'errors', namespace: 'other' } },
    { query: ERRORS },
  ]);
  const bounds = mostly<object>(random, { thresholdRange: { max: 1 } }, [
    {},
    { threshold: 99 },
    { threshold: 0.5 },
    { thresholdRange: {} },
    { thresholdRange: { min: 99 } },
    { thresholdRange: { min: 0, max: 0.5 } },
  ]);
  const interval = mostly<object>(random, { interval: '1m' }, [{}, { interval: '30s' }, { interval: 'soon' }]);
  const variables = mostly<object>(random, { templateVariables: { window: '1m' } }, [{}]);
  return { name, ...own, ...bounds, ...interval, ...variables };
}

function objectsOf(random: Random): readonly KubernetesObject[] {
  const weights = mostly<object>(random, { stepWeights: [5, 20, 50] }, [
    { stepWeight: 10, maxWeight: 50 },
    { iterations: 3 },
    { iterations: 3, match: [{ headers: { 'x-canary': { exact: 'always' } } }] },
    { stepWeight: 10, mirror: true },
    {},
  ]);
  const analysis = {
    interval: mostly(random, '90s', ['1m', '5s', 'soon']),
    threshold: mostly(random, 3, [0, 1]),
    ...weights,
    metrics: [metricOf(random), ...(random.chance(0.2) ? [metricOf(random)] : [])],
  };
  const provider = mostly(random, 'nginx', ['istio', 'kubernetes', 'gatewayapi:v1', 'nowhere']);
  const canary = {
    provider,
    ...mostly<object>(random, { metricsServer: 'http://prometheus:9090' }, [{}, { metricsServer: 'prometheus:9090' }]),
    ...mostly<object>(random, {}, [{ skipAnalysis: true }]),
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' },
    ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'shop' },
    service: { port: 80 },
    ...mostly<object>(random, { analysis }, [{ canaryAnalysis: analysis }, {}]),
  };
  const address = mostly<object>(random, { address: 'http://prometheus:9090' }, [{}, { address: 'prometheus' }]);
  const type = mostly(random, 'prometheus', ['datadog', 'unheard-of']);
  const template = { provider: { type, ...address }, query: mostly(random, ERRORS, QUERIES) };
  return [objectOf('Canary', 'shop', canary), objectOf('MetricTemplate', 'errors', template)];
}

function objectOf(kind: string, name: string, spec: object): KubernetesObject {
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind,
    metadata: { name, namespace: 'shop' },
    spec: spec as KubernetesObject['spec'],
  };
}

describe('generated Canaries', () => {
  let prometheus: ScriptedPrometheus | undefined;
  let answer: Reply = [];
  beforeAll(async () => {
    prometheus = await startScriptedPrometheus(() => answer);
  });
  afterAll(() => prometheus?.close());

  async function outcomes([canary, ...templates]: readonly KubernetesObject[]): Promise<readonly string[]> {
    return outcomesOf(ANSWERS, (each) => {
      answer = each;
      return analyzeFlagger({
        canary: canary as KubernetesObject,
        templates,
        prometheus: prometheus?.address ?? '',
        clock: createPastClock(1000),
        cutAt: 10_000,
      });
    });
  }

  it('with an error of lint are not promoted by every result, and without a finding can be analyzed', {
    timeout: 120_000,
  }, async () => {
    const random = randomOf(15);
    const kinds = { clean: 0, errors: 0 };
    for (let i = 0; i < CANARIES; i += 1) {
      const objects = objectsOf(random);
      const text = objects.map((object) => stringify(object, { version: '1.1' })).join('---\n');
      const findings = lintTemplates([{ file: 'release.yaml', text }]);
      const isExcused = findings.some(({ rule }) => PROMOTING.test(rule));
      expectAgreement(text, findings, await outcomes(objects), isExcused, kinds);
    }
    // The generator must make both kinds, because otherwise the test proves nothing.
    expect(kinds.clean).toBeGreaterThan(CANARIES / 20);
    expect(kinds.errors).toBeGreaterThan(CANARIES / 4);
  });
});
