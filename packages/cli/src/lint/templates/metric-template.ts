import { judged } from '../../analyze/flagger/run.js';
import type { Answer } from '../../analyze/prometheus.js';
import { seconds } from '../../queries/series.js';
import { METRIC_INTERVAL, type MetricUse } from './metric-use.js';
import { lintSiblings } from './pods.js';
import { lintQuery, windowsIn } from './query-rules.js';
import type { QueryUse } from './query-use.js';
import type { Setting } from './rules.js';
import type { Path, SourceObject } from './source.js';

/** Lints a MetricTemplate, by the Canaries that use it. */
export function lintMetricTemplate(template: SourceObject, uses: readonly MetricUse[], setting: Setting): void {
  const { query, provider } = template.spec as { query?: unknown; provider?: { type?: string } };
  if (typeof query !== 'string' || (provider?.type ?? 'prometheus') !== 'prometheus') return;
  lintFlaggerQuery(template, ['spec', 'query'], query, uses, setting);
}

const FUNCTIONS: readonly string[] = ['name', 'namespace', 'target', 'service', 'ingress', 'route', 'interval'];

/** Lints a query of Flagger, by the metrics that ask it. */
export function lintFlaggerQuery(
  object: SourceObject,
  path: Path,
  source: string,
  uses: readonly MetricUse[],
  { report, scrapeSeconds }: Setting,
): void {
  for (const { 1: action = '', index } of source.matchAll(/\{\{-?\s*(.*?)\s*-?\}\}/g)) {
    const [, variable] = /^variables\.(\w+)$/.exec(action) ?? [];
    if (variable === undefined && !FUNCTIONS.includes(action)) {
      report(
        'foreign-placeholder',
        object.within(path, index),
        `{{ ${action} }} cannot be rendered: every check fails`,
        `write one of ${FUNCTIONS.map((name) => `{{ ${name} }}`).join(', ')}, {{ variables.<name> }}`,
      );
    }
    for (const { canary, path, metric } of variable === undefined ? [] : uses) {
      if (metric.templateVariables?.[variable ?? ''] !== undefined) continue;
      report(
        'missing-variable',
        canary.at(path),
        `the template asks for variables.${variable}, which is not given: every check fails`,
        `templateVariables: { ${variable}: … }`,
      );
    }
  }
  for (const use of uses.length === 0 ? [undefined] : uses) {
    const { min, max } = use?.metric.thresholdRange ?? {};
    const bounds = { name: '', address: undefined, query: '', isDuration: false, min, max };
    const threshold = max ?? min;
    const interval = use?.metric.interval ?? METRIC_INTERVAL;
    lintQuery({
      controller: 'flagger',
      object,
      path,
      source,
      values: { interval },
      report,
      scrapeSeconds,
      ...(threshold === undefined ? {} : { threshold, judge: (answer: Answer) => judged(bounds, answer).phase }),
      also(query) {
        lintFixedWindow(query, use);
        lintSiblings(query);
      },
    });
  }
}

function lintFixedWindow({ query, say }: QueryUse, use: MetricUse | undefined): void {
  const windows = windowsIn(query).filter(({ isFixed }) => isFixed);
  const isFollowed = /\{\{-?\s*interval/.test(query.source);
  const longer = windows.find(({ seconds }) => use === undefined || seconds > use.analysisSeconds);
  const found = longer ?? (use?.metric.interval === undefined || isFollowed ? undefined : windows[0]);
  if (found === undefined) return;
  const edits = windows.flatMap(({ part }) =>
    part.kind === 'selector' && part.range !== undefined ? [{ ...part.range, text: '{{ interval }}' }] : [],
  );
  say(
    'fixed-window',
    found.part,
    `the window is ${seconds(found.seconds)} whatever the interval of the metric says${use === undefined || longer === undefined ? '' : `, and the weight changes every ${seconds(use.analysisSeconds)}`}`,
    `query: ${query.edited(edits)}`,
  );
}
