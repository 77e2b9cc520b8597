import { describe, expect, it } from 'vitest';
import {
  type AutoscaleOptions,
  parseAutoscale,
  parseWorkload,
  podLabels,
  targetOf,
  type WorkloadOptions,
  workloadsOf,
} from './workload.js';

describe('an existing Deployment', () => {
  it('has pods with its name as their label, if nothing else is said', () => {
    expect(parseWorkload({ deployment: 'web' })).toEqual({
      deployment: 'web',
      labels: { app: 'web' },
      scaleDown: 'onsuccess',
    });
    expect(parseWorkload({ deployment: 'web', labels: { tier: 'front' }, scaleDown: 'never' })).toEqual({
      deployment: 'web',
      labels: { tier: 'front' },
      scaleDown: 'never',
    });
    expect(parseWorkload(undefined)).toBeUndefined();
  });

  it.each<[options: WorkloadOptions, message: string]>([
    [{}, 'workload.deployment must be a Kubernetes name'],
    [{ deployment: 'Web' }, 'workload.deployment must be a Kubernetes name'],
    [{ deployment: 'web', labels: { app: 'a b' } }, 'workload.labels.app must be the value of a Kubernetes label'],
    [{ deployment: 'web', labels: { 'a b': 'c' } }, 'workload.labels must be keyed by Kubernetes labels'],
  ])('is refused with %j', (options, message) => {
    expect(() => parseWorkload(options)).toThrow(message);
  });
});

describe('the pods of a release', () => {
  const workload = parseWorkload({ deployment: 'web' });

  it('have the labels of the Deployment, or the name of the release', () => {
    expect(podLabels({ name: 'shop', workload })).toEqual({ app: 'web' });
    expect(podLabels({ name: 'shop', workload: undefined })).toEqual({ app: 'shop' });
  });

  it('come from the Rollout and from the Deployment', () => {
    expect(workloadsOf({ name: 'shop', workload })).toEqual(['shop', 'web']);
    expect(workloadsOf({ name: 'web', workload })).toEqual(['web']);
    expect(workloadsOf({ name: 'shop', workload: undefined })).toEqual(['shop']);
  });

  it('come from the Deployment that Flagger watches', () => {
    expect([targetOf({ name: 'shop', workload }), targetOf({ name: 'shop', workload: undefined })]).toEqual([
      'web',
      'shop',
    ]);
  });
});

describe('an autoscaler', () => {
  it.each<[options: AutoscaleOptions, parsed: object]>([
    [{ max: 10 }, { min: 2, max: 10, cpu: 70, cpuRequest: '250m' }],
    [{ max: 1 }, { min: 1, max: 1, cpu: 70, cpuRequest: '250m' }],
    [
      { min: 3, max: 3, cpu: 50, cpuRequest: '1.5' },
      { min: 3, max: 3, cpu: 50, cpuRequest: '1.5' },
    ],
  ])('%j', (options, parsed) => {
    expect(parseAutoscale(options, undefined)).toEqual(parsed);
  });

  it.each<[options: AutoscaleOptions, message: string]>([
    [{}, 'autoscale.max must be given with autoscale'],
    [{ min: 4, max: 3 }, 'autoscale.max must be at least autoscale.min: 4, got 3'],
    ...['0', '0.0', '0m', '1.2345', '1.5m', '-1', '1Gi', ''].map((cpuRequest): [AutoscaleOptions, string] => [
      { max: 3, cpuRequest },
      'autoscale.cpuRequest must be an amount of CPU, such as 250m or 1.5',
    ]),
  ])('is refused with %j', (options, message) => {
    expect(() => parseAutoscale(options, undefined)).toThrow(message);
  });

  it('sets the number of pods alone', () => {
    expect(() => parseAutoscale({ max: 3 }, 3)).toThrow(
      'replicas must be left out: autoscale sets the number of pods, got 3',
    );
    expect(parseAutoscale(undefined, 3)).toBeUndefined();
  });
});
