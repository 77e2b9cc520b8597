import { addComment } from '../promql/comments.js';
import type { Release } from '../release/release.js';
import { guardQuery, orZero } from './agreement.js';
import { comparisons } from './comparisons.js';
import { indent, leastShare, number, percent, quantile, type Tally } from './evidence.js';
import { instrumentation, schemaState } from './instrumentation.js';
import { leastEvents, SERVICE } from './persistence.js';
import type { Question, Sides } from './question.js';
import { restarts } from './restarts.js';
import { latest, seconds, seriesOf, spanOf } from './series.js';
import { unscraped } from './unscraped.js';

/** Returns all questions about a canary, in the order of interest to a reader. */
export function questionsOf(release: Release, sides: Sides): readonly Question[] {
  const { analysis, objective, names } = release;
  const { errorRatio, overShare } = objective;
  const pods = sides.canary;
  const { stable: _, ...alone } = sides;
  const asked: Sides = analysis.compareWithStable ? sides : alone;
  const canary = seriesOf(release, pods);
  const stable = asked.stable === undefined ? undefined : seriesOf(release, asked.stable);
  const z = quantile(analysis.confidence);
  const lookback = seconds(analysis.lookbackSeconds);
  const scrape = seconds(analysis.scrapeSeconds);
  const recent = `${seconds(analysis.windowSeconds + spanOf(analysis))}:${scrape}`;
  // A few spans show what is usual, and cost little.
  const usual = `${lookback}:${seconds(analysis.lookbackSeconds / 6)}`;
  const life = `${lookback}:${seconds(Math.max(analysis.scrapeSeconds, spanOf(analysis) / 4))}`;
  // Stable usually has most of the traffic. If it has little, it proves little.
  const minOfStable = 5 * analysis.minRequests;
  const longSpan = SERVICE.spans * spanOf(analysis);
  // Each request of a smoke test is judged.
  const isSmokeTest = analysis.minRequests === 1;
  const errorsAllowed = allowance(errorRatio, worstSinceStart(stable?.errorsInSpan));
  const slownessAllowed = allowance(overShare, worstSinceStart(stable?.slownessInSpan));

  return [
    instrumentation(release, asked),
    {
      name: 'error-ratio',
      why: `The share of failed requests that the window proves (${percent(analysis.confidence)} sure), as a multiple of the ${percent(errorRatio)} allowed.`,
      query: burn(
        'failed requests',
        canary.errors,
        SERVICE.events,
        allowance(errorRatio, worstRecently(stable?.errorsInSpan)),
        ...requireLasting(canary.errorsInSpan, errorRatio),
      ),
      ...CONDEMNING,
    },
    {
      name: 'error-ratio-since-start',
      why: `The same over the whole life of the canary: its first second, and errors too rare for one window. Only while the last ${lookback}
have too many as well: what is longer ago passes.`,
      query: burn(
        'failed requests',
        canary.errorsSinceStart,
        SERVICE.eventsSinceStart,
        errorsAllowed,
        // An outage from before the lookback, which stable had as well, is no longer in the allowance.
        ...stillWorse(canary.errorsInLookback, errorsAllowed),
      ),
      ...CONDEMNING,
    },
    {
      name: 'slow-ratio',
      why: `The share of requests over the objective of their route that the window proves, as a multiple of the ${percent(overShare)} allowed.
Only while the canary is still slow, on its old pods as well: slowness at the start of a pod passes.`,
      query: burn(
        'slow requests',
        canary.slowness,
        SERVICE.events,
        allowance(overShare, worstRecently(stable?.slownessInSpan)),
        ...requireLasting(canary.slownessInSpan, overShare),
        ...requireStillSlow(),
      ),
      ...CONDEMNING,
    },
    {
      name: 'slow-ratio-since-start',
      why: `The same over the whole life of the canary. Also where slowness comes and goes, if each of the last ${SERVICE.spans} spans of ${seconds(longSpan)}
has too much of it.`,
      query: burn(
        'slow requests',
        canary.slownessSinceStart,
        SERVICE.eventsSinceStart,
        slownessAllowed,
        ...requireSlowness(),
        ...stillWorse(canary.slownessInLookback, slownessAllowed),
      ),
      ...CONDEMNING,
    },
    {
      name: 'hangs',
      why: `The share of requests that have been in flight for longer than the patience, as a multiple of the ${percent(errorRatio)} allowed.
Requests that hung until the client gave up count as 504s, and so as errors.`,
      query: burn(
        'requests that hang',
        canary.hangs,
        SERVICE.events,
        allowance(errorRatio, worstRecently(stable?.hangs)),
      ),
      ...CONDEMNING,
    },
    ...(asked.stable === undefined ? [] : comparisons(release, { ...asked, stable: asked.stable })),
    restarts(release, asked),
    unscraped(release, asked),
    schemaState(release, asked),
    ...(stable === undefined
      ? []
      : [
          {
            name: 'shared-errors',
            kind: 'doubt' as const,
            why: `1 if canary and stable both fail twice as much as is allowed: something that both need is down. Then the canary
is not to blame, and must not be promoted.`,
            query: compareShared(canary.errors, stable.errors, errorRatio),
            good: { most: 0 },
          },
          {
            name: 'shared-slowness',
            kind: 'doubt' as const,
            why: 'The same for requests over their objective.',
            query: compareShared(canary.slowness, stable.slowness, overShare),
            good: { most: 0 },
          },
        ]),
    {
      name: 'traffic',
      kind: 'evidence',
      why: `Requests in the window, without those whose client left before the response. Fewer than ${analysis.minRequests} are not judged: missing
traffic does not prove health.`,
      query: guardQuery(release, pods, orZero(canary.answered, `0 * sum(${latest(analysis, names.requests, pods)})`)),
      good: { least: analysis.minRequests },
    },
  ];

  /** Returns the proven share divided by the allowed share; 0 with too few requests, or too few bad ones. */
  function burn(
    what: string,
    tally: Tally,
    events: number,
    allowed: string,
    ...conditions: readonly Condition[]
  ): string {
    const proven = addComment(
      `The least share of ${what} that the numbers prove: the lower end of a Wilson score interval.`,
      `(\n${indent(leastShare(tally, z))}\n)`,
    );
    const ofAllowed = addComment(
      `The share that is allowed${stable === undefined ? '' : ': the objective, or more if stable has more'}.`,
      `/ ${allowed}`,
    );
    // One user who retries turns one failure into several. In a smoke test, each request counts as one.
    const least = leastEvents(events, analysis.minRequests);
    const enough = [
      // The bad requests are among all.
      ...(least >= analysis.minRequests ? [] : [`${tally.all} >= ${analysis.minRequests}`]),
      `${tally.bad} >= ${number(least)}`,
    ];
    const only = [
      { why: 'with enough requests, and enough of them bad', promql: enough.join('\nand ') },
      ...conditions,
    ];
    const lines = only.map(({ why, promql }) => addComment(`Only ${why}.`, `and ${promql}`));
    return guardQuery(release, pods, orZero([proven, ofAllowed, ...lines].join('\n'), `0 * ${tally.seen}`));
  }

  /** Returns whether each of the last spans was worse than allowed. A smoke test is too short for that. */
  function requireLasting(tally: Tally, allowed: number): readonly Condition[] {
    if (isSmokeTest) return [];
    const why = `if each of the last ${SERVICE.spans} spans of ${seconds(spanOf(analysis))} has too many`;
    return [{ why, promql: lasting(tally, allowed, spanOf(analysis)) }];
  }

  /** Returns whether the canary is slow to the end, or again and again; slowness at its start passes. */
  function requireSlowness(): readonly Condition[] {
    if (isSmokeTest) return [];
    const { slownessInSpan, slownessInLongSpan, oldSlownessInLongSpan } = canary;
    const { bad, all } = slownessInSpan;
    const steadily = [lasting(slownessInSpan, overShare, spanOf(analysis)), isStillSlow()];
    const again = [
      lasting(slownessInLongSpan, overShare, longSpan, oldSlownessInLongSpan),
      `max_over_time((${bad} > bool ${number(overShare)} * ${all})[${seconds(longSpan)}:${seconds(spanOf(analysis))}]) > 0`,
    ];
    const promql = `(\n${indent(`${steadily.join('\nand ')}\nor ${again.join('\nand ')}`)}\n)`;
    return [{ why: 'if the canary is slow to the end, or again and again', promql }];
  }

  function lasting({ bad, all }: Tally, allowed: number, span: number, old?: Tally): string {
    const isWorse = `${bad} / ${all} > bool ${number(allowed)}${old === undefined ? '' : ` ${unlessWell(old)}`}`;
    // A minimum would ignore spans before the start of the canary.
    return `sum_over_time((${isWorse})[${seconds(SERVICE.spans * span)}:${seconds(span)}]) >= ${SERVICE.spans}`;
  }

  /** Returns whether the canary is slow to the end. */
  function requireStillSlow(): readonly Condition[] {
    return isSmokeTest ? [] : [{ why: 'while the canary is slow, on its old pods as well', promql: isStillSlow() }];
  }

  /**
   * Returns PromQL for whether the canary is slow now, on its old pods as well: each step may start new pods. If the canary
   * had pods long ago, and none of them is left, all pods replace others, and may be cold.
   */
  function isStillSlow(): string {
    const { bad, all } = canary.slownessInSpan;
    const old = canary.oldSlownessInSpan;
    const unlessReplaced = `unless (\n  ${canary.isOld}\n  unless ${old.all}\n)`;
    const isSlow = [`${bad} > ${number(overShare)} * ${all}`, unlessWell(old), unlessReplaced].join('\n');
    return `(\n${indent(isSlow)}\n)`;
  }

  function unlessWell({ bad, all }: Tally): string {
    return `unless ${bad} < ${number(overShare)} * ${all}`;
  }

  /** Returns whether the latest time that a tally covers is worse than allowed. */
  function stillWorse({ bad, all }: Tally, allowed: string): readonly Condition[] {
    return isSmokeTest
      ? []
      : [{ why: `while the last ${lookback} have too many as well`, promql: `${bad} > ${allowed} * ${all}` }];
  }

  /**
   * The objective, or half as much again as stable fails in its worst span of some time: what both suffer from is not the
   * canary's. Of a longer time than a span, an outage would be averaged away on one side more than on the other.
   */
  function allowance(allowed: number, worst: string | undefined): string {
    if (worst === undefined) return number(allowed);
    return `clamp_min(\n  ${SERVICE.timesStable} * (\n${indent(indent(worst))}\n  )\n  or vector(0),\n  ${number(allowed)}\n)`;
  }

  /** Returns the worst share of stable in its latest spans. If it has too few requests in them, its usual share counts. */
  function worstRecently(stable: Tally | undefined): string | undefined {
    if (stable === undefined) return undefined;
    const share = `(\n${indent(shareOfStable(stable))}\n)`;
    return `max_over_time(${share}[${recent}])\nor quantile_over_time(0.5, ${share}[${usual}])`;
  }

  /** Returns the worst share of stable since the canary began: what was before is not in the counters of the canary. */
  function worstSinceStart(stable: Tally | undefined): string | undefined {
    if (stable === undefined) return undefined;
    const began = `sum(last_over_time(${names.requests}{${pods}}[${lookback}]))`;
    return `max_over_time((\n${indent(shareOfStable(stable))}\n  and ${began}\n)[${life}])`;
  }

  /** 1 where both fail more than twice what is allowed. */
  function compareShared(canary: Tally, stable: Tally, allowed: number): string {
    const tooMuch = `> bool ${number(2 * allowed)}`;
    const ofCanary = `${canary.bad} / (${canary.all} >= ${analysis.minRequests})`;
    return guardQuery(
      release,
      pods,
      orZero(`(${ofCanary} ${tooMuch})\n* (\n${indent(shareOfStable(stable))}\n  ${tooMuch}\n)`, `0 * ${canary.seen}`),
    );
  }

  /** Few requests prove little, unless many of them are bad. */
  function shareOfStable({ bad, all }: Tally): string {
    return `${bad}\n/ (\n  ${all} >= ${minOfStable}\n  or ${all} and ${bad} >= ${SERVICE.events}\n)`;
  }
}

/** A condition without which nothing is proven, and a part of a sentence about when it holds. */
interface Condition {
  readonly why: string;
  readonly promql: string;
}

const CONDEMNING = { kind: 'release', good: { most: 1 }, badAbove: 1 } as const;
