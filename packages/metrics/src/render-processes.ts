import { type Exemplar, exemplarText } from './exemplar.js';
import { CHUNK_LENGTH, type Format, head } from './exposition.js';
import type { Style } from './family.js';
import { numberText } from './number-text.js';
import type { FamilyNumbers } from './process-numbers.js';
import { Slice } from './slice.js';
import type { ClusterAggregator } from './snapshot.js';

const ROWS_PER_LOOK = 64;

const COMBINE: Readonly<Record<ClusterAggregator, (so: number, next: number) => number>> = {
  sum: (so, next) => so + next,
  // The sum is divided by the number of processes in the end.
  average: (so, next) => so + next,
  min: Math.min,
  max: Math.max,
  first: (first) => first,
  omit: (first) => first,
};

/**
 * Renders the metrics of several processes as one, each with its aggregator, and yields to the event loop as
 * `renderRegistry` does. If processes disagree on a metric, the first process decides.
 */
export async function* renderProcesses(
  processes: readonly ReadonlyMap<string, FamilyNumbers>[],
  format: Format,
): AsyncGenerator<string, void, undefined> {
  const style: Style = { openMetrics: format === 'openmetrics', defaultLabels: {} };
  const slice = new Slice();
  let text = '';
  for (const parts of byName(processes)) {
    const [first] = parts;
    if (first === undefined || first.aggregator === 'omit') continue;
    text += head(first, style);
    const { samples, exemplars } = await combine(parts, slice);
    for (const [series, value] of samples) {
      text += `${series} ${numberText(value)}${style.openMetrics ? exemplarText(exemplars.get(series)) : ''}\n`;
      if (text.length < CHUNK_LENGTH) continue;
      yield text;
      text = '';
      if (slice.isOver()) await slice.next();
    }
  }
  yield style.openMetrics ? `${text}# EOF\n` : text;
}

/** Groups the families of all processes by metric. */
function byName(all: readonly ReadonlyMap<string, FamilyNumbers>[]): readonly (readonly FamilyNumbers[])[] {
  const names = new Set(all.flatMap((families) => [...families.keys()]));
  return Array.from(names, (name) => all.flatMap((families) => families.get(name) ?? []));
}

async function combine(
  parts: readonly FamilyNumbers[],
  slice: Slice,
): Promise<Pick<FamilyNumbers, 'samples' | 'exemplars'>> {
  const aggregator = parts[0]?.aggregator ?? 'sum';
  const samples = new Map<string, number>();
  const counts = new Map<string, number>();
  const exemplars = new Map<string, Exemplar>();
  let rows = 0;
  for (const part of parts) {
    for (const [series, value] of part.samples) {
      const known = samples.get(series);
      samples.set(series, known === undefined ? value : COMBINE[aggregator](known, value));
      if (aggregator === 'average') counts.set(series, (counts.get(series) ?? 0) + 1);
      if (++rows % ROWS_PER_LOOK === 0 && slice.isOver()) await slice.next();
    }
    for (const [series, exemplar] of part.exemplars) {
      if (exemplar.timestamp >= (exemplars.get(series)?.timestamp ?? 0)) exemplars.set(series, exemplar);
    }
  }
  for (const [series, count] of counts) samples.set(series, (samples.get(series) as number) / count);
  return { samples, exemplars };
}
