import { timingOf } from '../../../packages/cli/src/manifests/timing.js';
import { quantile } from '../../../packages/cli/src/queries/evidence.js';
import { PERSISTENCE, SERVICE } from '../../../packages/cli/src/queries/persistence.js';
import { parseRelease } from '../../../packages/cli/src/release/release.js';
import type { Setting } from './release.js';
import type { Rule } from './rule.js';

const release = parseRelease({ name: 'simulated' });
const { analysis, objective, weights } = release;
const { settled, started } = timingOf(release);
const spanSeconds = analysis.windowSeconds / 2;
const scrapes = (seconds: number): number => Math.round(seconds / analysis.scrapeSeconds);

/** Seconds that a step lasts: all spans, one more because they end at whole multiples of their length, and two scrapes. */
export const STEP_SECONDS: number = (PERSISTENCE.spans + 1) * spanSeconds + 2 * analysis.scrapeSeconds;

/** The rule of a template that nobody has configured. */
export const RULE: Rule = {
  persistence: PERSISTENCE,
  service: SERVICE,
  confidenceZ: quantile(SERVICE.confidence),
  objective,
  minRequests: analysis.minRequests,
  pace: {
    window: scrapes(analysis.windowSeconds),
    span: scrapes(spanSeconds),
    interval: scrapes(analysis.intervalSeconds),
    step: scrapes(STEP_SECONDS),
    settled: scrapes(settled),
    started: scrapes(started),
  },
};

/** Returns minutes since the start of a release. */
export function minutes(at: number): number {
  return (at * analysis.scrapeSeconds) / 60;
}

/** Returns a setting of a service that uses up at most half of its objective, with the steps of that template. */
export function settingOf(traffic: Pick<Setting, 'perSecond' | 'routes'>, more: Partial<Setting> = {}): Setting {
  return {
    ...traffic,
    weights: weights.map((weight) => weight / 100),
    scrapesOfStep: RULE.pace.step,
    scrapeSeconds: analysis.scrapeSeconds,
    scrapesOfSpan: RULE.pace.span,
    disturbances: [],
    objective,
    used: 0.5,
    ...more,
  };
}
