import type { Finding } from '../finding.js';
import { type Exposition, type Family, keyOf, type Sample, shownSeries } from './exposition.js';
import { found } from './rules.js';
import { listed } from './sentence.js';

/** What cannot be between two reads of one process: counters that fell, series that left. Lines are those of the later. */
export function compareReads(before: Exposition, after: Exposition): readonly Finding[] {
  const [startedBefore, startedAfter] = [startOf(before), startOf(after)];
  if (startedBefore !== undefined && startedAfter !== undefined && startedBefore.value !== startedAfter.value) {
    return [
      found(
        'two-processes',
        'error',
        startedAfter.line,
        `The two reads are of two processes, started at ${timeOf(startedBefore)} and at ${timeOf(startedAfter)}. Where one address answers for several, as a load balancer or a cluster of workers does, counters jump to and fro and rate() takes each fall for a restart`,
      ),
    ];
  }
  const now = new Map(after.families.flatMap(countsOf).map((sample) => [keyOf(sample), sample]));
  const earlier = before.families.flatMap(countsOf);
  const fallen = earlier.flatMap((was) => {
    const is = now.get(keyOf(was));
    return is !== undefined && is.value < was.value ? [{ was, is }] : [];
  });
  const gone = earlier.filter((was) => !now.has(keyOf(was)));
  const [fall] = fallen;
  return [
    ...(fall === undefined
      ? []
      : [
          found(
            'counter-decreased',
            'error',
            fall.is.line,
            `${listed(fallen.map(({ is }) => shownSeries(is)))} went backwards between two reads, the first from ${fall.was.value} to ${fall.is.value}. rate() takes that for a restart and counts all of ${fall.is.value} anew`,
          ),
        ]),
    ...(gone.length === 0
      ? []
      : [
          found(
            'series-vanished',
            'error',
            1,
            `${listed(gone.map(shownSeries))} ${gone.length === 1 ? 'was' : 'were'} there and ${gone.length === 1 ? 'is' : 'are'} gone. A series that comes back begins anew, and a query that finds none is empty`,
          ),
        ]),
  ];
}

/** What a scraper sees under one format and not under the other. `texts` are reads before and after. */
export function compareFormats(texts: readonly Exposition[], openMetrics: Exposition): readonly Finding[] {
  const inText = texts.map(namesIn);
  const inOpenMetrics = namesIn(openMetrics);
  const onlyText = [...(inText[0] ?? [])].filter(
    (name) => inText.every((names) => names.has(name)) && !inOpenMetrics.has(name),
  );
  const onlyOpenMetrics = [...inOpenMetrics].filter((name) => !inText.some((names) => names.has(name)));
  if (onlyText.length === 0 && onlyOpenMetrics.length === 0) return [];
  const parts = [
    ...(onlyText.length === 0 ? [] : [`only the text has ${listed(onlyText)}`]),
    ...(onlyOpenMetrics.length === 0 ? [] : [`only OpenMetrics has ${listed(onlyOpenMetrics)}`]),
  ];
  return [
    found(
      'formats-differ',
      'error',
      1,
      `The formats name different series: ${parts.join('; ')}. Prometheus chooses the format, so that a query that works today is empty after a change of its settings`,
    ),
  ];
}

/** The names of all samples; a creation time is OpenMetrics' alone. */
function namesIn({ families }: Exposition): ReadonlySet<string> {
  return new Set(
    families.flatMap(({ samples }) => samples.map(({ name }) => name)).filter((name) => !name.endsWith('_created')),
  );
}

/** What only ever rises. */
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
