/** One query of a panel. */
export interface Query {
  readonly expr: string;
  /** Name of the series that the query returns, with labels in double braces. */
  readonly legend: string;
}

/** A panel without its place. */
export interface Panel {
  /** Columns, of 24, and rows. */
  readonly size: readonly [width: number, height: number];
  /** The panel in the JSON of Grafana. */
  readonly json: object;
}

/** A value with its text and its colour. */
export type Shown = readonly [value: number, text: string, color: string];

/** A data source that the reader of the dashboard chooses. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana.
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

interface Drawn {
  readonly title: string;
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly description?: string;
  /** A value at which a line is drawn. */
  readonly bound?: number | undefined;
  /** Whether the values should reach the bound. @defaultValue `false`: they should stay below it */
  readonly isNeeded?: boolean;
}

/** Returns a panel of lines over time. */
export function lines({ title, unit, queries, description, bound, isNeeded = false }: Drawn): Panel {
  const [below, above] = isNeeded ? ['orange', 'green'] : ['green', 'red'];
  const steps = bound === undefined ? [{ color: 'green', value: null }] : stepsOf(below, [bound, above]);
  return {
    size: [12, 8],
    json: {
      type: 'timeseries',
      title,
      ...describe(description),
      fieldConfig: {
        defaults: {
          unit,
          min: 0,
          thresholds: { mode: 'absolute', steps },
          custom: { thresholdsStyle: { mode: bound === undefined ? 'off' : 'line' } },
        },
        overrides: [],
      },
      options: {
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
      targets: targetsOf(queries),
    },
  };
}

/** Returns a panel of states over time: one row for each series, one colour for each value. */
export function states(title: string, queries: readonly Query[], shown: readonly Shown[], height: number): Panel {
  return {
    size: [12, height],
    json: {
      type: 'state-timeline',
      title,
      fieldConfig: {
        defaults: {
          mappings: [
            {
              type: 'value',
              options: Object.fromEntries(shown.map(([value, text, color]) => [String(value), { text, color }])),
            },
          ],
          custom: { fillOpacity: 80 },
        },
        overrides: [],
      },
      options: {
        mergeValues: true,
        showValue: 'auto',
        rowHeight: 0.9,
        legend: { displayMode: 'list', placement: 'bottom', showLegend: false, calcs: [] },
        tooltip: { mode: 'single', sort: 'none' },
      },
      targets: targetsOf(queries),
    },
  };
}

/** A bar, and the values from which it has another colour than green. */
export interface Bar extends Query {
  readonly steps: readonly (readonly [from: number, color: string])[];
  readonly below: string;
}

/** Returns a panel with one bar for the latest value of each query. */
export function bars(title: string, description: string, all: readonly Bar[], max: number): Panel {
  return {
    size: [12, 14],
    json: {
      type: 'bargauge',
      title,
      description,
      fieldConfig: {
        defaults: { unit: 'none', decimals: 2, min: 0, max, noValue: 'no number' },
        overrides: all.map(({ steps, below }, i) => ({
          matcher: { id: 'byFrameRefID', options: refIdOf(i) },
          properties: [{ id: 'thresholds', value: { mode: 'absolute', steps: stepsOf(below, ...steps) } }],
        })),
      },
      options: {
        displayMode: 'basic',
        orientation: 'horizontal',
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
        valueMode: 'color',
        showUnfilled: true,
        sizing: 'auto',
        minVizWidth: 8,
        minVizHeight: 16,
        maxVizHeight: 300,
        namePlacement: 'left',
        legend: { displayMode: 'list', placement: 'bottom', showLegend: false, calcs: [] },
      },
      targets: targetsOf(all).map((target) => ({ ...target, instant: true, range: false })),
    },
  };
}

/** A column of a table. */
export interface Column extends Pick<Query, 'expr'> {
  readonly name: string;
  readonly unit: string;
}

/** Returns a panel with a row for each set of `labels`, and a column for each query. */
export function table(title: string, labels: readonly string[], columns: readonly Column[], sortBy: string): Panel {
  const columnOf = (index: number): string => `Value #${refIdOf(index)}`;
  return {
    size: [24, 10],
    json: {
      type: 'table',
      title,
      fieldConfig: {
        defaults: { decimals: 2, custom: { align: 'auto', cellOptions: { type: 'auto' }, inspect: false } },
        overrides: columns.map(({ name, unit }) => ({
          matcher: { id: 'byName', options: name },
          properties: [{ id: 'unit', value: unit }],
        })),
      },
      options: { showHeader: true, frameIndex: 0, sortBy: [{ displayName: sortBy, desc: true }] },
      transformations: [
        { id: 'merge', options: {} },
        {
          id: 'organize',
          options: {
            excludeByName: { Time: true },
            indexByName: Object.fromEntries(
              [...labels, ...columns.map((_, i) => columnOf(i))].map((name, i) => [name, i]),
            ),
            renameByName: Object.fromEntries(columns.map(({ name }, i) => [columnOf(i), name])),
          },
        },
      ],
      targets: targetsOf(columns.map(({ expr, name }) => ({ expr, legend: name }))).map((target) => ({
        ...target,
        instant: true,
        range: false,
        format: 'table',
      })),
    },
  };
}

/** Returns the panels of rows, each with its id and its position. */
export function placePanels(rows: Readonly<Record<string, readonly Panel[]>>): readonly object[] {
  const all: object[] = [];
  let [x, y, height] = [0, 0, 0];
  const breakLine = (): void => {
    y += height;
    [x, height] = [0, 0];
  };
  const place = (json: object, [w, h]: Panel['size']): void => {
    if (x + w > 24) breakLine();
    all.push({ id: all.length + 1, ...json, gridPos: { x, y, w, h } });
    x += w;
    height = Math.max(height, h);
  };
  for (const [title, panels] of Object.entries(rows)) {
    breakLine();
    place({ type: 'row', title, collapsed: false, panels: [] }, [24, 1]);
    for (const { json, size } of panels) place({ datasource: DATASOURCE, ...json }, size);
  }
  return all;
}

function targetsOf(queries: readonly Query[]): readonly object[] {
  return queries.map(({ expr, legend }, i) => ({
    refId: refIdOf(i),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend,
  }));
}

/** Returns the letters by which Grafana itself names the queries of a panel. */
function refIdOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function stepsOf(below: string, ...steps: readonly (readonly [from: number, color: string])[]): readonly object[] {
  return [{ color: below, value: null }, ...steps.map(([value, color]) => ({ color, value }))];
}

function describe(description: string | undefined): object {
  return description === undefined ? {} : { description };
}
