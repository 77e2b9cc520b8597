import { describe, expect, it } from 'vitest';
import { DESCRIPTION, describeRelease } from '../../release/description.js';
import { parseRelease } from '../../release/release.js';
import type { AccountSource } from '../account/account.js';
import type { AnalysisResult } from '../result.js';
import { flaggerAccountSource } from './run.js';

const query: AccountSource['query'] = async () => ({ type: 'vector', values: [] });
const annotations = { [DESCRIPTION]: describeRelease(parseRelease({ name: 'shop', namespace: 'prod' })) };
const source = (metadata: object, steps?: AnalysisResult['steps']) =>
  flaggerAccountSource(
    { metadata: { name: 'shop', ...metadata } },
    'web',
    { ...(steps === undefined ? {} : { steps }) } as AnalysisResult,
    query,
  );

describe('the source of the requests behind a Canary', () => {
  it('has the pods of the target and of its primary, in the namespace of the Canary', () => {
    const found = source({ annotations, namespace: 'test' });
    expect(found).toMatchObject({ release: { name: 'shop' }, stableEarlier: 0, weight: undefined, query });
    expect(found?.canary).toMatch(/^namespace="test",pod=~"web-\[/);
    expect(found?.stable).toMatch(/^namespace="test",pod=~"web-primary-\[/);
    expect(source({ annotations })?.canary).toMatch(/^namespace="default",/);
  });

  it('has the last weight of the canary', () => {
    const step = (weight: number) => ({ at: 0, weight, failedChecks: 0 });
    expect(source({ annotations }, [step(5), step(20)])?.weight).toBe(20);
    expect(source({ annotations }, [])?.weight).toBeUndefined();
  });

  it('is not known of another Canary', () => {
    expect(source({})).toBeUndefined();
    expect(source({ annotations: { [DESCRIPTION]: 'no JSON' } })).toBeUndefined();
  });
});
