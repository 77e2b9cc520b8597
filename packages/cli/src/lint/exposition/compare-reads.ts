import { createExpositionFinding } from '../create-finding.js';
import type { Finding } from '../finding.js';
import { type Exposition, type Family, type Sample, seriesKeyOf, showSeries } from './exposition.js';
import { listSome } from './sentence.js';

/**
 * Finds what cannot happen between two reads of one process: counters that fell, and series that disappeared. Lines
 * belong to the later read.
 */
export function compareReads(before: Exposition, after: Exposition): readonly Finding[] {
  const [startedBefore, startedAfter] = [startOf(before), startOf(after)];
  if (startedBefore !== undefined && startedAfter !== undefined && startedBefore.value !== startedAfter.value) {
    return [
      createExpositionFinding(
        'two-processes',
        startedAfter.line,
        `The two reads come from two processes, started at ${timeOf(startedBefore)} and at ${timeOf(startedAfter)}. If one address serves several processes, as a load balancer or a cluster of workers does, counters jump up and down and rate() takes each fall for a restart`,
      ),
    ];
  }
  const now = new Map(after.families.flatMap(countsOf).map((sample) => [seriesKeyOf(sample), sample]));
  const earlier = before.families.flatMap(countsOf);
  const fallen = earlier.flatMap((was) => {
    const is = now.get(seriesKeyOf(was));
    return is !== undefined && is.value < was.value ? [{ was, is }] : [];
  });
  const gone = earlier.filter((was) => !now.has(seriesKeyOf(was)));
  const [fall] = fallen;
  return [
    ...(fall === undefined
      ? []
      : [
          createExpositionFinding(
            'counter-decreased',
            fall.is.line,
            `${listSome(fallen.map(({ is }) => showSeries(is)))} went backwards between two reads, the first from ${fall.was.value} to ${fall.is.value}. rate() takes that for a restart and counts all of ${fall.is.value} again`,
          ),
        ]),
    ...(gone.length === 0
      ? []
      : [
          createExpositionFinding(
            'series-vanished',
            1,
            `${listSome(gone.map(showSeries))} disappeared between two reads. A series that comes back starts again, and a query that finds none is empty`,
          ),
        ]),
  ];
}

/** Finds what a scraper sees in one format and not in the other. `texts` are the reads before and after. */
export function compareFormats(texts: readonly Exposition[], openMetrics: Exposition): readonly Finding[] {
  const inText = texts.map(namesIn);
  // A family without samples now is not missing: its series come and go.
  const inOpenMetrics = namesIn(openMetrics);
  const onlyText = [...(inText[0] ?? [])].filter(
    (name) => inText.every((names) => names.has(name)) && !inOpenMetrics.has(name) && !openMetrics.idle.includes(name),
  );
  const onlyOpenMetrics = [...inOpenMetrics].filter(
    (name) => !inText.some((names) => names.has(name)) && !texts.some(({ idle }) => idle.includes(name)),
  );
  if (onlyText.length === 0 && onlyOpenMetrics.length === 0) return [];
  const parts = [
    ...(onlyText.length === 0 ? [] : [`only the text has ${listSome(onlyText)}`]),
    ...(onlyOpenMetrics.length === 0 ? [] : [`only OpenMetrics has ${listSome(onlyOpenMetrics)}`]),
  ];
  return [
    createExpositionFinding(
      'formats-differ',
      1,
      `The formats name different series: ${parts.join('; ')}. Prometheus chooses the format, so a query that works today is empty after a change of its settings`,
    ),
  ];
}

/** Returns the names of all samples, without creation times, which only OpenMetrics has. */
function namesIn({ families }: Exposition): ReadonlySet<string> {
  return new Set(
    families.flatMap(({ samples }) => samples.map(({ name }) => name)).filter((name) => !name.endsWith('_created')),
  );
}

/** Returns the samples that only ever rise. */
function countsOf({ name, type, samples }: Family): readonly Sample[] {
  if (type === 'counter') return samples.filter((sample) => !sample.name.endsWith('_created'));
  if (type === 'histogram') return samples.filter((sample) => /_(?:bucket|count)$/.test(sample.name));
  if (type === 'summary') return samples.filter((sample) => sample.name === `${name}_count`);
  return [];
}

function startOf({ families }: Exposition): Sample | undefined {
  return families.find(({ name }) => name === 'process_start_time_seconds')?.samples[0];
}

function timeOf({ value }: Sample): string {
  const date = new Date(1000 * value);
  return Number.isNaN(date.getTime()) ? String(value) : date.toISOString();
}
