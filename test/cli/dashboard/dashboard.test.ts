import { manifestsFor } from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPrometheusMissing, startBackfilledPrometheus } from '../../support/prometheus.js';
import { complaintsOfSchema, type Dashboard, type Panel } from './grafana.js';
import {
  argoSeries,
  CANARY_STARTS,
  ENDS,
  flaggerSeries,
  HASHES,
  MINUTES,
  openMetricsOf,
  STEP_DONE,
  serviceSeries,
} from './history.js';

function dashboardOf(name: string, options: object = {}): Dashboard {
  return manifestsFor('grafana', { name, namespace: 'eu', ...options })[0]?.objects[0] as Dashboard;
}

describe('the dashboard', () => {
  it('fits the schema of Grafana, whatever the options of the release', () => {
    const options = [{}, { objective: { latency: 0.3 } }, { recordingRules: 'argo' }, { push: true }];
    expect(complaintsOfSchema(...options.map((each) => dashboardOf('shop', each)))).toEqual([]);
  });

  it('would not fit the schema with a property or a value that Grafana does not know', () => {
    const { panels, ...rest } = dashboardOf('shop');
    const [row, state, ...more] = panels;
    const wrong = [row, { ...state, options: { showValue: 'sometimes' } }, ...more];
    const complaints = complaintsOfSchema({ ...rest, panels, colour: 'red' }, { ...rest, panels: wrong });
    expect(complaints.join('\n')).toMatch(/colour.*sometimes/s);
  });

  it('lays its panels out without a gap below another panel', () => {
    const cells = new Set<string>();
    for (const { gridPos } of dashboardOf('shop').panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x} ${y}`)).toBe(false);
          expect(x).toBeLessThan(24);
          cells.add(`${x} ${y}`);
        }
      }
    }
  });
});

describe.skipIf(isPrometheusMissing)('the dashboard on a real Prometheus', () => {
  // Whole minutes, because Grafana aligns its steps.
  const beginsAt = 60 * Math.floor(Date.now() / 60_000 - 2 * MINUTES);
  const cart = { stable: '6b8d9f7c5', canary: '8c7b6d5f4' };
  let prometheus: Awaited<ReturnType<typeof startBackfilledPrometheus>>;

  beforeAll(async () => {
    const series = [
      ...serviceSeries('shop', HASHES),
      ...argoSeries('shop', HASHES.canary),
      // A release under Flagger, and another service whose name starts with the same letters.
      ...serviceSeries('cart', cart),
      ...flaggerSeries('cart'),
      ...serviceSeries('shop-admin', { stable: '9d4c5b6f7', canary: '4b5c6d7f8' }),
    ];
    prometheus = await startBackfilledPrometheus(openMetricsOf(series, beginsAt));
  });
  afterAll(async () => await prometheus.close());

  interface Returned {
    readonly metric: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [minute: number, value: number])[];
  }

  /** Returns the result of a query from one minute to another, as Grafana sends it. */
  async function ask(expr: string, from: number, to: number, hashes = HASHES): Promise<readonly Returned[]> {
    const variables = {
      $__rate_interval: '1m',
      $__interval: '15s',
      $__range: `${MINUTES}m`,
      $canary: hashes.canary,
      $stable: hashes.stable,
      $hash: '.*',
    };
    const query = Object.entries(variables).reduce((text, [name, value]) => text.replaceAll(name, value), expr);
    const time = { start: String(beginsAt + 60 * from), end: String(beginsAt + 60 * to), step: '60' };
    const response = await fetch(`${prometheus.address}/api/v1/query_range`, {
      method: 'POST',
      body: new URLSearchParams({ query, ...time }),
    });
    const { data, error } = (await response.json()) as {
      data?: { result: { metric: Record<string, string>; values: [number, string][] }[] };
      error?: string;
    };
    if (data === undefined) throw new Error(`${error}: ${query}`);
    return data.result.map(({ metric, values }) => ({
      metric,
      values: values.map(([at, value]) => [(at - beginsAt) / 60, Number(value)]),
    }));
  }

  function panelNamed(title: string, dashboard = dashboardOf('shop')): Panel {
    const panel = dashboard.panels.find((each) => each.title === title);
    if (panel === undefined) throw new Error(`there is no panel ${title}`);
    return panel;
  }

  /** Returns the values that a panel shows at a minute, by their legend. */
  async function shownBy(panel: Panel, minute: number, hashes = HASHES): Promise<Readonly<Record<string, number>>> {
    const shown: Record<string, number> = {};
    for (const { expr, legendFormat } of panel.targets ?? []) {
      for (const { metric, values } of await ask(expr, minute, minute, hashes)) {
        for (const [, value] of values) shown[filled(legendFormat, metric)] = Math.round(1000 * value) / 1000;
      }
    }
    return shown;
  }

  function filled(text: string, labels: Readonly<Record<string, string>>): string {
    return text.replace(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');
  }

  it.each([
    'Requests per second',
    'Share of failed requests',
    'Share over the objective of the route',
    '95th percentile, interpolated',
    'Overdue requests',
    'Requests in flight',
    'Cold pods',
    'Restarts',
    'Kept out of the metrics, by reason',
    'State of the schema',
  ])('shows canary beside stable, and no other service: %s', async (title) => {
    const shown = Object.keys(await shownBy(panelNamed(title), ENDS));
    expect(shown.map((legend) => legend.split(' ')[0]).sort()).toEqual([HASHES.stable, HASHES.canary]);
  });

  it('shows the routes of both sides in one table', async () => {
    const { targets = [] } = panelNamed('Routes, canary and stable');
    const rows: Record<string, Record<string, number>> = {};
    for (const { expr, legendFormat } of targets) {
      for (const { metric, values } of await ask(expr, MINUTES, MINUTES)) {
        const row = `${metric.method} ${metric.route}`;
        rows[row] = { ...rows[row], [legendFormat]: Math.round(100 * (values[0]?.[1] ?? Number.NaN)) / 100 };
      }
    }
    expect(rows).toMatchObject({
      'GET /items/:id': { 'Failed, canary': 0, 'Failed, stable': 0, 'Slow, canary': 0.1, 'Slow, stable': 0.1 },
      'POST /pay': { 'Failed, canary': 0.2, 'Failed, stable': 0, 'Slow, canary': 0.1, 'Slow, stable': 0.1 },
    });
    expect(rows['POST /pay']?.['Requests, stable']).toBeCloseTo(0.25 * 600 * MINUTES, -2);
    expect(await shownBy(panelNamed('Failed requests per second, by route'), ENDS)).toEqual({
      [`${HASHES.canary} POST /pay`]: 0.05,
    });
  });

  it('shows the evidence beside the limit', async () => {
    expect(await shownBy(panelNamed('Requests of the canary in 2m'), CANARY_STARTS + 1)).toEqual({ canary: 60 });
    const { 'proven, canary': proven, ...measured } = await shownBy(panelNamed('Failed requests in 2m'), ENDS);
    expect(measured).toEqual({ 'measured, canary': 0.05, 'measured, stable': 0 });
    expect(proven).toBeGreaterThan(0.01);
    expect(proven).toBeLessThan(0.05);
  });

  it('shows the value that a measurement of the analysis would have now', async () => {
    const shown = await shownBy(panelNamed('What the analysis measures now'), ENDS);
    expect(shown).toMatchObject({ hangs: 0, restarts: 0, instrumentation: 0, 'routes-lost': 0, 'routes-failing': 1 });
    expect(shown['error-ratio-since-start']).toBeGreaterThan(1);
    const template = manifestsFor('argo', { name: 'shop', namespace: 'eu' })[0]?.text ?? '';
    for (const name of Object.keys(shown)) expect(template).toContain(`- name: ${name}\n`);
  });

  it.each<[string, number, string]>([
    ['shop', CANARY_STARTS - 1, 'done'],
    ['shop', ENDS - 1, 'runs'],
    ['shop', ENDS, 'failed'],
    ['cart', CANARY_STARTS - 1, 'done'],
    ['cart', ENDS - 1, 'runs'],
    ['cart', ENDS, 'done'],
  ])('says that %s is, at minute %d: %s', async (name, minute, state) => {
    const panel = panelNamed('State of the release', dashboardOf(name));
    const { fieldConfig } = panel as unknown as {
      fieldConfig: { defaults: { mappings: { options: Record<string, { text: string }> }[] } };
    };
    const { [name]: value } = await shownBy(panel, minute);
    expect(fieldConfig.defaults.mappings[0]?.options[String(value)]?.text).toBe(state);
  });

  it('shows the phase of each metric of the AnalysisRuns', async () => {
    const panel = panelNamed('Metrics of the AnalysisRuns (Argo Rollouts)');
    expect(await shownBy(panel, ENDS - 1)).toEqual({ 'error-ratio': 0, hangs: 1 });
    expect(await shownBy(panel, ENDS)).toEqual({ 'error-ratio': 4, hangs: 1 });
  });

  it('shows the share of the traffic beside the weight', async () => {
    expect(await shownBy(panelNamed('Share of the traffic', dashboardOf('cart')), STEP_DONE[1])).toEqual({
      [cart.canary]: 9.091,
      [cart.stable]: 90.909,
      'weight set by Flagger': 20,
    });
  });

  it.each<[string, readonly string[]]>([
    [
      'shop',
      [
        `${CANARY_STARTS}: New release ${HASHES.canary}`,
        ...STEP_DONE.map((minute) => `${minute}: RolloutStepCompleted`),
        `${ENDS}: AnalysisRunFailed`,
        `${ENDS}: RolloutAborted`,
      ],
    ],
    [
      'cart',
      [
        `${CANARY_STARTS}: New release ${cart.canary}`,
        ...[...STEP_DONE, ENDS].map((minute) => `${minute}: Flagger set another weight`),
        `${ENDS}: Promoted by Flagger`,
      ],
    ],
  ])('marks the steps and the verdict of %s', async (name, marks) => {
    const found: string[] = [];
    for (const { titleFormat = '', target } of dashboardOf(name).annotations.list) {
      if (target === undefined) continue;
      expect(target.interval).toBe('1m');
      for (const { metric, values } of await ask(target.expr, 1, MINUTES)) {
        // Grafana marks a time for which a value is not 0.
        const times = values.filter(([, value]) => value !== 0).map(([minute]) => minute);
        found.push(...times.map((minute) => `${minute}: ${filled(titleFormat, metric)}`));
      }
    }
    expect(found.sort()).toEqual([...marks].sort());
  });

  it('finds the canary and its stable by the age of their pods', async () => {
    const chosen: Record<string, string | undefined> = {};
    for (const { name, query, regex } of dashboardOf('shop').templating.list) {
      const inner = /^query_result\((.*)\)$/.exec(typeof query === 'string' ? query : query.query)?.[1];
      if (inner === undefined) continue;
      // Grafana writes an element like this before it applies the regular expression.
      const [{ metric = {} } = {}] = await ask(inner, ENDS, ENDS);
      const element = `{${Object.entries(metric).map(([label, value]) => `${label}="${value}"`)}}`;
      chosen[name] = new RegExp(regex?.slice(1, -1) ?? '').exec(element)?.[1];
    }
    expect(chosen).toEqual(HASHES);
  });
});
