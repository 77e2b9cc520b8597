import type { SourceObject } from '../../controllers/objects.js';

/** The type of a linted value; the API server checks the rest. A number may be written as text. */
export type Shape = 'text' | 'number' | 'bool' | 'anything' | readonly [Shape] | { readonly [name: string]: Shape };

/** Returns an object whose spec has a shape: values of another shape are left out. `lintRefusals` reports them. */
export function applyShape(object: SourceObject, shape: Shape): SourceObject {
  const { spec } = object.written;
  return { ...object, spec: shapeValue(spec, shape) ?? {} };

  function shapeValue(value: unknown, shape: Shape): unknown {
    if (value === undefined || value === null) return undefined;
    if (shape === 'anything') return value;
    if (shape === 'text' && ['string', 'number', 'boolean'].includes(typeof value)) return String(value);
    if (shape === 'number' && typeof value === 'number') return value;
    if (shape === 'bool' && typeof value === 'boolean') return value;
    if (isList(shape) && Array.isArray(value)) {
      const [each] = shape;
      // Each item keeps its place, so that lines stay correct.
      return value.map((item) => shapeValue(item, each) ?? (typeof each === 'string' ? '' : {}));
    }
    if (typeof shape === 'object' && !isList(shape) && typeof value === 'object' && !Array.isArray(value)) {
      const fields = Object.entries(shape).map(([name, of]) => [
        name,
        shapeValue((value as Record<string, unknown>)[name], of),
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
const RULE_FOR: Shape = { metricName: 'text' };
const REFERENCE = { templateName: 'text', clusterScope: 'bool' } as const;

export const TEMPLATE: Shape = {
  args: [ARGUMENT],
  dryRun: [RULE_FOR],
  measurementRetention: [RULE_FOR],
  templates: [REFERENCE],
  metrics: [
    {
      name: 'text',
      initialDelay: 'text',
      interval: 'text',
      count: 'text',
      failureLimit: 'text',
      inconclusiveLimit: 'text',
      consecutiveErrorLimit: 'text',
      consecutiveSuccessLimit: 'text',
      successCondition: 'text',
      failureCondition: 'text',
      provider: {
        prometheus: { address: 'text', query: 'text', rangeQuery: { start: 'text', end: 'text', step: 'text' } },
      },
    },
  ],
};

const RUN: Shape = {
  templates: [REFERENCE],
  args: [ARGUMENT],
  dryRun: [RULE_FOR],
  measurementRetention: [RULE_FOR],
  startingStep: 'number',
};
const EXPERIMENT_ANALYSES: Shape = [{ name: 'text', ...REFERENCE, args: [ARGUMENT] }];

export const EXPERIMENT: Shape = {
  analyses: EXPERIMENT_ANALYSES,
  dryRun: [RULE_FOR],
  measurementRetention: [RULE_FOR],
};

export const ROLLOUT: Shape = {
  strategy: {
    canary: {
      analysis: RUN,
      steps: [
        {
          analysis: RUN,
          experiment: { analyses: EXPERIMENT_ANALYSES, dryRun: [RULE_FOR], measurementRetention: [RULE_FOR] },
        },
      ],
    },
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
      threshold: 'number',
      thresholdRange: { min: 'number', max: 'number' },
      templateRef: { name: 'text', namespace: 'text' },
      templateVariables: 'anything',
      query: 'text',
    },
  ],
};

export const CANARY: Shape = {
  provider: 'text',
  metricsServer: 'text',
  skipAnalysis: 'bool',
  targetRef: { kind: 'text', name: 'text' },
  analysis: ANALYSIS,
  canaryAnalysis: ANALYSIS,
};

export const METRIC_TEMPLATE: Shape = { query: 'text', provider: { type: 'text', address: 'text' } };
