import { describe, expect, it } from 'vitest';
import type { Answer } from '../../prometheus.js';
import { parseRelease } from '../../release/release.js';
import { type Asked, countsOf, routesOf, shareOf } from './counts.js';

const release = parseRelease({ name: 'shop' });
const CANARY = 'pod=~"canary"';
const STABLE = 'pod=~"stable"';

/** What Prometheus counts: what a series counts, its route, its status, and its value. */
type Counted = readonly [what: string, route: string, status: string, value: number];

interface Told {
  readonly canary?: readonly Counted[];
  readonly stable?: readonly Counted[];
}

/** A Prometheus that has counted some requests of each side, and the times at which it was asked. */
function asked({ canary = [], stable = [] }: Told, more: Partial<Asked> = {}) {
  const queries: { promql: string; at: number }[] = [];
  const source: Asked = {
    release,
    canary: CANARY,
    stable: STABLE,
    stableEarlier: 0,
    async query(promql, at): Promise<Answer> {
      queries.push({ promql, at });
      const counted = promql.includes(CANARY) ? canary : stable;
      return {
        type: 'vector',
        values: counted.map(([what, route, status, value]) => ({
          labels: { coalmine_what: what, method: 'GET', route, status_code: status },
          value,
        })),
      };
    },
    ...more,
  };
  return { source, queries };
}

const requests = (route: string, all: number, failed = 0, slow = 0): readonly Counted[] => [
  ['requests', route, '', all],
  ['failed', route, '', failed],
  ['timed', route, '', all],
  ['slow', route, '', slow],
];

describe('the requests of a side', () => {
  it('are counted with what became of them', async () => {
    const { source } = asked({
      canary: [
        ...requests('', 100, 5, 7),
        ['answers', '', '302', 2],
        ['answers', '', '301', 1],
        ['answers', '', '304', 50],
        ['answers', '', '404', 3],
        ['answers', '', '409', 4],
        ['answers', '', '410', 1],
        ['answers', '', '499', 6],
      ],
    });
    expect(await countsOf(source, CANARY, 1000, 120)).toEqual({
      requests: 100,
      failed: 5,
      timed: 100,
      slow: 7,
      answers: { '3xx': 3, '404': 3, '4xx': 5, '499': 6 },
    });
  });

  it('are not known of a side that is not named, or has no series', async () => {
    const { source, queries } = asked({});
    expect(await countsOf(source, undefined, 1000, 120)).toBeUndefined();
    expect(queries).toEqual([]);
    expect(await countsOf(source, CANARY, 1000, 120)).toBeUndefined();
  });

  it('are counted in a span before the measurement, or over the life of the pods', async () => {
    const { source, queries } = asked({});
    await countsOf(source, CANARY, 1000, 89.5);
    await countsOf(source, CANARY, 1000, 'life');
    expect(queries[0]?.promql).toContain(`increase(http_requests_failed_total{${CANARY}}[90s])`);
    expect(queries[1]?.promql).not.toContain('increase(');
  });

  it('are counted earlier on stable, if the analysis compares with an earlier stable', async () => {
    const { source, queries } = asked({}, { stableEarlier: 300 });
    await countsOf(source, CANARY, 1000, 120);
    await countsOf(source, STABLE, 1000, 120);
    expect(queries.map(({ at }) => at)).toEqual([1000, 700]);
  });
});

describe('the routes of a release', () => {
  const orderOf = async (told: Told): Promise<readonly string[]> =>
    (await routesOf(asked(told).source, 1000, 120)).map(({ route }) => route);

  it('begin with the one of which more requests end badly on the canary than on stable', async () => {
    expect(
      await orderOf({
        canary: [
          ...requests('/busy', 1000, 100),
          ...requests('/slow', 100, 0, 30),
          ...requests('/failing', 100, 50),
          ...requests('/gone', 100),
          ['answers', '/gone', '404', 40],
          ...requests('/fine', 500),
        ],
        stable: [...requests('/busy', 1000, 100), ...requests('/failing', 100), ...requests('/slow', 100)],
      }),
    ).toEqual(['/failing', '/gone', '/slow', '/busy', '/fine']);
  });

  it('begin with one that only stable has, if the canary should have had ten requests of it', async () => {
    const told = (lost: number): Told => ({
      canary: requests('/failing', 100, 90),
      stable: [...requests('/failing', 1000 - lost), ...requests('/lost', lost)],
    });
    expect(await orderOf(told(100))).toEqual(['/lost', '/failing']);
    expect(await orderOf(told(99))).toEqual(['/failing', '/lost']);
  });

  it('are neither those without requests nor those of strangers', async () => {
    expect(
      await orderOf({
        canary: [
          ...requests('/a', 5),
          ...requests('(mounted)/b', 4),
          ...requests('/unused', 0),
          ...requests('(unmatched)', 50),
          ...requests('(overflow)', 50),
        ],
        stable: requests('/unused', 0),
      }),
    ).toEqual(['/a', '(mounted)/b']);
  });

  it('have no stable if none is named', async () => {
    const { source } = asked({ canary: requests('/a', 5) }, { stable: undefined });
    expect(await routesOf(source, 1000, 120)).toEqual([
      { method: 'GET', route: '/a', canary: { requests: 5, failed: 0, timed: 5, slow: 0, answers: {} } },
    ]);
  });
});

it('a share of nothing is 0', () => {
  expect([shareOf(1, 4), shareOf(0, 0)]).toEqual([0.25, 0]);
});
