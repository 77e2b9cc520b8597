import { createMetrics } from '@coalmine/metrics';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createFilters, type Filters } from './filters.js';
import { type CoalmineOptions, parseOptions } from './options.js';

const SECRET = 'a secret of thirty-two characters';

interface Created {
  readonly filters: Filters;
  /** Returns the lines of the exposition that begin with a name. */
  readonly linesOf: (name: string) => Promise<readonly string[]>;
  now: number;
}

function create(options: CoalmineOptions): Created {
  const metrics = createMetrics({ registry: new Registry(), now: () => created.now });
  const created: Created = {
    filters: createFilters(parseOptions(options), metrics, () => {}),
    async linesOf(name) {
      const exposition = String(await metrics.registry.metrics());
      return exposition.split('\n').filter((line) => line.startsWith(name));
    },
    now: 0,
  };
  return created;
}

/** Returns the values of a label in lines of an exposition, each once. */
function valuesOf(label: string, lines: readonly string[]): readonly (string | undefined)[] {
  return [...new Set(lines.map((line) => new RegExp(`${label}="([^"]*)"`).exec(line)?.[1]))];
}

describe('the filters', () => {
  it.each<[options: CoalmineOptions, excluded: string[], rejects: boolean]>([
    [{}, [], false],
    [{ warmup: false }, [], false],
    [{ warmup: { withhold: 'all' } }, ['warmup'], false],
    [{ warmup: { prime: { requests: ['/'] } } }, ['signed'], true],
    [{ traffic: { exclude: { routes: ['/a'] } } }, ['route'], false],
    [{ traffic: { exclude: { when: () => false } } }, ['custom'], false],
    [{ traffic: { exclude: { trusted: { cidrs: ['192.0.2.0/24'] } } } }, ['trusted'], false],
    [{ traffic: { exclude: { signed: { keys: { k6: SECRET } } } } }, ['signed'], true],
  ])('of %j declare what they may keep out, at zero', async (options, excluded, rejects) => {
    const { linesOf, filters } = create(options);
    const requests = await linesOf('coalmine_excluded_requests_total{');
    expect(valuesOf('reason', requests)).toEqual(excluded);
    expect(valuesOf('code_class', requests)).toHaveLength(excluded.length === 0 ? 0 : 4);
    const rejections = await linesOf('coalmine_exclusion_claims_rejected_total{');
    expect(valuesOf('reason', rejections).includes('suspended')).toBe(rejects);
    expect([...requests, ...rejections].filter((line) => !line.endsWith(' 0'))).toEqual([]);
    expect(filters.priming !== undefined).toBe(options.warmup !== false && options.warmup?.prime !== undefined);
  });

  it('show when the pod became ready, and whether it is warm by the clock of the metrics', async () => {
    const created = create({ warmup: { minSeconds: 10, minRequests: 0 } });
    const { filters, linesOf } = created;
    expect(await linesOf('coalmine_pod_')).toEqual(['coalmine_pod_warm 0']);
    created.now = 5_000;
    filters.warmup.ready();
    created.now = 14_999;
    expect(await linesOf('coalmine_pod_warm')).toEqual(['coalmine_pod_warm 0']);
    created.now = 15_000;
    expect(await linesOf('coalmine_pod_warm')).toEqual(['coalmine_pod_warm 1']);
    const [ready = ''] = await linesOf('coalmine_pod_ready_timestamp_seconds ');
    expect(Math.abs(Number(ready.split(' ')[1]) - Date.now() / 1000)).toBeLessThan(300);
  });

  it('have no series once they are closed', async () => {
    const { filters, linesOf } = create({ warmup: false });
    expect(await linesOf('coalmine_exclusion_suspended')).toEqual(['coalmine_exclusion_suspended 0']);
    expect(await linesOf('coalmine_pod_warm')).toEqual(['coalmine_pod_warm 1']);
    filters.close();
    expect(await linesOf('coalmine_exclusion_suspended')).toEqual([]);
    expect(await linesOf('coalmine_pod_')).toEqual([]);
  });

  it.each<[options: unknown, message: RegExp]>([
    [{ warmup: { minSeconds: -1 } }, /^warmup\.minSeconds must be /],
    [{ warmup: { prime: { requests: 'all' } } }, /^warmup\.prime\.requests must be /],
    [{ warmup: { prime: '' } }, /^warmup\.prime must be /],
    [{ warmup: { prime: 0 } }, /^warmup\.prime must be /],
    [{ traffic: { countErrors: 1 } }, /^traffic\.countErrors must be /],
  ])('refuse %j by the name that the user typed', (options, message) => {
    expect(() => create(options as CoalmineOptions)).toThrow(message);
  });
});
