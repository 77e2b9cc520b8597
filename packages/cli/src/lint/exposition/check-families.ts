import { createExpositionFinding } from '../create-finding.js';
import type { Finding } from '../finding.js';
import type { ExpositionRule } from '../rules.js';
import {
  boundOf,
  type Exposition,
  type Family,
  groupedBy,
  type Sample,
  seriesKeyOf,
  showSeries,
} from './exposition.js';

/**
 * Returns what the samples of each family show that its type forbids: one finding for each rule and family, at the
 * first such sample.
 */
export function checkFamilies({ families, format }: Exposition): readonly Finding[] {
  const findings: Finding[] = [];
  for (const family of families) {
    duplicates(family);
    if (family.type === 'counter' && format === 'openmetrics') suffix(family);
    if (family.type === 'histogram') histogram(family);
    if (family.type === 'counter' || family.type === 'histogram') values(family);
  }
  return findings;

  function duplicates({ samples }: Family): void {
    const seen = new Map<string, Sample>();
    const again = samples.filter((sample) => {
      const key = seriesKeyOf(sample);
      const isAgain = seen.has(key);
      if (!isAgain) seen.set(key, sample);
      return isAgain;
    });
    const [first] = again;
    if (first === undefined) return;
    const before = seen.get(seriesKeyOf(first))?.line;
    report(
      'duplicate-series',
      again,
      `${showSeries(first)} is in line ${before} already. Prometheus keeps one of the two and drops the other`,
    );
  }

  function suffix({ name, samples }: Family): void {
    const bare = samples.filter((sample) => sample.name === name);
    report(
      'counter-without-total',
      bare,
      `The counter ${name} has the same name in # TYPE and in its samples. In OpenMetrics samples have _total and # TYPE does not; a strict reader refuses the whole exposition`,
    );
  }

  function values({ name, type, samples }: Family): void {
    const counts = samples.filter((sample) => sample.name !== `${name}_sum` && !sample.name.endsWith('_created'));
    report(
      'negative-counter',
      counts.filter(({ value }) => value < 0),
      `The ${type} ${name} is below 0. rate() takes every fall for a restart and counts the whole value again`,
    );
    report(
      'nan-value',
      samples.filter(({ value }) => Number.isNaN(value)),
      `The ${type} ${name} is NaN. Every sum that contains it is NaN too: Argo Rollouts fails on NaN and Flagger halts`,
    );
  }

  function histogram({ name, samples }: Family): void {
    const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
    const bad = buckets.filter((bucket) => Number.isNaN(boundOf(bucket)));
    report(
      'bound-not-number',
      bad,
      `A bucket of ${name} has le=${JSON.stringify(bad[0]?.labels.get('le') ?? '')}, which is not a number, so a quantile over it is wrong or missing`,
    );
    const counts = new Map(
      samples
        .filter((sample) => sample.name === `${name}_count`)
        .map((sample) => [seriesKeyOf({ ...sample, name }), sample]),
    );
    const groups = groupedBy(buckets, (bucket) => seriesKeyOf({ ...bucket, name }, 'le'));
    const missing: Sample[] = [];
    const falling: Sample[] = [];
    const differing: Sample[] = [];
    for (const [key, group] of groups) {
      const sorted = group.filter((bucket) => !Number.isNaN(boundOf(bucket))).sort((a, b) => boundOf(a) - boundOf(b));
      const last = sorted.at(-1);
      const fall = sorted.find((bucket, i) => bucket.value < (sorted[i - 1]?.value ?? 0));
      if (fall !== undefined) falling.push(fall);
      if (last === undefined || boundOf(last) !== Number.POSITIVE_INFINITY) missing.push(group[0] as Sample);
      const count = counts.get(key);
      if (
        count !== undefined &&
        last !== undefined &&
        boundOf(last) === Number.POSITIVE_INFINITY &&
        count.value !== last.value
      )
        differing.push(count);
    }
    report(
      'bucket-without-inf',
      missing,
      `Series of ${name} have no bucket le="+Inf", without which histogram_quantile() returns NaN`,
    );
    report(
      'buckets-not-cumulative',
      falling,
      `A bucket of ${name} counts less than the bucket below it, so every quantile and share over it is wrong`,
    );
    report(
      'count-differs',
      differing,
      `A _count of ${name} differs from its bucket +Inf, so shares are above 1 or too small`,
    );
  }

  function report(rule: ExpositionRule, samples: readonly Sample[], message: string): void {
    const [first, ...more] = samples;
    if (first === undefined) return;
    const others = more.length === 0 ? '' : ` (and ${more.length} more like it)`;
    findings.push(createExpositionFinding(rule, first.line, `${message}${others}`));
  }
}
