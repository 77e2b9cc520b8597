import { parseSampleValue } from '../sample-value.js';
import { createGrouping, type Element } from './elements.js';

/** The number of observations up to a bound. */
interface Bucket {
  readonly bound: number;
  readonly count: number;
}

/** Returns the quantile of each histogram among some buckets. Buckets without a number as their bound do not count. */
export function quantiles(quantile: number, elements: readonly Element[]): readonly Element[] {
  const buckets = elements.filter(({ labels: { le = '' } }) => !Number.isNaN(boundOf(le)));
  return createGrouping((name) => name !== 'le')(buckets).map(([labels, of]) => ({
    labels,
    value: bucketQuantile(
      quantile,
      of.map(({ labels: { le = '' }, value }) => ({ bound: boundOf(le), count: value })),
    ),
  }));
}

/** Returns the quantile of a classic histogram, interpolated in its bucket as Prometheus does. */
function bucketQuantile(quantile: number, given: readonly Bucket[]): number {
  if (Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  const buckets = cumulative(given);
  const total = buckets.at(-1);
  const [lowest] = buckets;
  if (lowest === undefined || total?.bound !== Number.POSITIVE_INFINITY || buckets.length < 2) return Number.NaN;
  if (total.count === 0 || Number.isNaN(total.count)) return Number.NaN;
  const rank = quantile * total.count;
  const finite = buckets.slice(0, -1);
  const index = finite.findIndex(({ count }) => count >= rank);
  const bucket = finite[index];
  if (bucket === undefined) return finite.at(-1)?.bound ?? Number.NaN;
  if (index === 0 && bucket.bound <= 0) return bucket.bound;
  const below = finite[index - 1] ?? { bound: 0, count: 0 };
  return below.bound + (bucket.bound - below.bound) * ((rank - below.count) / (bucket.count - below.count));
}

/** Returns the buckets in order: buckets of one bound are added, and none has less than the bucket before it. */
function cumulative(given: readonly Bucket[]): readonly Bucket[] {
  const byBound = new Map<number, number>();
  for (const { bound, count } of given) byBound.set(bound, (byBound.get(bound) ?? 0) + count);
  let most = Number.NEGATIVE_INFINITY;
  return [...byBound]
    .sort(([a], [b]) => a - b)
    .map(([bound, count]) => {
      if (Number.isNaN(count)) return { bound, count };
      most = Math.max(most, count);
      return { bound, count: most };
    });
}

function boundOf(le: string): number {
  return parseSampleValue(le) ?? Number.NaN;
}
