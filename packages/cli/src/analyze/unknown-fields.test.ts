import { describe, expect, it } from 'vitest';
import { objectsIn } from '../controllers/documents.js';
import { unknownFieldsOf } from './unknown-fields.js';

const sentencesOf = (spec: string): readonly string[] =>
  unknownFieldsOf(
    objectsIn(
      `apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: { name: errors }\nspec:\n  metrics: [{ ${spec} }]\n`,
      'a.yaml',
    ),
  );
const prometheus = (address: string): string => `provider: { prometheus: { address: '${address}', query: up } }`;

describe('an object of an analysis', () => {
  it('has nothing to report if all its fields exist', () => {
    expect(sentencesOf(`name: a, interval: 1m, ${prometheus('http://prometheus')}`)).toEqual([]);
  });

  it('is analysed in spite of a field that does not exist, with a sentence about the field', () => {
    expect(sentencesOf(`name: a, sucessCondition: 'true', ${prometheus('http://prometheus')}`)).toEqual([
      expect.stringMatching(/^errors: spec\.metrics\[0\] has .*sucessCondition/),
    ]);
  });

  it('is analysed in spite of a webhook without an address, because no webhook is called', () => {
    const canary = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: shop }
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: shop }
  service: { port: 80 }
  analysis: { interval: 1m, threshold: 5, iterations: 10, webhooks: [{ name: gate, url: loadtester/gate }] }
`;
    expect(unknownFieldsOf(objectsIn(canary, 'a.yaml'))).toEqual([]);
  });

  it('is not analysed if an API server or the controller refuses it', () => {
    expect(() => sentencesOf('name: a')).toThrow(/^errors: /);
    expect(() => sentencesOf(`name: a, count: many and more, ${prometheus('http://prometheus')}`)).toThrow(/^errors: /);
  });
});
