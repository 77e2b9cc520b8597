import type { Release } from '../release/release.js';
import { indent, leastShare, number, quantile, share, type Tally } from './evidence.js';
import { seconds, seriesOf } from './series.js';

/** When a number is good and when it is bad. Between the two, or where there is no number, nothing is known. */
export interface Judged {
  /** The number is good up to this, or from this on. */
  readonly good: { readonly most: number } | { readonly least: number };
  /** The number is bad above this; absent for a question that condemns nobody. */
  readonly badAbove?: number;
}

/** One question to Prometheus: a number while the canary is scraped, never `NaN`; none while it is not. */
export interface Question extends Judged {
  readonly name: string;
  /** What the number is, and why it is asked. */
  readonly why: string;
  readonly query: string;
}

/** The pods of the canary, and those it is compared with, as label matchers: `namespace="shop",pod=~"shop-.*"`. */
export interface Sides {
  readonly canary: string;
  readonly stable?: string;
}

/** Everything that is asked of a canary, the most telling first. */
export function questionsOf(release: Release, sides: Sides): readonly Question[] {
  const { analysis, objective } = release;
  const { errorRatio, overShare } = objective;
  const canary = seriesOf(release, sides.canary);
  const stable = analysis.compareWithStable && sides.stable !== undefined ? seriesOf(release, sides.stable) : undefined;
  const z = quantile(analysis.confidence);
  const window = seconds(analysis.windowSeconds);
  const lookback = seconds(analysis.lookbackSeconds);
  // Stable has most of the traffic, mostly; where it has little, it says little.
  const minOfStable = 5 * analysis.minRequests;

  return [
    {
      name: 'error-ratio',
      why: `The share of 5xx answers that the window proves (${percent(analysis.confidence)} sure), as a multiple of the ${percent(errorRatio)} allowed.`,
      query: burn(canary.errors, allowance(stable?.errors, errorRatio)),
      ...CONDEMNING,
    },
    {
      name: 'error-ratio-since-start',
      why: 'The same over the whole life of the canary: its first second, and errors too rare for one window.',
      query: burn(canary.errorsSinceStart, worstAllowance(stable?.errors, errorRatio)),
      ...CONDEMNING,
    },
    {
      name: 'slow-ratio',
      why: `The share of answers over ${number(objective.latency)} s that the window proves, as a multiple of the ${percent(overShare)} allowed.
Counted at the bucket bound, so exact, where a quantile would be interpolated.`,
      query: burn(canary.fast, allowance(stable?.fast, overShare)),
      ...CONDEMNING,
    },
    {
      name: 'slow-ratio-since-start',
      why: 'The same over the whole life of the canary.',
      query: burn(canary.fastSinceStart, worstAllowance(stable?.fast, overShare)),
      ...CONDEMNING,
    },
    {
      name: 'hangs',
      why: `The share of requests that hang right now, past all patience, as a multiple of the ${percent(errorRatio)} allowed.
Those that hung until the client gave up are 504s by then, and errors.`,
      query: burn(canary.hangs, allowance(stable?.hangs, errorRatio)),
      ...CONDEMNING,
    },
    {
      name: 'restarts',
      why: `How often the least steady pod began anew. Once is a node that was drained or a probe that was lost; twice is a
crash loop, of which few requests tell: they fail before they reach the app.`,
      query: orZero(
        `max(changes(coalmine_pod_ready_timestamp_seconds{${sides.canary}}[${lookback}]))\nand ${canary.seen}`,
      ),
      good: { most: 1 },
      badAbove: 1,
    },
    {
      name: 'schema-state',
      why: `1 where the database cannot serve this build, or its migration failed; 0.5 where it is behind, which a migration
that is on its way may mend. 0 where the app looks at no schema.`,
      query: orZero(`${inSchemaState('failed|incompatible')}\nor 0.5 * (${inSchemaState('behind|unmigrated')})`),
      good: { most: 0 },
      badAbove: 0.9,
    },
    ...(stable === undefined
      ? []
      : [
          {
            name: 'shared-errors',
            why: `1 where canary and stable both fail twice as much as is allowed: something that both need is down. Then nobody
is to blame and nobody is to be promoted.`,
            query: shared(canary.errors, stable.errors, errorRatio),
            good: { most: 0 },
          },
          {
            name: 'shared-slowness',
            why: 'The same for answers over the objective.',
            query: shared(canary.fast, stable.fast, overShare),
            good: { most: 0 },
          },
        ]),
    {
      name: 'traffic',
      why: `Requests in the window. Of fewer than ${analysis.minRequests} nothing is judged, which is no praise: silence is not health.`,
      query: orZero(canary.errors.all),
      good: { least: analysis.minRequests },
    },
  ];

  /** What is proven over what is allowed; 0 of too few requests. */
  function burn(tally: Tally, allowed: string): string {
    return orZero(`(\n${indent(leastShare(tally, z))}\n)\n/ ${allowed}\nand ${tally.all} >= ${analysis.minRequests}`);
  }

  /** The objective, or half as much again as stable fails: what both suffer from is not the canary's. */
  function allowance(stable: Tally | undefined, allowed: number): string {
    return stable === undefined ? number(allowed) : raised(`1.5 * (${shareOfStable(stable)})`, allowed);
  }

  /** The same by the worst window that stable had: its life is longer than the canary's, and would average it away. */
  function worstAllowance(stable: Tally | undefined, allowed: number): string {
    if (stable === undefined) return number(allowed);
    const step = seconds(Math.max(1, Math.round(analysis.windowSeconds / 4)));
    return raised(`1.5 * max_over_time((${shareOfStable(stable)})[${lookback}:${step}])`, allowed);
  }

  /** 1 where both fail more than twice what is allowed. */
  function shared(canary: Tally, stable: Tally, allowed: number): string {
    const tooMuch = `> bool ${number(2 * allowed)}`;
    const ofCanary = share(canary, `(${canary.all} >= ${analysis.minRequests})`);
    return orZero(`(${ofCanary} ${tooMuch})\n* (${shareOfStable(stable)} ${tooMuch})`);
  }

  function shareOfStable(tally: Tally): string {
    return share(tally, `(${tally.all} >= ${minOfStable})`);
  }

  function inSchemaState(states: string): string {
    return `max(last_over_time(coalmine_schema_state{${sides.canary},state=~"${states}"}[${window}])) > 0`;
  }

  /** Nothing to say is 0, but only of a canary that is scraped: nothing at all is nothing. */
  function orZero(query: string): string {
    return `(\n${indent(query)}\n)\nor 0 * ${canary.seen}`;
  }
}

const CONDEMNING: Judged = { good: { most: 1 }, badAbove: 1 };

function raised(byStable: string, allowed: number): string {
  return `clamp_min(\n  ${byStable}\n  or vector(0),\n  ${number(allowed)}\n)`;
}

function percent(share: number): string {
  return `${number(100 * share)} %`;
}
