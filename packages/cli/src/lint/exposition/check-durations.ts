import type { Objective } from '@coalmine/metrics';
import { createExpositionFinding } from '../create-finding.js';
import type { Finding } from '../finding.js';
import { boundOf, type Family } from './exposition.js';
import { type Traffic, totalName } from './traffic.js';

// The quantile of durations that a controller usually asks for.
const QUANTILE = 0.95;

/** Returns the faults that would mislead a controller's queries about durations. */
export function checkDurations({ durations, summary, counter }: Traffic, objective: Objective): readonly Finding[] {
  const findings: Finding[] = [];
  if (summary !== undefined) {
    findings.push(
      durations === undefined
        ? createExpositionFinding(
            'summary-instead-of-histogram',
            summary.line,
            `${summary.name} is a summary. The quantiles of two pods cannot be combined, and no query can return the share over an objective`,
          )
        : createExpositionFinding(
            'summary-instead-of-histogram',
            summary.line,
            `${summary.name} is a summary, in addition to the histogram ${durations.name}. A template that queries the summary averages the quantiles of pods, and the average is not a quantile`,
            'warning',
          ),
    );
  }
  if (durations === undefined) return findings;
  const bounds = boundsOf(durations);
  if (bounds.length === 0) {
    const asked = counter === undefined ? durations.name : `${durations.name} (beside ${totalName(counter)})`;
    findings.push(
      createExpositionFinding(
        'native-histogram',
        durations.line,
        `${asked} has no buckets, like a native histogram. A query by le is empty, and a controller cannot read a native histogram as a number`,
      ),
    );
    return findings;
  }
  const unit = isInMilliseconds(durations.name, bounds) ? 1000 : 1;
  if (unit === 1000) {
    findings.push(
      createExpositionFinding(
        'milliseconds',
        durations.line,
        `${durations.name} is in milliseconds (its bounds go to ${bounds.at(-1)}). Queries in circulation, and Flagger's built-in check, compare with seconds and take every duration for a thousand times as long`,
      ),
    );
  }
  return [...findings, ...againstObjective(durations, bounds, objective, unit)];
}

/** Checks that the app has the expected objective. */
export function checkObjective({ objective, family }: Traffic, expected: number): readonly Finding[] {
  if (objective === undefined || objective === expected) return [];
  return [
    createExpositionFinding(
      'objective-differs',
      family?.line ?? 1,
      `The objective of the app is ${objective} s, and the objective of the templates is ${expected} s. Templates with an objective pause a release whose app has another`,
    ),
  ];
}

function againstObjective(
  durations: Family,
  bounds: readonly number[],
  { latency, patience }: Objective,
  unit: number,
): readonly Finding[] {
  const shown = (bound: number): string => `${Number((bound / unit).toPrecision(12))} s`;
  const { name, line } = durations;
  const at = Number((latency * unit).toPrecision(12));
  const top = bounds.at(-1) as number;
  if (top <= at) {
    return [
      createExpositionFinding(
        'top-bucket-low',
        line,
        `The highest bound of ${name} is ${shown(top)}, and the objective is ${shown(at)}. histogram_quantile() never returns more than the highest bound, so no wait is ever over the objective`,
      ),
    ];
  }
  const findings: Finding[] = [];
  if (!bounds.includes(at)) {
    const below = bounds.findLast((bound) => bound < at) ?? 0;
    const above = bounds.find((bound) => bound > at) as number;
    const answer = below + QUANTILE * (above - below);
    const verdict = answer > at ? 'over the objective' : 'within the objective';
    findings.push(
      createExpositionFinding(
        'no-bound-at-objective',
        line,
        `${name} has no bound at the objective of ${shown(at)}; the nearest bounds are ${shown(below)} and ${shown(above)}. If every request takes between these two, histogram_quantile(${QUANTILE}) returns ${shown(answer)}, ${verdict}, however long they took; a query by le="${at}" is empty`,
      ),
    );
  }
  if (top < patience * unit) {
    findings.push(
      createExpositionFinding(
        'top-bucket-low',
        line,
        `The highest bound of ${name} is ${shown(top)}, below the patience of ${shown(patience * unit)}. A threshold above the highest bound is never passed: waits of ${shown(patience * unit)}, such as a hang, are read as ${shown(top)}`,
        'warning',
      ),
    );
  }
  return findings;
}

/** Returns the finite bounds of a histogram, ascending. */
function boundsOf({ name, samples }: Family): readonly number[] {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  return [...new Set(buckets.map(boundOf).filter(Number.isFinite))].sort((a, b) => a - b);
}

function isInMilliseconds(name: string, bounds: readonly number[]): boolean {
  if (/(?:^|_)(?:ms|millis|milliseconds?)(?:_|$)/.test(name)) return true;
  // No service has a fastest request of a second and a slowest request of five minutes.
  return (bounds[0] ?? 0) >= 1 && (bounds.at(-1) ?? 0) >= 300;
}
