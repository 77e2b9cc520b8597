import type { RegistryLike } from './clients.js';
import { collectRegistry } from './collect-registry.js';
import { readDefaultLabels } from './default-labels.js';
import { exemplarText } from './exemplar.js';
import { Family, type Style } from './family.js';
import { type ForeignMetric, rowsOf } from './foreign-metric.js';
import { numberText } from './number-text.js';
import { warnOfOtherClient } from './registry.js';
import { Slice } from './slice.js';

/** Prometheus text 0.0.4, or OpenMetrics 1.0. */
export type Format = 'text' | 'openmetrics';

/** The `Content-Type` of each {@link Format}. */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

// Long enough to be worth writing, and short enough to be encoded within a slice.
export const CHUNK_LENGTH: number = 16 * 1024;
// By default Prometheus gives up on a scrape after 10 s, and then all series are missing, not one.
const COLLECT_MILLISECONDS = 5_000;

/**
 * Renders a whole registry, our metrics and the metrics of the user, and yields to the event loop about every quarter
 * of a millisecond.
 *
 * - `_created` samples are written for our own metrics, in OpenMetrics only, if `created` asks for them.
 * - A counter whose name lacks `_total` is `unknown` in OpenMetrics, so that it has the same name in both formats.
 * - A user's metric that fails to collect, takes longer than 5 s, or returns something that no scraper could read, is
 *   left out of this exposition with a process warning: it must not blind the controller.
 * - The values of one user's metric are read in one go, as its client reads them; only the rendering is sliced.
 *
 * Rejects only if the registry itself cannot be read. Sources: Prometheus exposition formats 0.0.4, OpenMetrics 1.0.0.
 */
export async function* renderRegistry(registry: RegistryLike, format: Format): AsyncGenerator<string, void, undefined> {
  warnOfOtherClient(registry);
  const style: Style = { openMetrics: format === 'openmetrics', defaultLabels: readDefaultLabels(registry) };
  const slice = new Slice();
  let text = '';
  for await (const metric of collectRegistry(registry, COLLECT_MILLISECONDS, slice)) {
    text += head(metric, style);
    for (const lines of metric instanceof Family ? metric.lines(style) : foreignLines(metric, style)) {
      text += lines;
      if (text.length < CHUNK_LENGTH) continue;
      yield text;
      text = '';
      if (slice.isOver()) await slice.next();
    }
  }
  yield style.openMetrics ? `${text}# EOF\n` : text;
}

/** Returns the comments before the samples of a metric. */
export function head(
  { name, help, type }: Pick<ForeignMetric, 'name' | 'help' | 'type'>,
  { openMetrics }: Style,
): string {
  const isCounter = type === 'counter' && name.endsWith('_total');
  const family = openMetrics && isCounter ? name.slice(0, -'_total'.length) : name;
  const shownType = openMetrics && type === 'counter' && !isCounter ? 'unknown' : type;
  return `# HELP ${family} ${escapeHelp(help, openMetrics)}\n# TYPE ${family} ${openMetrics || shownType !== 'unknown' ? shownType : 'untyped'}\n`;
}

function* foreignLines(metric: ForeignMetric, style: Style): Generator<string, void, undefined> {
  for (const { series, value, exemplar } of rowsOf(metric, style)) {
    yield `${series} ${numberText(value)}${exemplarText(exemplar)}\n`;
  }
}

function escapeHelp(help: string, isQuoted: boolean): string {
  const escaped = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return isQuoted ? escaped.replace(/"/g, '\\"') : escaped;
}
