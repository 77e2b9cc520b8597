import { isMapping } from '@coalmine/options';
import { type Fault, showValue } from '../fault.js';
import { has, listAt, type Mapping, mappingAt, textAt } from '../read.js';
import { createRefuse } from '../refuse.js';
import type { Path } from '../yaml.js';

const PROVIDERS = [
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
];

const COUNTS = [
  'count',
  'failureLimit',
  'inconclusiveLimit',
  'consecutiveErrorLimit',
  'consecutiveSuccessLimit',
] as const;

type Count = (typeof COUNTS)[number];

/** Returns why an analysis of these templates is an Error, although they fit their schema. */
export function checkAnalysis(template: Mapping): readonly Fault[] {
  const faults: Fault[] = [];
  const spec = mappingAt(template, 'spec');
  const metrics = listAt(spec, 'metrics');
  const refuse = createRefuse(faults, 'Argo Rollouts refuses the analysis');
  if (metrics.length === 0 && listAt(spec, 'templates').length === 0) {
    const isEmpty = has(spec, 'metrics');
    refuse(
      'missing-field',
      isEmpty ? ['spec', 'metrics'] : ['spec'],
      isEmpty ? 'is empty' : 'lacks metrics',
      'add a metric',
      { fields: isEmpty ? undefined : ['metrics', 'templates'] },
    );
  }
  for (const [i, metric] of metrics.entries()) {
    if (!isMapping(metric)) continue;
    checkProviders(metric, ['spec', 'metrics', i]);
    checkCounts(metric, ['spec', 'metrics', i]);
  }
  for (const [i, argument] of listAt(spec, 'args').entries()) {
    if (has(argument, 'value') && has(argument, 'valueFrom')) {
      refuse('refused-together', ['spec', 'args', i], 'has both value and valueFrom', 'keep one of them');
    }
  }
  for (const field of ['dryRun', 'measurementRetention']) {
    const names = listAt(spec, field).map((each) => textAt(each, 'metricName'));
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) !== i)
        refuse(
          'refused-value',
          ['spec', field, i, 'metricName'],
          `repeats ${showValue(name)}`,
          'remove one of the two',
        );
    }
  }
  for (const [i, nested] of listAt(spec, 'templates').entries()) {
    if (textAt(nested, 'templateName') === '') {
      refuse('missing-field', ['spec', 'templates', i], 'lacks templateName', 'add templateName', {
        fields: ['templateName'],
      });
    }
  }
  return faults;

  function checkProviders(metric: Mapping, path: Path): void {
    if (!has(metric, 'provider')) return;
    const provider = mappingAt(metric, 'provider');
    const plugins = Object.keys(mappingAt(provider, 'plugin'));
    const given = [...PROVIDERS.filter((name) => has(provider, name)), ...plugins];
    if (given.length === 0) {
      refuse(
        'missing-field',
        [...path, 'provider'],
        'names no provider',
        `add one of ${[...PROVIDERS, 'plugin'].join(', ')}`,
        { fields: [...PROVIDERS, 'plugin'] },
      );
    } else if (given.length > 1) {
      refuse('refused-together', [...path, 'provider'], `names ${given.join(' and ')}`, 'write a metric for each');
    }
  }

  function checkCounts(metric: Mapping, path: Path): void {
    const counts = {} as Record<Count, number>;
    for (const field of COUNTS) {
      const value = metric[field];
      // An argument is filled in when the analysis runs.
      if (typeof value === 'string' && value.includes('{{')) return;
      counts[field] = countOf(value);
      if (typeof value === 'string' && !/^[-+]?\d+$/.test(value)) {
        const consequence = 'Argo Rollouts takes it for 0';
        refuse('refused-value', [...path, field], `is ${showValue(value)}`, 'write a whole number', { consequence });
      }
    }
    checkLimits(counts, path);
  }

  function checkLimits(counts: Readonly<Record<Count, number>>, path: Path): void {
    const { count, failureLimit, inconclusiveLimit, consecutiveErrorLimit, consecutiveSuccessLimit } = counts;
    for (const [field, least] of [
      ['failureLimit', -1],
      ['inconclusiveLimit', 0],
      ['consecutiveErrorLimit', 0],
      ['consecutiveSuccessLimit', 0],
    ] as const) {
      if (counts[field] < least)
        refuse('refused-value', [...path, field], `is ${counts[field]}`, `write ${least} or more`);
    }
    if (consecutiveErrorLimit < 0 || inconclusiveLimit < 0 || failureLimit < -1 || consecutiveSuccessLimit < 0) return;
    if (failureLimit === -1 && consecutiveSuccessLimit === 0) {
      return refuse(
        'refused-together',
        [...path, 'failureLimit'],
        'is -1 without a consecutiveSuccessLimit, so the metric cannot end',
        'add consecutiveSuccessLimit, or write a failureLimit of 0 or more',
      );
    }
    if (count <= 0) return;
    const most = Math.max(failureLimit, 0) + consecutiveSuccessLimit;
    if (count < most) {
      const field = consecutiveSuccessLimit > 0 ? 'consecutiveSuccessLimit' : 'failureLimit';
      refuse(
        'refused-together',
        [...path, field],
        `makes ${most} measurements necessary${failureLimit > 0 && consecutiveSuccessLimit > 0 ? ' with failureLimit' : ''}, and count is ${count}`,
        `count: ${most}`,
      );
    } else if (count < inconclusiveLimit) {
      refuse(
        'refused-together',
        [...path, 'inconclusiveLimit'],
        `is ${inconclusiveLimit}, and count is ${count}`,
        `inconclusiveLimit: ${count - 1}`,
      );
    }
  }
}

function countOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^[-+]?\d+$/.test(value) ? Number(value) : 0;
}
