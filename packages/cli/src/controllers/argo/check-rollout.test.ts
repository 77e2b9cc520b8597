import { describe, expect, it } from 'vitest';
import type { Mapping } from '../read.js';
import { checkRollout } from './check-rollout.js';

const REFUSES = /: Argo Rollouts refuses the Rollout(?: \(InvalidSpec\))?$/;
const LABELS = { app: 'shop' };
const PODS = {
  selector: { matchLabels: LABELS },
  template: { metadata: { labels: LABELS }, spec: { containers: [{ name: 'app', image: 'shop:v1' }] } },
};
const REFERENCE = { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' } };

const faultsIn = (spec: Mapping): readonly string[] =>
  checkRollout({ spec }).map(({ rule, message }) => `${rule} ${message.replace(REFUSES, '')}`);
/** Returns what is wrong with a Rollout that has these fields beside its pods. */
const faultsOf = (spec: Mapping): readonly string[] => faultsIn({ ...PODS, strategy: { canary: {} }, ...spec });

describe('a Rollout', () => {
  it.each<[string, Mapping, readonly string[]]>([
    ['with pods and a strategy', { ...PODS, strategy: { canary: {} } }, []],
    ['of a workload', { ...REFERENCE, strategy: { canary: {} } }, []],
    ['that is an excerpt', { strategy: { canary: { steps: [{ setWeight: 5 }] } } }, []],
    ['that is an excerpt, with a fault', { strategy: {} }, ['missing-field spec.strategy lacks canary or blueGreen']],
    ['without a strategy', PODS, ['missing-field spec lacks strategy']],
    [
      'without a template',
      { selector: { matchLabels: LABELS }, strategy: { canary: {} } },
      ['missing-field spec lacks template'],
    ],
    [
      'without a selector',
      { template: PODS.template, strategy: { canary: {} } },
      ['missing-field spec lacks selector'],
    ],
    [
      'whose pods are not selected',
      { ...PODS, selector: { matchLabels: { app: 'cart' } }, strategy: { canary: {} } },
      ['refused-together spec.template.metadata.labels has other labels than spec.selector selects'],
    ],
    [
      'whose pods have no labels',
      { ...PODS, template: { spec: PODS.template.spec }, strategy: { canary: {} } },
      ['refused-together spec.template has other labels than spec.selector selects'],
    ],
    [
      'that selects nothing',
      { ...PODS, selector: {}, strategy: { canary: {} } },
      ['missing-field spec.selector selects nothing'],
    ],
    [
      'with pods that are refused',
      { ...PODS, template: { metadata: { labels: LABELS } }, strategy: { canary: {} } },
      ['missing-field spec.template lacks spec'],
    ],
  ])('%s', (_, spec, faults) => {
    expect(faultsIn(spec)).toEqual(faults);
  });

  it.each<[Mapping, readonly string[]]>([
    [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'a' }, []],
    [{ apiVersion: 'v1', kind: 'PodTemplate', name: 'a' }, []],
    [{ apiVersion: 'v1', kind: 'Deployment', name: 'a' }, ['refused-value spec.workloadRef names a Deployment of v1']],
    [
      { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'a' },
      ['refused-value spec.workloadRef names a StatefulSet of apps/v1'],
    ],
    [{ name: 'a' }, ['refused-value spec.workloadRef names a workload without a kind of no apiVersion']],
    [{ apiVersion: 'apps/v1', kind: 'Deployment' }, ['missing-field spec.workloadRef lacks name']],
  ])('of the workload %j', (workloadRef, faults) => {
    expect(faultsIn({ workloadRef, strategy: { canary: {} } })).toEqual(faults);
  });

  it('of a workload has no pods of its own', () => {
    const strategy = { canary: {} };
    const own = 'refused-together spec.template is given together with workloadRef';
    const labels = { metadata: { labels: LABELS } };
    expect(faultsIn({ ...REFERENCE, strategy, template: labels })).toEqual([own]);
    expect(faultsIn({ ...REFERENCE, strategy, template: { metadata: { annotations: { a: '1' } } } })).toEqual([own]);
    expect(faultsIn({ ...REFERENCE, strategy, template: { spec: {} } })).toEqual([]);
    expect(faultsIn({ ...REFERENCE, strategy, selector: {} })).toEqual(['missing-field spec.selector selects nothing']);
  });

  it.each<[Mapping, readonly string[]]>([
    [{ replicas: 0, revisionHistoryLimit: 0 }, []],
    [{ replicas: -1 }, ['refused-value spec.replicas is -1']],
    [{ minReadySeconds: -1 }, ['refused-value spec.minReadySeconds is -1']],
    [{ revisionHistoryLimit: -1 }, ['refused-value spec.revisionHistoryLimit is -1']],
    [{ progressDeadlineSeconds: -1 }, ['refused-value spec.progressDeadlineSeconds is -1']],
    [{ minReadySeconds: 599 }, []],
    [
      { minReadySeconds: 600 },
      [
        'refused-together spec.minReadySeconds leaves no time: progressDeadlineSeconds is 600 and minReadySeconds is 600',
      ],
    ],
    [{ minReadySeconds: 10, progressDeadlineSeconds: 11 }, []],
    [
      { progressDeadlineSeconds: 0 },
      [
        'refused-together spec.progressDeadlineSeconds leaves no time: progressDeadlineSeconds is 0 and minReadySeconds is 0',
      ],
    ],
  ])('with the numbers %j', (spec, faults) => {
    expect(faultsOf(spec)).toEqual(faults);
  });

  it('gets the repair of its deadline', () => {
    expect(checkRollout({ spec: { ...PODS, strategy: { canary: {} }, minReadySeconds: 900 } })[0]?.repair).toBe(
      'progressDeadlineSeconds: 1500',
    );
  });
});

describe('the strategy of a Rollout', () => {
  const TWO = { activeService: 'a', previewService: 'b' };

  it.each<[string, Mapping, readonly string[]]>([
    ['of nothing', {}, ['missing-field spec.strategy lacks canary or blueGreen']],
    ['of both', { canary: {}, blueGreen: TWO }, ['refused-together spec.strategy has both canary and blueGreen']],
    [
      'of a canary',
      { canary: { scaleDownDelaySeconds: 5 } },
      ['refused-together spec.strategy.canary.scaleDownDelaySeconds needs trafficRouting'],
    ],
    ['of blue-green', { blueGreen: TWO }, []],
    ['of blue-green without a preview', { blueGreen: { activeService: 'a' } }, []],
    ['of blue-green without Services, which the schema says', { blueGreen: {} }, []],
    [
      'of blue-green with one Service',
      { blueGreen: { activeService: 'a', previewService: 'a' } },
      ['refused-together spec.strategy.blueGreen.activeService is a, like previewService'],
    ],
    [
      'of blue-green with an empty Service',
      { blueGreen: { activeService: '' } },
      ['refused-together spec.strategy.blueGreen.activeService is empty'],
    ],
    ['of blue-green with as many old pods as it keeps', { blueGreen: { ...TWO, scaleDownDelayRevisionLimit: 10 } }, []],
    [
      'of blue-green with more old pods than it keeps',
      { blueGreen: { ...TWO, scaleDownDelayRevisionLimit: 11 } },
      [
        'refused-together spec.strategy.blueGreen.scaleDownDelayRevisionLimit is 11, more than the revisionHistoryLimit of 10',
      ],
    ],
    [
      'of blue-green with faults inside',
      { blueGreen: { ...TWO, antiAffinity: {}, prePromotionAnalysis: {}, postPromotionAnalysis: {} } },
      [
        expect.stringContaining('spec.strategy.blueGreen.antiAffinity lacks'),
        'missing-field spec.strategy.blueGreen.prePromotionAnalysis lacks templates, so the analysis has no metric',
        'missing-field spec.strategy.blueGreen.postPromotionAnalysis lacks templates, so the analysis has no metric',
      ],
    ],
  ])('%s', (_, strategy, faults) => {
    expect(faultsOf({ strategy })).toEqual(faults);
  });
});
