import { describe, expect, it } from 'vitest';
import type { Path } from '../yaml.js';
import { type Schema, schemaOf } from './schema.js';
import { suggestField } from './suggest-field.js';

const rollout = schemaOf('argoproj.io/v1alpha1', 'Rollout') as Schema;

const template = schemaOf('argoproj.io/v1alpha1', 'AnalysisTemplate') as Schema;

/** The suggestion for a field of a Rollout, in a mapping without fields of its own. */
function suggestion(...path: Path): string {
  return suggestField(rollout, {}, path, []).repair;
}

describe('a field that does not exist', () => {
  const strategy = ['spec', 'strategy'];
  const canary = [...strategy, 'canary'];
  it.each([
    [[...strategy, 'steps'], 'move steps to spec.strategy.canary'],
    [[...strategy, 'nginx'], 'move nginx to spec.strategy.canary.trafficRouting'],
    [[...canary, 'trafficRouting', 'nginx', 'stableService'], 'move stableService to spec.strategy.canary'],
    [[...canary, 'stableIngress'], 'move stableIngress to spec.strategy.canary.trafficRouting.nginx'],
    [[...canary, 'setWeight'], 'move setWeight to spec.strategy.canary.steps[]'],
    [
      [...canary, 'steps', 0, 'duration'],
      'move duration to spec.strategy.canary.steps[].experiment or spec.strategy.canary.steps[].pause',
    ],
    // Another mapping far away has such a field, for another purpose.
    [[...strategy, 'type'], 'remove type'],
    [[...strategy, 'name'], 'remove name'],
    [[...strategy, 'weight'], 'remove weight'],
    [[...strategy, 'duration'], 'remove duration'],
  ])('%j: %s', (path, repair) => {
    expect(suggestion(...path)).toBe(repair);
  });

  it.each([
    [['spec', 'interval'], 'move interval to spec.metrics[]'],
    [['spec', 'metrics', 0, 'query'], 'move query to a part of spec.metrics[].provider'],
    // Only a query of CloudWatch has a metric.
    [['spec', 'metric'], 'remove metric'],
  ])('in an AnalysisTemplate, %j: %s', (path, repair) => {
    expect(suggestField(template, {}, path, []).repair).toBe(repair);
  });
});
