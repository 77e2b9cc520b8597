import { describe, expect, it } from 'vitest';
import { isExcerpt } from './excerpt.js';
import type { Mapping } from './read.js';

describe('an excerpt', () => {
  it.each<[string, Mapping, boolean]>([
    ['Rollout', {}, true],
    ['Rollout', { template: { spec: {} } }, true],
    ['Rollout', { selector: {} }, false],
    ['Rollout', { workloadRef: {} }, false],
    ['Rollout', { template: { metadata: { labels: {} } } }, false],
    ['Canary', {}, false],
    ['Canary', { analysis: {} }, true],
    ['Canary', { service: {} }, true],
    ['Canary', { service: {}, analysis: {} }, false],
    ['Canary', { service: {}, canaryAnalysis: {} }, false],
    ['Canary', { targetRef: {}, analysis: {} }, false],
    ['AnalysisTemplate', {}, false],
  ])('is a %s with %j: %s', (kind, spec, isOne) => {
    expect(isExcerpt(kind, { spec })).toBe(isOne);
  });
});
