import { isAskable } from '../../controllers/address.js';
import { boundsOf, METRIC_INTERVAL } from '../../controllers/flagger/canary.js';
import { renderingFault } from '../../controllers/flagger/go-template.js';
import { judged } from '../../controllers/flagger/judge.js';
import type { Path, SourceObject } from '../../controllers/objects.js';
import type { Answer } from '../../prometheus.js';
import { seconds } from '../../queries/series.js';
import { actionsIn } from './go-template.js';
import type { MetricUse } from './metric-use.js';
import { lintSiblings } from './pods.js';
import { onOneLine } from './query.js';
import { lintQuery, windowsIn } from './query-rules.js';
import type { QueryUse } from './query-use.js';
import type { Setting } from './rules.js';

// Those that Flagger asks in languages of their own; it takes any other for Prometheus.
const OTHER_PROVIDERS =
  /^(?:datadog|externalmetrics|cloudwatch|newrelic|graphite|stackdriver|influxdb|dynatrace|keptn|splunk)$/;

// Whatever a Canary is called, its templates can be rendered, or cannot.
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

/** Lints a MetricTemplate, by the Canaries that use it. */
export function lintMetricTemplate(template: SourceObject, uses: readonly MetricUse[], setting: Setting): void {
  const { query, provider = {} } = template.spec as Spec;
  const { type = 'prometheus', address = '' } = provider;
  const place = template.at(['spec', 'provider']);
  if (OTHER_PROVIDERS.test(type)) {
    const message = `the template is of ${type}: its query is not read`;
    setting.report('other-provider', place, message, 'nothing; what else the files say was looked at');
    lintRendering(template, ['spec', 'query'], query ?? '', uses, setting);
    return;
  }
  if (!isAskable(address)) {
    setting.report(
      'invalid-address',
      address === '' ? place : template.at(['spec', 'provider', 'address']),
      `${address === '' ? 'there is no address' : `${address} is no address with a scheme and a host`}: every check fails`,
      `address: ${address === '' ? 'http://prometheus:9090' : `http://${address.replace(/^\/+/, '')}`}`,
    );
  }
  if (query === undefined || query.trim() === '') {
    return setting.report('empty-spec', template.at(['spec']), 'there is no query: every check fails', 'give it one');
  }
  lintFlaggerQuery(template, ['spec', 'query'], query, uses, setting);
}

/** Lints a query of Flagger, by the metrics that ask it. */
export function lintFlaggerQuery(
  object: SourceObject,
  path: Path,
  source: string,
  uses: readonly MetricUse[],
  setting: Setting,
): void {
  const { report, scrapeSeconds } = setting;
  const { actions, plain, unclosed } = lintRendering(object, path, source, uses, setting);
  if (unclosed !== undefined) return;
  lintComment(object, path, source, plain, setting);
  lintInterval(
    object,
    actions.some(({ text }) => /\binterval\b/.test(text)),
    uses,
    setting,
  );
  const control = actions.find(({ isControl }) => isControl);
  if (control !== undefined) {
    return report(
      'unknown-function',
      object.within(path, control.index),
      `{{ ${control.text} }} chooses what is sent: nothing is said of the query`,
      'try it with the controller; what else the files say was looked at',
    );
  }
  for (const use of uses.length === 0 ? [undefined] : uses) {
    const isBounded = use?.metric.thresholdRange !== undefined || use?.metric.threshold !== undefined;
    const { min, max } = isBounded ? boundsOf(use.metric, undefined) : {};
    const bounds = { isDuration: false, min, max };
    const threshold = max ?? min;
    lintQuery({
      controller: 'flagger',
      object,
      path,
      source: plain,
      values: { interval: use?.metric.interval ?? METRIC_INTERVAL },
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
        : 'try it with the controller; what else the files say was looked at',
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
      `the template asks for variables.${variable}, which is not given: every check fails`,
      `templateVariables: { ${variable}: … }`,
    );
  }
}

/** Flagger sends a query on one line, on which a comment has no end. */
function lintComment(object: SourceObject, path: Path, source: string, plain: string, { report }: Setting): void {
  const comment = [...plain.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\{\{.*?\}\}|(#)[^\n]*/gs)].find(
    ([, hash]) => hash !== undefined,
  );
  if (comment === undefined || onOneLine(plain.slice(comment.index)) === '') return;
  report(
    'swallowed-query',
    object.within(path, comment.index),
    'Flagger sends the query on one line, on which the comment swallows what comes after it: every check fails, or asks for something else',
    `query: ${onOneLine(source)}`,
  );
}

/** A metric with a template has no interval by default. */
function lintInterval(object: SourceObject, isAsked: boolean, uses: readonly MetricUse[], { report }: Setting): void {
  if (!isAsked) return;
  for (const { canary, path, metric } of uses) {
    if (object === canary || (metric.interval ?? '') !== '') continue;
    report(
      'missing-metric-interval',
      canary.at(path),
      'the template asks for the interval of the metric, which has none: the window is [], and every check fails',
      `give the metric an interval, such as ${METRIC_INTERVAL}`,
    );
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
