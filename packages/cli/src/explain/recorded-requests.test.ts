import { describe, expect, it } from 'vitest';
import { recordedCounts } from '../queries/counts.js';
import { parseRelease } from '../release/release.js';
import { explain } from './explain.js';
import { type Fields, recordOf } from './record.js';

const OURS = {
  successCondition: 'len(result) == 1 && result[0] <= 1',
  failureCondition: 'len(result) == 1 && result[0] > 1',
};
const OVER = { successCondition: 'len(result) == 1 && result[0] <= 0', failureCondition: 'false' };
const QUERIES = recordedCounts(parseRelease({ name: 'shop' }), { canary: 'pod="a"', stable: 'pod="b"' });
const COUNTED = '[392.64,24,390,3,1204.2,0,1200,1]';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 20, 14, 0, second)).toISOString();

interface Told {
  readonly metric?: string;
  readonly conditions?: Fields;
  readonly phase?: string;
  readonly value?: string;
  /** Of the measurement that decides, in seconds. */
  readonly second?: number;
  /** The records, by second. */
  readonly counts?: Readonly<Record<number, string>>;
  readonly sinceStart?: Readonly<Record<number, string>>;
  readonly dryRun?: boolean;
  readonly query?: string;
  readonly weight?: string;
}

/** Returns why a run ended, with what it has on record. */
async function reasonOf({
  metric = 'error-ratio',
  conditions = OURS,
  phase = 'Failed',
  value = '[5.2]',
  second = 60,
  counts = {},
  sinceStart = {},
  dryRun = true,
  query,
  weight,
}: Told): Promise<string | undefined> {
  const records = { counts, 'counts-since-start': sinceStart };
  const [explanation] = await explain([
    recordOf({
      kind: 'AnalysisRun',
      metadata: { name: 'checkout-a', namespace: 'shop', ownerReferences: [{ kind: 'Rollout', name: 'checkout' }] },
      spec: {
        args: weight === undefined ? [] : [{ name: 'canary-weight', value: weight }],
        metrics: [
          { name: metric, ...conditions, provider: { prometheus: { query: 'x' } } },
          ...QUERIES.map((each) => ({
            name: each.name,
            successCondition: 'true',
            provider: { prometheus: { query: query ?? each.query } },
          })),
        ],
      },
      status: {
        phase,
        message: `Metric "${metric}" assessed ${phase}`,
        metricResults: [
          { name: metric, phase, measurements: [{ phase, value, finishedAt: at(second) }] },
          ...Object.entries(records).map(([name, bySecond]) => ({
            name,
            dryRun,
            phase: 'Successful',
            measurements: Object.entries(bySecond).map(([each, text]) => ({
              phase: 'Successful',
              value: text,
              finishedAt: at(Number(each)),
            })),
          })),
        ],
      },
    }),
  ]);
  return explanation?.reasons[0]?.says;
}

describe('a run that has recorded the requests', () => {
  it.each<[string, string, Told]>([
    [
      'error-ratio',
      '24 of 393 requests failed in a window (6.1 %); what is proven is 5.2 times what is allowed, stable: 0 of 1,204',
      { counts: { 60: COUNTED } },
    ],
    [
      'slow-ratio',
      '3 of 390 requests took longer than the objective of their route in a window (0.77 %); what is proven is 5.2 times what is allowed, stable: 1 of 1,200',
      { counts: { 60: COUNTED } },
    ],
    [
      'error-ratio-since-start',
      '24 of 393 requests failed since the canary began (6.1 %); what is proven is 5.2 times what is allowed, stable since its pods began: 0 of 1,204',
      { counts: { 60: '[1,1,1,1,1,1,1,1]' }, sinceStart: { 60: COUNTED } },
    ],
    [
      'shared-errors',
      'canary: 24 of 393 requests failed (6.1 %), stable: 90 of 900 requests failed (10 %)',
      { counts: { 60: '[393,24,390,3,900,90,800,1]' }, conditions: OVER, phase: 'Inconclusive', value: '[1]' },
    ],
    [
      'arrival',
      '20 of 2,000 requests arrive at the canary (1 %); the step gives it 5 %',
      {
        counts: { 60: '[20,0,20,0,1980,0,1900,1]' },
        conditions: { successCondition: 'len(result) == 1 && result[0] >= 1', failureCondition: 'false' },
        phase: 'Inconclusive',
        value: '[0]',
        weight: '5',
      },
    ],
  ])('reports these requests for %s', async (metric, says, told) => {
    expect(await reasonOf({ metric, ...told })).toBe(says);
  });

  it('uses the requests of the measurement that decided, and none counted long before or after', async () => {
    const before = '[300,2,300,0,900,0,900,0]';
    const says = await reasonOf({ counts: { 30: before, 59: COUNTED } });
    expect(says).toContain('24 of 393 requests failed');
    expect(await reasonOf({ counts: { 30: before } })).toBe(SAID_WITHOUT);
  });

  it('says nothing about stable if stable has no series', async () => {
    expect(await reasonOf({ counts: { 60: '[393,24,390,3,-1,-1,-1,-1]' } })).toBe(
      '24 of 393 requests failed in a window (6.1 %); what is proven is 5.2 times what is allowed',
    );
  });

  it.each<[string, Told]>([
    ['no record', {}],
    ['no series of the canary', { counts: { 60: '[-1,-1,-1,-1,1204,0,1200,1]' } }],
    ['numbers that are not a record', { counts: { 60: '[1,2,3]' } }],
    ['an error', { counts: { 60: '' } }],
    ['a metric of the same name that decides', { counts: { 60: COUNTED }, dryRun: false }],
    ['a metric of the same name with another query', { counts: { 60: COUNTED }, query: 'sum by (le) (x)' }],
  ])('reports no requests with %s', async (_, told) => {
    expect(await reasonOf(told)).toBe(SAID_WITHOUT);
  });

  it('reports no requests of the whole service for a metric of one route', async () => {
    const told = { metric: 'routes-failing', conditions: OVER, value: '[1]', counts: { 60: COUNTED } };
    expect(await reasonOf(told)).toBe('a route fails on the canary and not on stable');
  });

  it('reports no requests for a metric of another template that has the name of ours', async () => {
    const told = { conditions: { successCondition: 'result[0] <= 0.01' }, value: '[0.06]', counts: { 60: COUNTED } };
    expect(await reasonOf(told)).toBe('the query returned 0.06, and is good below 0.01');
  });
});

const SAID_WITHOUT = 'too many requests failed in a window: what is proven is 5.2 times what is allowed';
