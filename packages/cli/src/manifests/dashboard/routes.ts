import type { Release } from '../../release/release.js';
import { podsOf } from '../rules.js';
import { podsOfVariable } from './evidence.js';
import { type Column, lines, type Panel, table } from './panel.js';

/** Returns the panels that compare canary and stable, route by route. */
export function routes(release: Release): readonly Panel[] {
  const { names, labels } = release;
  const { method, route } = names.labels;
  const total = (metric: string, variable: 'canary' | 'stable'): string =>
    `sum by (${method}, ${route}) (increase(${metric}{${podsOfVariable(release, variable)}}[$__range]))`;
  const columns = (['canary', 'stable'] as const).map((side): Readonly<Record<string, Column>> => {
    const share = (bad: string, all: string): string => `${total(bad, side)}\n/ (${total(all, side)} > 0)`;
    return {
      requests: { name: `Requests, ${side}`, unit: 'short', expr: total(names.requests, side) },
      failed: { name: `Failed, ${side}`, unit: 'percentunit', expr: share(names.failed, names.requests) },
      slow: { name: `Slow, ${side}`, unit: 'percentunit', expr: share(names.slow, names.timed) },
    };
  });
  const beside = ['requests', 'failed', 'slow'].flatMap((what) => columns.map((side) => side[what] as Column));
  const byRoute = (metric: string): string =>
    `sum by (${labels.hash}, ${method}, ${route}) (rate(${metric}{${podsOf(release, `${labels.hash}=~"$hash"`)}}[$__rate_interval])) > 0`;
  const legend = `{{${labels.hash}}} {{${method}}} {{${route}}}`;
  const over = (title: string, metric: string): Panel =>
    lines({ title, unit: 'reqps', queries: [{ expr: byRoute(metric), legend }] });
  return [
    table('Routes, canary and stable', [method, route], beside, 'Failed, canary'),
    over('Failed requests per second, by route', names.failed),
    over('Slow requests per second, by route', names.slow),
  ];
}
