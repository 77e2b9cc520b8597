import { timingOf } from '../../../packages/cli/src/manifests/timing.js';
import { quantile } from '../../../packages/cli/src/queries/evidence.js';
import { PERSISTENCE, SERVICE } from '../../../packages/cli/src/queries/persistence.js';
import { spanOf, switchedSecondsOf } from '../../../packages/cli/src/queries/series.js';
import { parseRelease, type Release } from '../../../packages/cli/src/release/release.js';
import type { Setting } from './release.js';
import type { Rule } from './rule.js';

/** A release without any configuration. */
export const DEFAULTS: Release = parseRelease({ name: 'simulated' });
const { analysis, objective, weights } = DEFAULTS;
const { settled, started, persisted } = timingOf(DEFAULTS);
const { delay, interval, count } = persisted(PERSISTENCE.spans);
const scrapes = (seconds: number): number => Math.round(seconds / analysis.scrapeSeconds);

/** The rule of its template. */
export const RULE: Rule = {
  persistence: PERSISTENCE,
  service: SERVICE,
  confidenceZ: quantile(analysis.confidence),
  objective,
  minRequests: analysis.minRequests,
  arrived: 0.5,
  grown: 0.5,
  pace: {
    window: scrapes(analysis.windowSeconds),
    span: scrapes(spanOf(analysis)),
    interval: scrapes(analysis.intervalSeconds),
    step: scrapes(delay + (count - 1) * interval),
    settled: scrapes(settled),
    persisted: scrapes(delay),
    started: scrapes(started),
    earlier: 0,
  },
};

/** The rule after the switch of a blue-green release. */
export const SWITCHED_RULE: Rule = { ...RULE, pace: { ...RULE.pace, earlier: scrapes(switchedSecondsOf(analysis)) } };

/** Returns the minutes since the start of a release. */
export function minutes(at: number): number {
  return (at * analysis.scrapeSeconds) / 60;
}

/** Returns the setting of a service that uses up at most half of its objective, with the steps of the template. */
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

/** Returns the setting of such a service after the switch of a blue-green release. */
export function switchedSettingOf(
  traffic: Pick<Setting, 'perSecond' | 'routes'>,
  more: Partial<Setting> = {},
): Setting {
  return settingOf(traffic, { ...more, weights: [1], isSwitched: true });
}
