import { describe, expect, it } from 'vitest';
import type { Mapping } from './read.js';
import { refusalsOf } from './refusals.js';

/** A Rollout with fields in its canary strategy, in its container and in its pods. */
function rollout(canary: Mapping, container: Mapping = {}, pod: Mapping = {}): Mapping {
  const containers = [{ name: 'app', image: 'shop:v1', ...container }];
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'shop' },
    spec: {
      strategy: { canary },
      selector: { matchLabels: { app: 'shop' } },
      template: { metadata: { labels: { app: 'shop' } }, spec: { containers, ...pod } },
    },
  };
}

const probe = (fields: Mapping): Mapping => ({ httpGet: { path: '/readyz', port: 3000 }, ...fields });

// Each was refused by Argo Rollouts 1.10.1.
describe('a Rollout', () => {
  it.each<[string, Mapping, string]>([
    [
      'a number with more than 32 bits that may be a text',
      rollout({ steps: [{ pause: { duration: 3_000_000_000 } }] }),
      'spec.strategy.canary.steps[0].pause.duration is 3000000000, which has more than 32 bits: the controller cannot read the Rollout',
    ],
    [
      'a negative time of a probe',
      rollout({}, { readinessProbe: probe({ timeoutSeconds: -1 }) }),
      'spec.template.spec.containers[0].readinessProbe.timeoutSeconds is -1: Argo Rollouts refuses the Rollout (InvalidSpec)',
    ],
    [
      'a livenessProbe that needs several successes',
      rollout({}, { livenessProbe: probe({ successThreshold: 2 }) }),
      'spec.template.spec.containers[0].livenessProbe.successThreshold is 2, but only a readinessProbe may need several successes: Argo Rollouts refuses the Rollout (InvalidSpec)',
    ],
    [
      'two volumes of one name',
      rollout({}, {}, { volumes: [{ name: 'settings' }, { name: 'settings' }] }),
      'spec.template.spec.volumes[1] repeats name settings: Argo Rollouts refuses the Rollout (InvalidSpec)',
    ],
  ])('is refused for %s', (_, object, message) => {
    expect(refusalsOf(object).map((fault) => fault.message)).toEqual([message]);
  });

  it('is not refused for a readinessProbe that needs several successes, or for large amounts of memory', () => {
    const container = {
      readinessProbe: probe({ successThreshold: 2, timeoutSeconds: 5 }),
      resources: { limits: { memory: 4_000_000_000 } },
    };
    const volumes = [
      { name: 'a', emptyDir: { sizeLimit: 4_000_000_000 } },
      { name: 'b', emptyDir: {} },
    ];
    expect(refusalsOf(rollout({}, container, { volumes }))).toEqual([]);
  });
});
