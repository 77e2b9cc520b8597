import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../controllers/documents.js';
import { DESCRIPTION, describeRelease } from '../../release/description.js';
import { parseRelease } from '../../release/release.js';
import type { AccountSource } from '../account/account.js';
import { argoAccountSource, readArgoAnalysis } from './argo.js';

const query: AccountSource['query'] = async () => ({ type: 'vector', values: [] });

/** Returns templates, of which the second describes a release. */
function described(isSwitched = false, options: Parameters<typeof parseRelease>[0] = { name: 'shop' }) {
  const annotations = { [DESCRIPTION]: describeRelease(parseRelease(options), isSwitched) };
  return [{ metadata: { name: 'other' } }, { metadata: { name: 'shop-gate', annotations } }];
}
const source = (args: Readonly<Record<string, string | undefined>>, templates = described()) =>
  argoAccountSource(templates, new Map(Object.entries(args)), query);

describe('the source of the requests behind templates', () => {
  it('is the release that one of them describes, with the pods of both hashes', () => {
    expect(source({ 'canary-hash': 'c', 'stable-hash': 's', 'canary-weight': '5', namespace: 'prod' })).toMatchObject({
      release: { name: 'shop' },
      canary: 'namespace="prod",rollouts_pod_template_hash="c"',
      stable: 'namespace="prod",rollouts_pod_template_hash="s"',
      stableEarlier: 0,
      weight: 5,
      query,
    });
  });

  it('has the namespace of the release, and no stable, unless arguments say so', () => {
    expect(source({ 'canary-hash': 'c' })).toMatchObject({
      canary: 'namespace="default",rollouts_pod_template_hash="c"',
      stable: undefined,
    });
  });

  it.each(['0', 'some', undefined])('does not know the weight %s', (weight) => {
    expect(source({ 'canary-hash': 'c', 'canary-weight': weight })?.weight).toBeUndefined();
  });

  it('counts stable as it was before a switch', () => {
    const templates = described(true, { name: 'shop', strategy: 'blue-green' });
    expect(source({ 'canary-hash': 'c' }, templates)?.stableEarlier).toBeGreaterThan(0);
    expect(
      source({ 'canary-hash': 'c' }, described(false, { name: 'shop', strategy: 'blue-green' }))?.stableEarlier,
    ).toBe(0);
  });

  it('is not known without a hash of the canary, or a description', () => {
    expect(source({ 'stable-hash': 's' })).toBeUndefined();
    expect(source({ 'canary-hash': undefined })).toBeUndefined();
    expect(source({ 'canary-hash': 'c' }, [{ metadata: { name: 'other' } }])).toBeUndefined();
  });
});

it('an analysis has the metrics of its templates, with arguments', () => {
  const template = {
    kind: 'AnalysisTemplate',
    metadata: { name: 'a' },
    spec: {
      args: [{ name: 'x', value: '1' }, { name: 'y' }],
      metrics: [{ name: 'up', provider: { prometheus: { query: 'up{a="{{args.x}}"}' } } }],
    },
  } as KubernetesObject;
  const analysis = readArgoAnalysis({ templates: [template], args: { x: '2' } });
  expect([...analysis.args]).toEqual([
    ['x', '2'],
    ['y', undefined],
  ]);
  expect(analysis.metrics.map(({ provider }) => provider.query)).toEqual(['up{a="2"}']);
  expect(() => readArgoAnalysis({ templates: [template], args: { z: '2' } })).toThrow('z is not one of x, y');
});
