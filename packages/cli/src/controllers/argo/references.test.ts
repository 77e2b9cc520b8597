import { describe, expect, it } from 'vitest';
import { type Referable, resolveReference, type TemplateReference, withNamed } from './references.js';

const template = (name: string, namespace?: string): Referable => ({
  kind: 'AnalysisTemplate',
  name,
  ...(namespace === undefined ? {} : { namespace }),
});
const ofCluster = (name: string): Referable => ({ kind: 'ClusterAnalysisTemplate', name });

describe('a reference to a template', () => {
  const [here, there, anywhere] = [template('errors', 'prod'), template('errors', 'stage'), template('errors')];
  const find = (
    reference: Omit<TemplateReference, 'templateName'>,
    namespace: string | undefined,
    ...templates: readonly Referable[]
  ) => resolveReference({ templateName: 'errors', ...reference }, namespace, templates);

  it('finds the template in its own namespace', () => {
    expect(find({}, 'prod', there, here)).toEqual({ kind: 'found', template: here });
    expect(find({}, 'prod', there)).toEqual({ kind: 'other-namespace', template: there });
  });

  it('finds a template that gets its namespace when it is applied, after one that has it', () => {
    expect(find({}, 'prod', there, anywhere)).toEqual({ kind: 'found', template: anywhere });
    expect(find({}, 'prod', anywhere, here)).toEqual({ kind: 'found', template: here });
    expect(find({}, undefined, there)).toEqual({ kind: 'found', template: there });
  });

  it('finds a template of the cluster only if it says so', () => {
    const cluster = ofCluster('errors');
    expect(find({ clusterScope: true }, 'prod', here, cluster)).toEqual({ kind: 'found', template: cluster });
    expect(find({}, 'prod', cluster)).toEqual({ kind: 'other-scope', template: cluster });
    expect(find({ clusterScope: true }, 'prod', here)).toEqual({ kind: 'other-scope', template: here });
  });

  it('finds nothing else of this name', () => {
    expect(find({}, 'prod', { kind: 'MetricTemplate', name: 'errors', namespace: 'prod' }, template('slow'))).toEqual({
      kind: 'unknown',
    });
    expect(resolveReference({}, 'prod', [here])).toEqual({ kind: 'unknown' });
  });
});

describe('templates with the templates that they name', () => {
  it('are each there once, even if they name each other, and the missing ones are told', () => {
    const [a, b, c] = [template('a'), template('b'), template('c')];
    const names: Readonly<Record<string, readonly string[]>> = { a: ['b', 'gone'], b: ['c', 'a'], c: ['b'] };
    const missing: string[] = [];
    const found = withNamed([a], [a, b, c, template('d')], {
      referencesOf: ({ name }) => (names[name] ?? []).map((templateName) => ({ templateName })),
      namespaceOf: () => undefined,
      missing: ({ name }, { templateName }) => missing.push(`${name}: ${templateName}`),
    });
    expect(found).toEqual([a, b, c]);
    expect(missing).toEqual(['a: gone']);
  });
});
