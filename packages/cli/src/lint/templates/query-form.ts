import { innerOf, type PlacedMatcher, type Promql, type Selector } from '../../promql/promql.js';
import { matchBucket, seconds } from '../../queries/series.js';
import type { TemplateRule } from '../rules.js';
import { isMatch, valuesOf } from './outcome.js';
import { CANARY_PODS, isNameOfTarget } from './pods.js';
import type { Edit } from './query.js';
import { selectorText } from './query-repairs.js';
import type { QueryUse } from './query-use.js';

// With one scrape lost there are still two samples, which rate() needs.
const SCRAPES_IN_WINDOW = 4;

const WINDOWED = ['rate', 'increase', 'irate', 'delta', 'deriv'];

/** A use of a query whose changes are collected, so that each rule has one repair. */
interface Gathering extends QueryUse {
  change(rule: TemplateRule, part: { readonly from: number }, message: string, edit: Edit): void;
}

/** Lints the form of a query. */
export function lintForm(given: QueryUse): void {
  const { query, say } = given;
  const changes = new Map<
    TemplateRule,
    { readonly part: { readonly from: number }; readonly message: string; edits: Edit[] }
  >();
  const use: Gathering = {
    ...given,
    change(rule, part, message, edit) {
      const change = changes.get(rule) ?? { part, message, edits: [] };
      change.edits.push(edit);
      changes.set(rule, change);
    },
  };
  for (const part of query.parts) {
    if (part.kind === 'call') {
      lintWindow(use, part);
      if (part.name === 'histogram_quantile') lintQuantile(use, part);
    }
    if (part.kind === 'selector') for (const matcher of part.matchers) lintMatcher(use, matcher);
  }
  lintBuckets(use, query.tree, false);
  lintNative(use);
  lintPods(use);
  for (const [rule, { part, message, edits }] of changes) say(rule, part, message, `query: ${query.edited(edits)}`);
}

// Gauges of Node.js, of processes and of Kubernetes.
const GAUGE =
  /^(?:up|process_(?:\w+_memory_(?:max_)?bytes|heap_bytes|open_fds)|nodejs_(?:eventloop_(?:lag|utilization)\w*|heap_\w+|external_memory_bytes|active_\w+)|container_memory_\w+|go_(?:goroutines|memstats_\w+_bytes)|jvm_(?:memory|threads)_\w+)$/;

function isGauge(metric: string): boolean {
  return GAUGE.test(metric) && !/_(?:total|count|sum|bucket)$/.test(metric);
}

type Call = Extract<Promql, { kind: 'call' }>;

function lintWindow(use: Gathering, call: Call): void {
  const { query, scrapeSeconds, say, change } = use;
  const [selector] = call.args;
  if (!WINDOWED.includes(call.name) || selector?.kind !== 'selector' || selector.range === undefined) return;
  const { range } = selector;
  if (call.name === 'irate') {
    change(
      'irate',
      call,
      `irate() looks only at the last two scrapes, whatever the range [${query.textOf(range)}] is`,
      {
        from: call.from,
        to: call.from + call.name.length,
        text: 'rate',
      },
    );
  }
  if (['rate', 'irate', 'increase'].includes(call.name) && isGauge(selector.metric)) {
    change(
      'rate-of-gauge',
      call,
      `${selector.metric} is a gauge: ${call.name}() takes each fall of it for a restart, so the result says nothing about it`,
      { from: call.from, to: call.from + call.name.length, text: 'avg_over_time' },
    );
  }
  const least = SCRAPES_IN_WINDOW * scrapeSeconds;
  if (range.seconds < least) {
    const message = `${seconds(range.seconds)} contain fewer than ${SCRAPES_IN_WINDOW} scrapes at one each ${seconds(scrapeSeconds)}: if one is lost there may be no rate`;
    if (query.isFilled(range)) say('short-window', range, message, `set the window to at least ${seconds(least)}`);
    else change('short-window', range, message, { ...range, text: seconds(least) });
  }
}

function lintQuantile({ query, say, threshold }: QueryUse, call: Call): void {
  const [first] = call.args;
  const quantile = first?.kind === 'number' ? first.value : 0.99;
  if (first !== undefined && quantile > 1) {
    const message = `a quantile is a share of at most 1: of ${quantile}, the result is always +Inf`;
    const edit = { ...first, text: String(quantile / 100) };
    return say('quantile', first, message, `query: ${query.edited([edit])}`, 'error');
  }
  const [selector] = query.parts.filter(
    (part): part is Selector => part.kind === 'selector' && part.from >= call.from && part.to <= call.to,
  );
  if (selector === undefined || !selector.metric.endsWith('_bucket')) return;
  const [, of] = call.args;
  if (of?.kind === 'aggregate' && of.grouping?.labels.includes('le') !== true && of.grouping?.isWithout !== true) {
    const inner = of.args.at(-1) ?? of;
    const labels = ['le', ...(of.grouping?.labels ?? [])].join(', ');
    const edit = { ...of, text: `${of.operator} by (${labels}) (${query.textOf(inner)})` };
    const message = 'the sum leaves no label le, which histogram_quantile() needs: the result is always empty';
    return say('buckets-summed', of, message, `query: ${query.edited([edit])}`);
  }
  const unit = /_(?:milliseconds|ms)_bucket$/.test(selector.metric) ? 'ms' : 's';
  const compared =
    call === query.tree && /_(?:seconds|milliseconds|ms)_bucket$/.test(selector.metric) ? threshold : undefined;
  // A bound that makes sense only in the other unit.
  const isOther = compared !== undefined && (unit === 's' ? compared >= 100 : compared > 0 && compared < 10);
  const bound = compared === undefined ? (unit === 's' ? 0.5 : 500) : inUnit(compared, isOther ? unit : undefined);
  const within = (matcher: string): string => {
    const text = selectorText(query, selector, [...selector.matchers.map(query.textOf), matcher]);
    return selector.range === undefined ? `sum(${text})` : `sum(rate(${text}))`;
  };
  const mistaken =
    unit === 's'
      ? `the result is in seconds, and is compared with ${compared} s; if you mean milliseconds, no canary is ever too slow. And `
      : `the result is in milliseconds, and is compared with ${compared} ms; if you mean seconds, every canary is too slow. And `;
  say(
    'quantile',
    call,
    `${isOther ? mistaken : ''}a quantile is interpolated between two bounds and ends at the highest one: it may show 0.9 s for 0.43 s, and never more than the last bound`,
    `query the share within a bound of the histogram, here ${bound} ${unit}, which is exact: ${within(matchBucket(bound))} / ${within('le="+Inf"')}, good from ${quantile} on`,
  );
}

/** Returns a number of the other unit in a unit; without a unit, the number itself. */
function inUnit(value: number, unit: 's' | 'ms' | undefined): number {
  if (unit === undefined) return value;
  return unit === 's' ? value / 1000 : value * 1000;
}

function lintMatcher({ change, controller, query }: Gathering, matcher: PlacedMatcher): void {
  const replaceBy = (text: string): Edit => ({ ...matcher, text });
  const { label, operator, value } = matcher;
  if (label === 'le' && operator === '=' && /^\d+(?:\.0)?$/.test(value)) {
    change(
      'whole-bound',
      matcher,
      `Prometheus 3 stores the bound ${Number(value)} as ${Number(value)}.0, Prometheus 2 as ${Number(value)}: with the other version there is no data`,
      replaceBy(matchBucket(Number(value))),
    );
  }
  if (label === 'le' && operator === '=' && /^\d*\.\d*[1-9]0+$|^\.\d+$/.test(value)) {
    change(
      'whole-bound',
      matcher,
      `Prometheus stores the bound ${value} as ${Number(value)}: no bucket is labelled so, and there is no data`,
      replaceBy(matchBucket(Number(value))),
    );
  }
  if (isPatternAsText(matcher)) {
    const isEqual = operator === '=';
    change(
      isEqual ? 'empty-when-healthy' : 'same-above-and-below',
      matcher,
      isEqual
        ? `${operator} compares ${label} with the text ${value}, which no series has: the selector matches nothing`
        : `${operator} compares ${label} with the text ${value}, which no series has: the selector matches everything, failures too`,
      replaceBy(query.textOf(matcher).replace(isEqual ? '=' : '!=', isEqual ? '=~' : '!~')),
    );
  }
  const isHttp = valuesOf(matcher)?.good === '200';
  if (
    isHttp &&
    /^=/.test(operator) &&
    isMatch(matcher, '200') &&
    !isMatch(matcher, '304') &&
    !isMatch(matcher, '404')
  ) {
    change(
      'success-is-2xx',
      matcher,
      'only 2xx is a success here, so redirects, 304, 404 and 429 are failures of the canary',
      replaceBy(`${label}!~"5.."`),
    );
  }
  if (controller === 'argo' && /role|track/i.test(label) && /^(?:canary|stable|preview|active)$/.test(value)) {
    const side = /canary|preview/.test(value) ? 'canary' : 'stable';
    change(
      'ephemeral-role',
      matcher,
      `${label} changes on the pod itself when it is promoted: its series end and new ones start, and rate() starts again`,
      replaceBy(`rollouts_pod_template_hash="{{args.${side}-hash}}"`),
    );
  }
}

/** Whether a matcher compares the status of requests with a regular expression as if it were a text. */
function isPatternAsText({ label, operator, value }: PlacedMatcher): boolean {
  if (!/^!?=$/.test(operator) || !/status|code/i.test(label)) return false;
  return /^\(?[1-5](?:\.\.|\.[*+]|\d?\.$|\\d|\[)/.test(value) || /^[1-5]\d\d(?:\|[1-5]\d\d)+$/.test(value);
}

function lintBuckets(use: Gathering, node: Promql, isRead: boolean): void {
  const { change } = use;
  const isByBound =
    node.kind === 'aggregate' &&
    node.grouping !== undefined &&
    node.grouping.labels.includes('le') !== node.grouping.isWithout;
  const reads = isRead || isByBound || (node.kind === 'call' && node.name === 'histogram_quantile');
  if (
    node.kind === 'selector' &&
    node.metric.endsWith('_bucket') &&
    !reads &&
    !node.matchers.some((m) => m.label === 'le')
  ) {
    const count = node.metric.replace(/_bucket$/, '_count');
    change(
      'buckets-summed',
      node,
      'each bucket of a histogram includes the smaller ones, so their sum counts fast requests more often than slow ones',
      { from: node.from, to: node.from + node.metric.length, text: count },
    );
  }
  for (const inner of innerOf(node)) lintBuckets(use, inner, reads);
}

const HISTOGRAM = /(?:duration|latency|request_time|response_time)\w*_(?:seconds|milliseconds|ms)$/;

function lintNative({ query, change, controller }: Gathering): void {
  const calls = query.parts.filter((part): part is Call => part.kind === 'call');
  const isRead = (selector: Promql): boolean =>
    calls.some(({ name, from, to }) => /^histogram_/.test(name) && from <= selector.from && to >= selector.to);
  for (const call of calls) {
    const [selector] = call.args;
    if (!['rate', 'increase'].includes(call.name) || selector?.kind !== 'selector') continue;
    if (!HISTOGRAM.test(selector.metric) || isRead(selector)) continue;
    change(
      'native-histogram',
      selector,
      controller === 'flagger'
        ? 'the result of a native histogram is not a number, and Flagger panics; a classic histogram has no such series'
        : 'the result of a native histogram is not a number, and Argo Rollouts reads it as 0; a classic histogram has no such series',
      { from: selector.from, to: selector.from + selector.metric.length, text: `${selector.metric}_count` },
    );
  }
}

// Labels that may tell one side of a release from the other.
const ARGO_SIDE = /hash|canary|stable|preview|active|baseline|revision|version/i;
const FLAGGER_SIDE = /\{\{(?:[^}]|\}(?!\}))*\b(?:target|service|ingress|route|variables|name)\b|canary|primary/i;

function lintPods({ query, say, controller }: QueryUse): void {
  const tellsSides = (matcher: PlacedMatcher): boolean =>
    controller === 'argo'
      ? ARGO_SIDE.test(matcher.value) || ARGO_SIDE.test(matcher.label)
      : FLAGGER_SIDE.test(matcher.value) || isNameOfTarget(matcher);
  const mixed = query.parts.find(
    (part): part is Selector =>
      part.kind === 'selector' &&
      !part.matchers.some(tellsSides) &&
      // The value of an argument is not known.
      !(query.isGuessed(part) && query.textOf(part).startsWith('{{')),
  );
  if (mixed === undefined) return;
  const own =
    controller === 'argo'
      ? 'rollouts_pod_template_hash="{{args.canary-hash}}"'
      : `namespace="{{ namespace }}",pod=~"${CANARY_PODS}"`;
  const edits = query.parts.flatMap((part) =>
    part.kind === 'selector' && !part.matchers.some(tellsSides)
      ? [{ from: part.from, to: part.to, text: selectorText(query, part, [...part.matchers.map(query.textOf), own]) }]
      : [],
  );
  say(
    'mixed-pods',
    mixed,
    'no label tells the canary from stable: if the selector matches both, the many requests of stable hide the failures of the canary',
    `query: ${query.edited(edits)}`,
  );
}
