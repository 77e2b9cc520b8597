import { analyzeArgo, createPastClock, type KubernetesObject, lintTemplates } from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Random, randomOf } from '../../support/random.js';
import { type Reply, type ScriptedPrometheus, startScriptedPrometheus } from '../../support/scripted-prometheus.js';
import { expectAgreement, outcomesOf } from './agreement.js';

const TEMPLATES = Number(process.env.TEMPLATES ?? 80);

// Results for a canary that fails none, half or all of its requests, has no requests, or is not scraped.
const ANSWERS: readonly Reply[] = [[0], [0.5], [1], ['NaN'], []];

// These rules find templates that promote a bad canary, or that never measure.
const PROMOTING = /^(?:no-condition|success-on-(?:empty|nan)|accepts-failure|hides-unscraped|limit-beyond-count)$/;

const POOLS = {
  count: [null, null, 1, 3, '3', 0, '{{args.n}}', -1, 'three'],
  interval: [null, '10s', '10s', '0.5m', '10', 'soon'],
  initialDelay: [null, '150s', '150s', '2m30s', '10', 'later'],
  failureLimit: [null, 0, 1, 1, 5, -1],
  inconclusiveLimit: [null, 0, 2, 2, 7],
  consecutiveErrorLimit: [null, null, 4, 20, -1],
} as const;

const GUARDED = 'len(result) == 1 && result[0]';
const CONDITIONS = [
  `${GUARDED} <= 0.01`,
  `${GUARDED} <= 0.01`,
  'result[0] <= 0.01',
  'result[0] < {{args.limit}}',
  'len(result) == 0 || result[0] <= 0.01',
  'isNaN(result[0]) || result[0] < 0.01',
  'default(result[0], 0) <= 0.01',
  'let share = result[0]; share <= 0.01',
  'all(result, # <= 0.01)',
  'sum(result) <= 0.01',
  'result <= 0.01',
  'result[0] <=',
  'len(keys({a: result[0]})) == 1',
] as const;

const CANARY = 'rollouts_pod_template_hash="{{args.hash}}"';
const sum = (matcher = ''): string => `sum(rate(http_requests_total{${CANARY}${matcher}}[2m]))`;
const ERRORS = `(${sum(',status=~"5.."')} or 0 * ${sum()}) / (${sum()} > 0) or 0 * ${sum()}`;
const QUERIES = [ERRORS, ERRORS, `${sum(',status=~"5.."')} / ${sum()}`, `${sum()} /`, 'up'] as const;

// A template without a fault.
const SOUND = {
  count: 5,
  interval: '30s',
  initialDelay: '150s',
  failureLimit: 1,
  inconclusiveLimit: 2,
  consecutiveErrorLimit: null,
};

/** Returns a value that is mostly valid. */
function mostly<T>(random: Random, sound: T, pool: readonly T[]): T {
  return random.chance(0.85) ? sound : random.pick(pool);
}

function providerOf(random: Random): object {
  const address = mostly(random, 'http://prometheus:9090', [null, '', 'prometheus:9090']);
  const prometheus = { ...(address === null ? {} : { address }), query: mostly(random, ERRORS, QUERIES) };
  const web = { url: 'http://shop/health', jsonPath: '{$.ok}' };
  return mostly<object>(random, { prometheus }, [{ prometheus, web }, { web }, {}]);
}

function templateOf(random: Random): KubernetesObject {
  const fields = Object.entries(POOLS).map(([field, pool]) => [
    field,
    mostly<unknown>(random, SOUND[field as keyof typeof POOLS], pool),
  ]);
  const metric = {
    name: 'errors',
    ...Object.fromEntries(fields.filter(([, value]) => value !== null)),
    successCondition: mostly(random, `${GUARDED} <= 0.01`, [...CONDITIONS, '']),
    failureCondition: mostly(random, `${GUARDED} > 0.01`, [...CONDITIONS, '']),
    provider: providerOf(random),
  };
  const rules = mostly<object>(random, {}, [{ dryRun: [{ metricName: 'errors' }] }, { dryRun: [{ metricName: 'x' }] }]);
  const args = [
    { name: 'hash' },
    { name: 'n', value: '3' },
    ...(random.chance(0.8) ? [{ name: 'limit', value: '0.01' }] : []),
  ];
  const spec = { args, ...rules, metrics: [metric] };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name: 'gate' },
    // The object as a file would have it: without undefined fields.
    spec: JSON.parse(JSON.stringify(spec)) as KubernetesObject['spec'],
  };
}

describe('generated templates', () => {
  let prometheus: ScriptedPrometheus | undefined;
  let answer: Reply = [];
  beforeAll(async () => {
    prometheus = await startScriptedPrometheus(() => answer);
  });
  afterAll(() => prometheus?.close());

  async function outcomes(template: KubernetesObject): Promise<readonly string[]> {
    return outcomesOf(ANSWERS, (each) => {
      answer = each;
      return analyzeArgo({
        templates: [template],
        args: { hash: 'abc' },
        prometheus: prometheus?.address ?? '',
        clock: createPastClock(1000),
        endAt: 2000,
      });
    });
  }

  it('with an error of lint are not promoted by every result, and without a finding can be analyzed', {
    timeout: 120_000,
  }, async () => {
    const random = randomOf(15);
    const kinds = { clean: 0, errors: 0 };
    for (let i = 0; i < TEMPLATES; i += 1) {
      const template = templateOf(random);
      const text = stringify(template, { version: '1.1' });
      const findings = lintTemplates([{ file: 'gate.yaml', text }]);
      const isExcused = findings.some(({ rule, severity }) => severity === 'error' && PROMOTING.test(rule));
      expectAgreement(text, findings, await outcomes(template), isExcused, kinds);
    }
    // The generator must make both kinds, because otherwise the test proves nothing.
    expect(kinds.clean).toBeGreaterThan(TEMPLATES / 40);
    expect(kinds.errors).toBeGreaterThan(TEMPLATES / 4);
  });
});
