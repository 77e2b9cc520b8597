import { describe, expect, it } from 'vitest';
import type { Mapping } from '../read.js';
import { checkAnalysis } from './check-analysis.js';

const CONSEQUENCE = ': Argo Rollouts refuses the analysis';
const faultsIn = (spec: Mapping): readonly string[] =>
  checkAnalysis({ spec }).map(({ rule, message }) => `${rule} ${message.replace(CONSEQUENCE, '')}`);
const PROMETHEUS = { provider: { prometheus: { query: 'up' } } };
const faultsOf = (metric: Mapping): readonly string[] => faultsIn({ metrics: [{ ...PROMETHEUS, ...metric }] });

describe('templates', () => {
  it.each<[string, Mapping, readonly string[]]>([
    ['with a metric', { metrics: [PROMETHEUS] }, []],
    ['with another template', { templates: [{ templateName: 'a' }] }, []],
    ['without metrics', {}, ['missing-field spec lacks metrics']],
    ['with an empty list of metrics', { metrics: [] }, ['missing-field spec.metrics is empty']],
    [
      'with another template without a name',
      { templates: [{}] },
      ['missing-field spec.templates[0] lacks templateName'],
    ],
    [
      'with an argument from two places',
      { metrics: [PROMETHEUS], args: [{ value: '1' }, { value: '1', valueFrom: {} }] },
      ['refused-together spec.args[1] has both value and valueFrom'],
    ],
    [
      'with two rules of one name',
      {
        metrics: [PROMETHEUS],
        dryRun: [{ metricName: 'a' }, { metricName: 'b' }, { metricName: 'a' }],
        measurementRetention: [{ metricName: 'a' }],
      },
      ['refused-value spec.dryRun[2].metricName repeats a'],
    ],
    ['with something that is no metric', { metrics: ['a'] }, []],
  ])('%s', (_, spec, faults) => {
    expect(faultsIn(spec)).toEqual(faults);
  });

  it('say what happens, and which fields are missing', () => {
    expect(checkAnalysis({ spec: {} })[0]).toMatchObject({
      message: `spec lacks metrics${CONSEQUENCE}`,
      fields: ['metrics', 'templates'],
    });
    expect(checkAnalysis({ spec: { metrics: [] } })[0]).not.toHaveProperty('fields');
  });
});

describe('a metric', () => {
  it.each<[string, Mapping, readonly string[]]>([
    ['of one provider', {}, []],
    ...[
      'prometheus',
      'job',
      'web',
      'wavefront',
      'kayenta',
      'datadog',
      'newRelic',
      'cloudWatch',
      'graphite',
      'influxdb',
      'skywalking',
    ].map((name): [string, Mapping, readonly string[]] => [`of ${name}`, { provider: { [name]: {} } }, []]),
    ['of a patch, without a provider', { provider: undefined }, []],
    ['of a plugin', { provider: { plugin: { mine: {} } } }, []],
    ['of no provider', { provider: {} }, ['missing-field spec.metrics[0].provider names no provider']],
    ['of another provider', { provider: { zabbix: {} } }, ['missing-field spec.metrics[0].provider names no provider']],
    [
      'of two providers',
      { provider: { web: {}, prometheus: {} } },
      ['refused-together spec.metrics[0].provider names prometheus and web'],
    ],
    [
      'of a provider and a plugin',
      { provider: { web: {}, plugin: { mine: {} } } },
      ['refused-together spec.metrics[0].provider names web and mine'],
    ],
  ])('%s', (_, metric, faults) => {
    expect(faultsOf(metric)).toEqual(faults);
  });

  it.each<[Mapping, readonly string[]]>([
    [{ count: 3, failureLimit: 3 }, []],
    [{ count: '3', failureLimit: '+1' }, []],
    [{ count: 0, failureLimit: 3 }, []],
    [{ failureLimit: 3, inconclusiveLimit: 4, consecutiveErrorLimit: 5 }, []],
    [{ failureLimit: -1, consecutiveSuccessLimit: 2 }, []],
    [{ count: 3, failureLimit: 1, consecutiveSuccessLimit: 2 }, []],
    [{ count: 3, inconclusiveLimit: 3 }, []],
    [{ count: '{{ args.count }}', failureLimit: -5 }, []],
    [{ count: 'many' }, ['refused-value spec.metrics[0].count is many: Argo Rollouts takes it for 0']],
    [{ failureLimit: -2 }, ['refused-value spec.metrics[0].failureLimit is -2']],
    [{ inconclusiveLimit: -1 }, ['refused-value spec.metrics[0].inconclusiveLimit is -1']],
    [{ consecutiveErrorLimit: -1 }, ['refused-value spec.metrics[0].consecutiveErrorLimit is -1']],
    [{ consecutiveSuccessLimit: '-1' }, ['refused-value spec.metrics[0].consecutiveSuccessLimit is -1']],
    [
      { failureLimit: -2, consecutiveErrorLimit: -1, count: -1 },
      ['refused-value spec.metrics[0].failureLimit is -2', 'refused-value spec.metrics[0].consecutiveErrorLimit is -1'],
    ],
    [
      { consecutiveErrorLimit: -1, count: 1, failureLimit: 2 },
      ['refused-value spec.metrics[0].consecutiveErrorLimit is -1'],
    ],
    [
      { failureLimit: -1 },
      [
        'refused-together spec.metrics[0].failureLimit is -1 without a consecutiveSuccessLimit, so the metric cannot end',
      ],
    ],
    [
      { count: 2, failureLimit: 3 },
      ['refused-together spec.metrics[0].failureLimit makes 3 measurements necessary, and count is 2'],
    ],
    [
      { count: 2, failureLimit: 1, consecutiveSuccessLimit: 2 },
      [
        'refused-together spec.metrics[0].consecutiveSuccessLimit makes 3 measurements necessary with failureLimit, and count is 2',
      ],
    ],
    [
      { count: 1, failureLimit: 1, consecutiveSuccessLimit: 1 },
      [
        'refused-together spec.metrics[0].consecutiveSuccessLimit makes 2 measurements necessary with failureLimit, and count is 1',
      ],
    ],
    [
      { count: 2, consecutiveSuccessLimit: 3 },
      ['refused-together spec.metrics[0].consecutiveSuccessLimit makes 3 measurements necessary, and count is 2'],
    ],
    [
      { count: 2, failureLimit: -1, consecutiveSuccessLimit: 3 },
      ['refused-together spec.metrics[0].consecutiveSuccessLimit makes 3 measurements necessary, and count is 2'],
    ],
    [{ count: 2, inconclusiveLimit: 3 }, ['refused-together spec.metrics[0].inconclusiveLimit is 3, and count is 2']],
  ])('with %j', (metric, faults) => {
    expect(faultsOf(metric)).toEqual(faults);
  });

  it('that cannot reach its limits is repaired by its count, or by its limit', () => {
    const repairOf = (metric: Mapping) =>
      checkAnalysis({ spec: { metrics: [{ ...PROMETHEUS, ...metric }] } })[0]?.repair;
    expect(repairOf({ count: 2, failureLimit: 3 })).toBe('count: 3');
    expect(repairOf({ count: 2, inconclusiveLimit: 3 })).toBe('inconclusiveLimit: 1');
    expect(repairOf({ failureLimit: -2 })).toBe('write -1 or more');
  });
});
