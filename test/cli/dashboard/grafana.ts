import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The parts of a dashboard that Grafana queries. */
export interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly Annotation[] };
  readonly templating: { readonly list: readonly Variable[] };
}

export interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

interface Annotation {
  readonly name: string;
  readonly titleFormat?: string;
  readonly target?: { readonly expr: string; readonly interval: string };
}

interface Variable {
  readonly name: string;
  readonly query: string | { readonly query: string };
  readonly regex?: string;
}

// The schema has enums, and JSON has the values of these enums.
const TYPES = `
import type { AnnotationQuery, Dashboard, DataQuery, Panel, RowPanel } from '@grafana/schema';
import type { Options as BarGauge } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type { FieldConfig as StateField, Options as StateTimeline } from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type { FieldConfig as TableField, Options as Table } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { FieldConfig as TimeSeriesField, Options as TimeSeries } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

type Json<T> = T extends string
  ? \`\${T}\`
  : T extends number
    ? number extends T ? number : \`\${T}\` extends \`\${infer N extends number}\` ? N : never
    : T extends readonly (infer E)[] ? Json<E>[]
    : T extends object ? { [K in keyof T]: Json<T[K]> } : T;

type Of<Type extends string, Options, Field> =
  Omit<Panel, 'type' | 'options' | 'fieldConfig' | 'targets'> & {
    type: Type;
    options: Options;
    fieldConfig: Omit<NonNullable<Panel['fieldConfig']>, 'defaults'> & {
      defaults: Omit<NonNullable<Panel['fieldConfig']>['defaults'], 'custom'> & { custom?: Partial<Field> };
    };
    targets: PrometheusQuery[];
  };
type PrometheusQuery = DataQuery & {
  expr: string;
  legendFormat?: string;
  interval?: string;
  instant?: boolean;
  range?: boolean;
  format?: 'table' | 'time_series' | 'heatmap';
};
type PrometheusAnnotation = AnnotationQuery<PrometheusQuery> & { titleFormat?: string };
type Shown =
  | Of<'timeseries', TimeSeries, TimeSeriesField>
  | Of<'state-timeline', StateTimeline, StateField>
  | Of<'bargauge', BarGauge, never>
  | Of<'table', Table, TableField>
  | (Omit<RowPanel, 'type'> & { type: 'row' });

export type Written = Json<
  Omit<Dashboard, 'panels' | 'annotations'> & { panels: Shown[]; annotations: { list: PrometheusAnnotation[] } }
>;
`;

/** Returns the conflicts of dashboards with the types of @grafana/schema: an unknown property, or a value of another type. */
export function complaintsOfSchema(...dashboards: readonly object[]): readonly string[] {
  const path = fileURLToPath(new URL('written.ts', import.meta.url));
  const written = dashboards.map((each, i) => `export const written${i}: Written = ${JSON.stringify(each, null, 2)};`);
  const text = [TYPES, ...written].join('\n');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (file) => file === path || fileExists(file);
  host.readFile = (file) => (file === path ? text : readFile(file));
  const program = ts.createProgram([path], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    return `${file?.text.split('\n')[line]?.trim()}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
