import { setTimeout } from 'node:timers/promises';
import { warn } from '@coalmine/options';
import { exemplarText } from './exemplar.js';
import { Family, type Style } from './family.js';
import { labelText } from './label-text.js';
import type { Labels } from './names.js';
import { numberText } from './number-text.js';
import {
  type MetricObject,
  type MetricValue,
  type RegisteredMetric,
  type RegistryLike,
  warnOfOtherClient,
} from './registry.js';
import { Slice } from './slice.js';

/** Prometheus text 0.0.4, or OpenMetrics 1.0. */
export type Format = 'text' | 'openmetrics';

/** The `Content-Type` of each {@link Format}. */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

// Long enough to be worth writing, short enough that encoding it fits in a slice.
const CHUNK_LENGTH = 16 * 1024;
// A Prometheus gives up on a scrape after 10 s by default, and then every series is missing, not one.
const COLLECT_MILLISECONDS = 5_000;

/**
 * Renders a whole registry, our metrics and the user's alike, giving the event loop back about every half millisecond.
 *
 * - `_created` samples are written for our own metrics, in OpenMetrics only.
 * - A counter whose name lacks `_total` is `unknown` in OpenMetrics, so that it keeps its name whatever a scraper asks for.
 * - A user's metric that fails to collect, or takes longer than 5 s, is left out of this exposition with a process
 *   warning: it must not blind the controller.
 * - The values of one user's metric are read in one go, as its client does it; only their rendering is sliced.
 *
 * Never rejects. Sources: Prometheus exposition formats 0.0.4, OpenMetrics 1.0.0.
 */
export async function* renderRegistry(registry: RegistryLike, format: Format): AsyncGenerator<string, void, undefined> {
  warnOfOtherClient(registry);
  const style: Style = { openMetrics: format === 'openmetrics', defaultLabels: defaultLabelsOf(registry) };
  const slice = new Slice();
  const pending: (Family | Promise<MetricObject | undefined>)[] = [];
  for (const metric of registry.getMetricsAsArray() as RegisteredMetric[]) {
    pending.push(metric instanceof Family ? metric : collect(metric, registry));
    if (slice.isOver()) await slice.next();
  }
  let text = '';
  for (const entry of pending) {
    const family = entry instanceof Family ? entry : await entry;
    if (family === undefined) continue;
    text += head(family, style);
    for (const lines of family instanceof Family ? ownLines(family, style) : foreignLines(family, style)) {
      text += lines;
      if (text.length < CHUNK_LENGTH) continue;
      yield text;
      text = '';
      if (slice.isOver()) await slice.next();
    }
  }
  yield style.openMetrics ? `${text}# EOF\n` : text;
}

function ownLines(family: Family, style: Style): Iterable<string> {
  family.recorder.beforeCollect();
  return family.lines(style);
}

async function collect(metric: RegisteredMetric, registry: RegistryLike): Promise<MetricObject | undefined> {
  const late = new AbortController();
  try {
    const timeout = setTimeout(COLLECT_MILLISECONDS, undefined, { signal: late.signal, ref: false }).then(() => {
      throw new Error(`no values after ${COLLECT_MILLISECONDS} ms`);
    });
    const collected = await Promise.race([metric.get(), timeout]);
    return { ...collected, name: shownName(collected, registry), values: collected.values ?? [] };
  } catch (error) {
    warn('COALMINE_COLLECT_FAILED', `The metric ${metric.name} was left out of /metrics: ${String(error)}`, metric);
    return undefined;
  } finally {
    late.abort();
  }
}

/** A registry in OpenMetrics mode takes `_total` off its counters, for good, and puts it on again in what it writes. */
function shownName({ name, type }: MetricObject, { contentType }: RegistryLike): string {
  const isBare =
    type === 'counter' && contentType.startsWith('application/openmetrics-text') && !name.endsWith('_total');
  return isBare ? `${name}_total` : name;
}

function head({ name, help, type }: Pick<MetricObject, 'name' | 'help' | 'type'>, style: Style): string {
  const isCounter = type === 'counter' && name.endsWith('_total');
  const family = style.openMetrics && isCounter ? name.slice(0, -'_total'.length) : name;
  const shownType = style.openMetrics && type === 'counter' && !isCounter ? 'unknown' : type;
  return `# HELP ${family} ${escapeHelp(help, style)}\n# TYPE ${family} ${shownType}\n`;
}

function* foreignLines(metric: MetricObject, style: Style): Generator<string, void, undefined> {
  for (const row of metric.values) yield line(metric.name, row, style);
}

function line(name: string, row: MetricValue, { openMetrics, defaultLabels }: Style): string {
  const labels = labelText({ ...defaultLabels, ...row.labels, ...row.sharedLabels });
  const sample = `${row.metricName ?? name}${labels === '' ? '' : `{${labels}}`} ${numberText(row.value)}`;
  // The clients say null for none.
  return `${sample}${openMetrics ? exemplarText(row.exemplar ?? undefined) : ''}\n`;
}

function escapeHelp(help: string, { openMetrics }: Style): string {
  const escaped = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return openMetrics ? escaped.replace(/"/g, '\\"') : escaped;
}

function defaultLabelsOf(registry: RegistryLike): Labels {
  // No public getter exists in any client.
  const labels = (registry as { _defaultLabels?: Labels })._defaultLabels;
  return typeof labels === 'object' && labels !== null ? labels : {};
}
