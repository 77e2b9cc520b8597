import { isMapping } from '@coalmine/options';
import { isAskable, withoutQueryPath, withScheme } from '../../controllers/address.js';
import { boundsOf, METRIC_INTERVAL, namesOf } from '../../controllers/flagger/canary.js';
import { renderingFault, renderTemplate } from '../../controllers/flagger/go-template.js';
import { judge } from '../../controllers/flagger/judge.js';
import type { Path, SourceObject } from '../../controllers/objects.js';
import { textAt } from '../../controllers/read.js';
import type { Answer } from '../../prometheus.js';
import { seconds } from '../../queries/series.js';
import type { Report, Setting } from './findings.js';
import { type Action, actionsIn } from './go-template.js';
import type { MetricUse } from './metric-use.js';
import { lintNobody, lintSiblings } from './pods.js';
import { onOneLine } from './query.js';
import { lintQuery, windowsIn } from './query-rules.js';
import type { QueryUse } from './query-use.js';

// Providers that Flagger queries in other languages. Flagger treats any other provider as Prometheus.
const OTHER_PROVIDERS =
  /^(?:datadog|externalmetrics|cloudwatch|newrelic|graphite|stackdriver|influxdb|dynatrace|keptn|splunk)$/;

// Whether templates can be rendered does not depend on the name of the Canary.
const MODEL = {
  name: 'shop',
  namespace: 'shop',
  target: 'shop',
  service: 'shop',
  ingress: 'shop',
  route: 'shop',
  interval: METRIC_INTERVAL,
};
const FUNCTIONS = Object.keys(MODEL);

interface Spec {
  readonly query?: string;
  readonly provider?: { readonly type?: string; readonly address?: string };
}

/** Lints a MetricTemplate, together with the Canaries that use it. */
export function lintMetricTemplate(template: SourceObject, uses: readonly MetricUse[], setting: Setting): void {
  const { query, provider = {} } = template.spec as Spec;
  const { type = 'prometheus', address = '' } = provider;
  const place = template.at(['spec', 'provider']);
  if (OTHER_PROVIDERS.test(type)) {
    const message = `the provider is ${type}: the query was not linted`;
    setting.report('other-provider', place, message, 'nothing; the other parts of the files were linted');
    lintRendering(template, ['spec', 'query'], query ?? '', uses, setting);
    return;
  }
  if (!isAskable(address)) {
    setting.report(
      'invalid-address',
      address === '' ? place : template.at(['spec', 'provider', 'address']),
      `${address === '' ? 'there is no address' : `${address} is not an address with a scheme and a host`}: every check fails`,
      `address: ${address === '' ? 'http://prometheus:9090' : withScheme(address)}`,
    );
  }
  const asked = withoutQueryPath(address);
  if (asked !== undefined) {
    setting.report(
      'invalid-address',
      template.at(['spec', 'provider', 'address']),
      `Flagger adds /api/v1/query to ${address}: every check fails`,
      `address: ${asked}`,
    );
  }
  if (query === undefined || query.trim() === '') {
    return setting.report('empty-spec', template.at(['spec']), 'there is no query: every check fails', 'add a query');
  }
  lintFlaggerQuery(template, ['spec', 'query'], query, uses, setting);
}

/** Lints a query of Flagger, together with the metrics that use it. */
export function lintFlaggerQuery(
  object: SourceObject,
  path: Path,
  source: string,
  uses: readonly MetricUse[],
  setting: Setting,
): void {
  const { scrapeSeconds } = setting;
  const { actions, plain, unclosed } = lintRendering(object, path, source, uses, setting);
  if (unclosed !== undefined) return;
  const asWritten = (text: string): string =>
    actions.reduce((before, action) => before.replaceAll(action.plain, () => action.written), text);
  const report: Report = (rule, place, message, repair, severity) =>
    setting.report(rule, place, asWritten(message), asWritten(repair), severity);
  lintComment(object, path, source, plain, setting);
  lintInterval(
    object,
    actions.some(({ text }) => /\binterval\b/.test(text)),
    uses,
    setting,
  );
  const controls = actions.filter(({ isControl }) => isControl);
  const [control] = controls;
  const render = (use: MetricUse): string | undefined => renderedFor(use, source, controls);
  if (control !== undefined && uses.every((use) => render(use) === undefined)) {
    return report(
      'unknown-function',
      object.within(path, control.index),
      `{{ ${control.text} }} controls which query is sent, and no Canary in these files says which: the query was not linted`,
      'lint it together with its Canary; the other parts of the files were linted',
    );
  }
  for (const use of uses.length === 0 ? [undefined] : uses) {
    const rendered = control === undefined || use === undefined ? undefined : render(use);
    if (control !== undefined && rendered === undefined) continue;
    const isBounded = use?.metric.thresholdRange !== undefined || use?.metric.threshold !== undefined;
    const { min, max } = isBounded ? boundsOf(use.metric, undefined) : {};
    const bounds = { isDuration: false, min, max };
    const threshold = max ?? min;
    lintQuery({
      controller: 'flagger',
      // The places in a rendered query are not those in the template.
      object: rendered === undefined ? object : { ...object, within: (at) => object.at(at) },
      path,
      source: rendered ?? plain,
      address: isTemplate(object) ? (object.spec as Spec).provider?.address : undefined,
      values: { interval: use?.metric.interval ?? METRIC_INTERVAL },
      report: rendered === undefined || use === undefined ? report : ofRendered(report, use.canary),
      scrapeSeconds,
      ...(threshold === undefined ? {} : { threshold, judge: (answer: Answer) => judge(bounds, answer).phase }),
      also(query) {
        // The other checks look for placeholders.
        if (rendered !== undefined) return;
        lintFixedWindow(query, use);
        lintSiblings(query);
        lintNobody(query);
      },
    });
  }
}

/** Returns a query as Flagger renders it for a Canary; `undefined` if that is not known. */
function renderedFor({ canary, metric }: MetricUse, source: string, controls: readonly Action[]): string | undefined {
  const { spec } = canary.written;
  const target = textAt(spec, 'targetRef', 'name');
  if (target === '' || !isMapping(spec)) return undefined;
  // A Canary without a namespace gets one when it is applied.
  if (canary.namespace === undefined && controls.some(({ text }) => /\bnamespace\b/.test(text))) return undefined;
  const model = {
    ...namesOf(canary, spec, target),
    interval: metric.interval ?? '',
    variables: metric.templateVariables ?? {},
  };
  return renderingFault(source, model) === undefined ? renderTemplate(source, model) : undefined;
}

/** Returns a report for the query that is rendered for a Canary. */
function ofRendered(report: Report, { name }: SourceObject): Report {
  return (rule, place, message, repair, severity) => {
    // A rendered name does not show whether it is the name of the target.
    if (rule === 'mixed-pods') return;
    report(
      rule,
      place,
      `rendered for ${name}: ${message}`,
      repair.replace(/^query: /, 'render this query: '),
      severity,
    );
  };
}

function isTemplate({ kind }: SourceObject): boolean {
  return kind === 'MetricTemplate';
}

/** Lints what Flagger fills in, whomever it asks then. Returns what stands in the template. */
function lintRendering(
  object: SourceObject,
  path: Path,
  source: string,
  uses: readonly MetricUse[],
  setting: Setting,
): ReturnType<typeof actionsIn> {
  const { report } = setting;
  const found = actionsIn(source);
  const { actions, unclosed } = found;
  if (unclosed !== undefined) {
    const message = `${source.slice(unclosed, unclosed + 20)} has no }}: the query cannot be rendered, and every check fails`;
    report('unclosed-placeholder', object.within(path, unclosed), message, 'close it with }}');
    return found;
  }
  const asked = actions.flatMap(({ variables }) => variables);
  const fault = renderingFault(source, { ...MODEL, variables: Object.fromEntries(asked.map((name) => [name, 'x'])) });
  if (fault !== undefined) {
    report(
      fault.isRefused ? 'foreign-placeholder' : 'unknown-function',
      object.within(path, fault.at ?? 0),
      fault.isRefused ? `the query cannot be rendered, and every check fails: ${fault.message}` : fault.message,
      fault.isRefused
        ? `write one of ${FUNCTIONS.map((name) => `{{ ${name} }}`).join(', ')}, {{ variables.<name> }}`
        : 'try the query with the controller; the rest of the files was linted',
    );
  }
  for (const variable of asked) lintVariable(variable, uses, setting);
  return found;
}

function lintVariable(variable: string, uses: readonly MetricUse[], { report }: Setting): void {
  for (const { canary, path, metric } of uses) {
    if (metric.templateVariables?.[variable] !== undefined) continue;
    report(
      'missing-variable',
      canary.at(path),
      `the template reads variables.${variable}, which is not set: every check fails`,
      `templateVariables: { ${variable}: … }`,
    );
  }
}

/** Lints comments: Flagger sends a query on one line, so a comment does not end. */
function lintComment(object: SourceObject, path: Path, source: string, plain: string, { report }: Setting): void {
  const comment = [...plain.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\{\{.*?\}\}|(#)[^\n]*/gs)].find(
    ([, hash]) => hash !== undefined,
  );
  if (comment === undefined || onOneLine(plain.slice(comment.index)) === '') return;
  report(
    'swallowed-query',
    object.within(path, comment.index),
    'Flagger sends the query on one line, so the comment swallows everything after it: every check fails, or sends another query',
    `query: ${onOneLine(source)}`,
  );
}

/** Lints the interval: a metric with a template has none by default. */
function lintInterval(object: SourceObject, isAsked: boolean, uses: readonly MetricUse[], { report }: Setting): void {
  if (!isAsked) return;
  for (const { canary, path, metric } of uses) {
    if (object === canary || (metric.interval ?? '') !== '') continue;
    report(
      'missing-metric-interval',
      canary.at(path),
      'the template uses the interval of the metric, but the metric has none: the window is [], and every check fails',
      `give the metric an interval, such as ${METRIC_INTERVAL}`,
    );
  }
}

function lintFixedWindow({ query, say }: QueryUse, use: MetricUse | undefined): void {
  const windows = windowsIn(query).filter(({ isFixed, isRepeated }) => isFixed && !isRepeated);
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
    `the window is ${seconds(found.seconds)} and ignores the interval of the metric${use === undefined || longer === undefined ? '' : `, and the weight changes every ${seconds(use.analysisSeconds)}`}`,
    `query: ${query.edited(edits)}`,
  );
}
