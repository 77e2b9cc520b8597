import { type Exemplar, exemplarText } from './exemplar.js';
import { CHUNK_LENGTH, type Format, head } from './exposition.js';
import type { Style } from './family.js';
import { numberText } from './number-text.js';
import type { FamilyNumbers } from './process-numbers.js';
import { Samples } from './samples.js';
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
    const exemplars = style.openMetrics ? latestExemplars(parts) : new Map<string, Exemplar>();
    for (const samples of await combine(parts, slice)) {
      for (const [series, value] of samples) {
        text += `${series} ${numberText(value)}${exemplarText(exemplars.get(series))}\n`;
        if (text.length < CHUNK_LENGTH) continue;
        yield text;
        text = '';
        if (slice.isOver()) await slice.next();
      }
    }
  }
  yield style.openMetrics ? `${text}# EOF\n` : text;
}

/** Groups the families of all processes by metric. */
function byName(all: readonly ReadonlyMap<string, FamilyNumbers>[]): readonly (readonly FamilyNumbers[])[] {
  const names = new Set(all.flatMap((families) => [...families.keys()]));
  return Array.from(names, (name) => all.flatMap((families) => families.get(name) ?? []));
}

/** Combines the samples of all parts: those of the series that the first part has, and those of the others. */
async function combine(parts: readonly FamilyNumbers[], slice: Slice): Promise<readonly Samples[]> {
  const [{ aggregator, samples: known }, ...others] = parts as [FamilyNumbers, ...FamilyNumbers[]];
  const combined = COMBINE[aggregator];
  // Nearly all series. The map of series is not copied: with tens of thousands, that alone would take milliseconds.
  const shared = known.copyOfValues();
  const more = new Samples();
  const counts = new Map<string, number>();
  let rows = 0;
  for (const { samples } of others) {
    for (const [series, value] of samples) {
      const slot = shared.slotOf(series);
      const soFar = slot === undefined ? more.get(series) : shared.values[slot];
      const next = soFar === undefined ? value : combined(soFar, value);
      if (slot === undefined) more.set(series, next);
      else shared.values[slot] = next;
      if (aggregator === 'average' && soFar !== undefined) counts.set(series, (counts.get(series) ?? 1) + 1);
      if (++rows % ROWS_PER_LOOK === 0 && slice.isOver()) await slice.next();
    }
  }
  // Series of several processes, whose sums become averages.
  for (const [series, count] of counts) {
    const target = shared.slotOf(series) === undefined ? more : shared;
    target.set(series, (target.get(series) as number) / count);
  }
  return [shared, more];
}

function latestExemplars(parts: readonly FamilyNumbers[]): ReadonlyMap<string, Exemplar> {
  const latest = new Map<string, Exemplar>();
  for (const part of parts) {
    for (const [series, exemplar] of part.exemplars) {
      if (exemplar.timestamp >= (latest.get(series)?.timestamp ?? 0)) latest.set(series, exemplar);
    }
  }
  return latest;
}
