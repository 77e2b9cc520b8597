import type { SourceObject } from './source.js';

/** What a value must be, for what is looked at: the rest is the API server's. A number may stand for a text. */
export type Shape = 'text' | 'number' | 'bool' | 'anything' | readonly [Shape] | { readonly [name: string]: Shape };

/** An object whose spec has a shape: what is something else is left out. `lintRefusals` reports it. */
export function shapedAs(object: SourceObject, shape: Shape): SourceObject {
  return { ...object, spec: shaped(object.written, shape) ?? {} };

  function shaped(value: unknown, shape: Shape): unknown {
    if (value === undefined || value === null) return undefined;
    if (shape === 'anything') return value;
    if (shape === 'text' && ['string', 'number', 'boolean'].includes(typeof value)) return String(value);
    if (shape === 'number' && typeof value === 'number') return value;
    if (shape === 'bool' && typeof value === 'boolean') return value;
    if (isList(shape) && Array.isArray(value)) {
      const [each] = shape;
      // Each stays in its place, or lines would be those of its neighbours.
      return value.map((item) => shaped(item, each) ?? (typeof each === 'string' ? '' : {}));
    }
    if (typeof shape === 'object' && !isList(shape) && typeof value === 'object' && !Array.isArray(value)) {
      const fields = Object.entries(shape).map(([name, of]) => [
        name,
        shaped((value as Record<string, unknown>)[name], of),
      ]);
      return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
    }
    return undefined;
  }
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

const ARGUMENT: Shape = { name: 'text', value: 'text', valueFrom: 'anything' };

export const TEMPLATE: Shape = {
  args: [ARGUMENT],
  dryRun: [{ metricName: 'text' }],
  metrics: [
    {
      name: 'text',
      initialDelay: 'text',
      interval: 'text',
      count: 'text',
      failureLimit: 'text',
      inconclusiveLimit: 'text',
      consecutiveErrorLimit: 'text',
      successCondition: 'text',
      failureCondition: 'text',
      provider: { prometheus: { query: 'text', rangeQuery: 'anything' } },
    },
  ],
};

const RUN: Shape = { templates: [{ templateName: 'text' }], args: [ARGUMENT], startingStep: 'number' };

export const ROLLOUT: Shape = {
  strategy: {
    canary: { analysis: RUN, steps: [{ analysis: RUN }] },
    blueGreen: { prePromotionAnalysis: RUN, postPromotionAnalysis: RUN },
  },
};

const ANALYSIS: Shape = {
  interval: 'text',
  threshold: 'number',
  stepWeight: 'number',
  stepWeights: ['number'],
  iterations: 'number',
  metrics: [
    {
      name: 'text',
      interval: 'text',
      thresholdRange: { min: 'number', max: 'number' },
      templateRef: { name: 'text' },
      templateVariables: 'anything',
      query: 'text',
    },
  ],
};

export const CANARY: Shape = {
  provider: 'text',
  skipAnalysis: 'bool',
  targetRef: { kind: 'text', name: 'text' },
  analysis: ANALYSIS,
  canaryAnalysis: ANALYSIS,
};

export const METRIC_TEMPLATE: Shape = { query: 'text', provider: { type: 'text' } };
