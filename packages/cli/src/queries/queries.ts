import type { Release } from '../release/release.js';
import { CODES, OBJECTIVE, objectiveAgreed, seriesAgreed } from './agreement.js';
import { answersOf, failuresOf, lostRoutes, overSpans, slowdownOf, slownessOf } from './beside-stable.js';
import { indent, leastShare, number, quantile, type Tally } from './evidence.js';
import { PERSISTENCE, SERVICE } from './persistence.js';
import { rangeOf, seconds, seriesOf, spanOf } from './series.js';

/** When a number is good and when it is bad. Between the two, or where there is no number, nothing is known. */
export interface Judged {
  /** The number is good up to this, or from this on. */
  readonly good: { readonly most: number } | { readonly least: number };
  /** The number is bad above this; absent for a question that condemns nobody. */
  readonly badAbove?: number;
}

/** One question to Prometheus: a number, never `NaN`; none where a series or a label is missing that the question needs. */
export interface Question extends Judged {
  readonly name: string;
  /** What the number is, and why it is asked. */
  readonly why: string;
  readonly query: string;
  /**
   * What the question is for. `release`: whether the release is well. `evidence`: whether there is anything to judge by.
   * `doubt`: whether a person should look, which a controller without a pause is not asked.
   */
  readonly kind: 'release' | 'evidence' | 'doubt';
  /** How many spans of time the query asks, so that one answer is proof. */
  readonly spans?: number;
}

/** The pods of the canary, and those it is compared with, as label matchers: `namespace="shop",pod=~"shop-.*"`. */
export interface Sides {
  readonly canary: string;
  readonly stable?: string;
  /** PromQL of the share of the traffic that the canary is given, in percent; 0 or nothing where it is not known. */
  readonly weight?: string;
}

/** Everything that is asked of a canary, in the order in which a reader wants it. */
export function questionsOf(release: Release, sides: Sides): readonly Question[] {
  const { analysis, objective, names } = release;
  const { errorRatio, overShare } = objective;
  const pods = sides.canary;
  const stablePods = analysis.compareWithStable ? sides.stable : undefined;
  const canary = seriesOf(release, pods);
  const stable = stablePods === undefined ? undefined : seriesOf(release, stablePods);
  const z = quantile(analysis.confidence);
  const window = seconds(analysis.windowSeconds);
  const lookback = seconds(analysis.lookbackSeconds);
  const scrape = seconds(analysis.scrapeSeconds);
  const recent = `${seconds(analysis.windowSeconds + spanOf(analysis))}:${scrape}`;
  const life = `${lookback}:${seconds(Math.max(analysis.scrapeSeconds, spanOf(analysis) / 4))}`;
  const agreed = [...seriesAgreed(release, pods), ...objectiveAgreed(release, pods)];
  // Stable has most of the traffic, mostly; where it has little, it says little.
  const minOfStable = 5 * analysis.minRequests;
  // Each request of it is judged.
  const isSmokeTest = analysis.minRequests === 1;
  const latest = (metric: string, matcher?: string, side = pods): string =>
    `last_over_time(${metric}{${matcher === undefined ? side : `${side},${matcher}`}}[${window}])`;

  return [
    {
      name: 'instrumentation',
      kind: 'evidence',
      why: `0 where the app exposes what these queries read. Otherwise the sum of what differs: ${CODES.requests} ${names.requests}, ${CODES.failed} ${names.failed},
${CODES.timed} ${names.timed}, ${CODES.slow} ${names.slow} (the series or one of its labels is missing), ${CODES.objective} the objective,
${CODES.schema} the state of the schema, ${CODES.names} the app has the names of the other preset, ${CODES.stable} stable has other series.`,
      query: instrumentation(),
      good: { most: 0 },
    },
    {
      name: 'error-ratio',
      why: `The share of failed requests that the window proves (${percent(analysis.confidence)} sure), as a multiple of the ${percent(errorRatio)} allowed.`,
      query: burn(
        canary.errors,
        SERVICE.events,
        allowance(stable?.errorsInSpan, errorRatio, recent),
        ...lasting(canary.errorsInSpan, errorRatio),
      ),
      ...CONDEMNING,
    },
    {
      name: 'error-ratio-since-start',
      why: 'The same over the whole life of the canary: its first second, and errors too rare for one window.',
      query: burn(canary.errorsSinceStart, SERVICE.eventsSinceStart, allowance(stable?.errorsInSpan, errorRatio, life)),
      ...CONDEMNING,
    },
    {
      name: 'slow-ratio',
      why: `The share of requests over the objective of their route that the window proves, as a multiple of the ${percent(overShare)} allowed.
Only while the canary still is slow: slowness at the start of a pod passes.`,
      query: burn(
        canary.slowness,
        SERVICE.events,
        allowance(stable?.slownessInSpan, overShare, recent),
        ...lasting(canary.slownessInSpan, overShare),
        ...stillWorse(canary.slownessInSpan, overShare),
      ),
      ...CONDEMNING,
    },
    {
      name: 'slow-ratio-since-start',
      why: 'The same over the whole life of the canary.',
      query: burn(
        canary.slownessSinceStart,
        SERVICE.eventsSinceStart,
        allowance(stable?.slownessInSpan, overShare, life),
        ...lasting(canary.slownessInSpan, overShare),
        ...stillWorse(canary.slownessInSpan, overShare),
      ),
      ...CONDEMNING,
    },
    {
      name: 'hangs',
      why: `The share of requests that hang right now, past all patience, as a multiple of the ${percent(errorRatio)} allowed.
Those that hung until the client gave up are 504s by then, and errors.`,
      query: burn(canary.hangs, SERVICE.events, allowance(stable?.hangs, errorRatio, recent)),
      ...CONDEMNING,
    },
    ...(stablePods === undefined ? [] : besideStable(stablePods)),
    {
      name: 'restarts',
      why: `How often the least steady pod began anew. Once is a node that was drained or a probe that was lost; twice is a
crash loop, of which few requests tell: they fail before they reach the app.`,
      query: guarded(
        `max(changes(coalmine_pod_ready_timestamp_seconds{${pods}}[${lookback}]))\nor sum(${latest(names.requests)}) == 0`,
      ),
      kind: 'release',
      good: { most: 1 },
      badAbove: 1,
    },
    {
      name: 'schema-state',
      why: `1 where the database cannot serve this build, or its migration failed; 0.5 where it is behind, which a migration
that is on its way may mend. 0 where the app looks at no schema.`,
      query: guarded(schemaState()),
      kind: 'release',
      good: { most: 0 },
      badAbove: 0.9,
    },
    ...(stable === undefined
      ? []
      : [
          {
            name: 'shared-errors',
            kind: 'doubt' as const,
            why: `1 where canary and stable both fail twice as much as is allowed: something that both need is down. Then nobody
is to blame and nobody is to be promoted.`,
            query: shared(canary.errors, stable.errors, errorRatio),
            good: { most: 0 },
          },
          {
            name: 'shared-slowness',
            kind: 'doubt' as const,
            why: 'The same for requests over their objective.',
            query: shared(canary.slowness, stable.slowness, overShare),
            good: { most: 0 },
          },
        ]),
    {
      name: 'traffic',
      kind: 'evidence',
      why: `Requests in the window. Of fewer than ${analysis.minRequests} nothing is judged, which is no praise: silence is not health.`,
      query: guarded(zeroed(canary.errors.all, `sum(${latest(names.requests)})`)),
      good: { least: analysis.minRequests },
    },
  ];

  /** What stable does right, the canary must do right. */
  function besideStable(stablePods: string): readonly Question[] {
    const compared = { release, canary: pods, stable: stablePods };
    const zero = `0 * sum(${latest(names.requests)})`;
    const condemned = (name: string, why: string, query: string, none: string = zero): Question => ({
      name,
      kind: 'release',
      spans,
      why,
      query: guarded(`${query}\nor ${none}`),
      good: { most: 0 },
      badAbove: 0,
    });
    const { spans, timesErrorRatio, timesOverShare, large } = PERSISTENCE;
    const each = `each of ${spans} spans of ${seconds(spanOf(analysis))}`;
    return [
      condemned(
        'routes-failing',
        `Routes that fail beside stable, where the same route works: ${percent(timesErrorRatio * errorRatio)} more of the requests, proven in ${each}.
However rare a route is, its users need it.`,
        failuresOf(compared),
      ),
      condemned(
        'routes-slow',
        `Routes that are over their objective beside stable, where the same route is not: ${percent(timesOverShare * overShare)} more of the requests, proven in ${each}.`,
        slownessOf(compared),
      ),
      condemned(
        'routes-turning-away',
        `Routes that redirect, refuse or do not find ${percent(large)} more of their requests than stable does, proven in ${each}:
a login that answers 401, a page that is gone.`,
        answersOf(compared, large),
      ),
      condemned(
        'routes-lost',
        `1 where stable serves routes that the canary does not know, and the canary answers 404 to those who ask for them.`,
        lostRoutes(compared),
      ),
      ...(analysis.slowerThanStable === undefined
        ? []
        : [
            condemned(
              'routes-slower',
              `Routes whose mean duration is more than ${number(analysis.slowerThanStable)} times that of stable, in ${each}.`,
              slowdownOf(compared, analysis.slowerThanStable),
            ),
          ]),
      condemned(
        'saturation',
        `Pods whose event loop was busy for more than 95 % of ${each}, while stable's were not: they cannot keep up.`,
        saturation(stablePods),
        `0 * sum(${latest(LOOP_TIME, LOOP_ACTIVE)})`,
      ),
      {
        name: 'routes-differing',
        kind: 'doubt',
        spans,
        why: `Routes and classes of answers of which the canary has more than stable, proven in ${each}, however little: a person
should look. One client that went wrong looks like it, so that nothing is rolled back for it.`,
        query: guarded(`${answersOf(compared, 0)}\nor ${zero}`),
        good: { most: 0 },
      },
      ...(sides.weight === undefined ? [] : [arrival(stablePods, sides.weight)]),
    ];
  }

  function saturation(stablePods: string): string {
    const pod = release.labels.pod;
    const range = seconds(rangeOf(analysis));
    const used = (side: string): string => {
      const time = (matcher: string): string => `sum by (${pod}) (increase(${LOOP_TIME}{${side}${matcher}}[${range}]))`;
      return `${time(`,${LOOP_ACTIVE}`)}\n/ ${time('')}`;
    };
    return overSpans(
      analysis,
      PERSISTENCE.spans,
      `  (
${indent(indent(used(pods)))}
    > bool 0.95
  )
  * on () group_left () (
    max(
${indent(indent(indent(used(stablePods))))}
    ) < bool 0.8
  )`,
    );
  }

  /** Whether what arrives is what the router was told to send. */
  function arrival(stablePods: string, weight: string): Question {
    const arrived = (side: string): string => `sum(increase(${names.requests}{${side}}[${window}]))`;
    return {
      name: 'arrival',
      kind: 'evidence',
      why: `1 where at least half of the share of the traffic arrives that the step gives the canary, less what chance makes of few
requests. A broken port or a NetworkPolicy is a 502 at the ingress that no pod sees. 1 where the weight is not said (0).`,
      query: guarded(`${arrived(pods)} + 5
>= bool 0.005 * ${weight} * (${arrived(pods)} + ${arrived(stablePods)})
or 1 + 0 * sum(${latest(names.requests)})`),
      good: { least: 1 },
    };
  }

  function instrumentation(): string {
    const scraped = `max(${latest(OBJECTIVE)})`;
    const other =
      names.requests === 'http_server_requests_total' ? 'http_requests_total' : 'http_server_requests_total';
    const terms = [
      ...agreed.map(({ code, holds }) => `(0 * ${holds} or ${code} + 0 * ${scraped})`),
      `(${CODES.names} + 0 * count(${latest(other)}) or 0 * ${scraped})`,
      ...schemaNeeded().map(
        (needed) =>
          `(${CODES.schema} + 0 * ${needed} unless count(${latest('coalmine_schema_state', 'state!=""')}) or 0 * ${scraped})`,
      ),
      ...(stablePods === undefined ? [] : [stableDiffers(stablePods)]),
    ];
    return terms.join('\n+ ');
  }

  /** What says that the app should tell of a schema: the templates were told so, or stable tells of one. */
  function schemaNeeded(): readonly string[] {
    if (release.schema) return [`max(${latest(OBJECTIVE)})`];
    return stablePods === undefined ? [] : [`count(${latest('coalmine_schema_state', undefined, stablePods)})`];
  }

  function stableDiffers(stablePods: string): string {
    const has = seriesAgreed(release, stablePods).map(({ holds }) => holds);
    return `(${CODES.stable} + 0 * max(${latest(OBJECTIVE, undefined, stablePods)}) unless (
  ${has.join('\n  and ')}
) or 0 * max(${latest(OBJECTIVE)}))`;
  }

  function schemaState(): string {
    const worst = `${inSchemaState('failed|incompatible')}\nor 0.5 * (${inSchemaState('behind|unmigrated')})`;
    const none = `or 0 * count(${latest('coalmine_schema_state', 'state!=""')})`;
    const [needed] = schemaNeeded();
    if (release.schema) return `${worst}\n${none}`;
    const optional = `or 0 * sum(${latest(names.requests)})`;
    return `${worst}\n${none}\n${optional}${needed === undefined ? '' : ` unless ${needed}`}`;
  }

  /** What is proven over what is allowed; 0 of too few requests, or of too few bad ones. */
  function burn(tally: Tally, events: number, allowed: string, ...conditions: readonly string[]): string {
    const proven = `(\n${indent(leastShare(tally, z))}\n)\n/ ${allowed}`;
    // One user who tries again makes several failures of one. Of a smoke test, each request is one.
    const least = Math.min(events, (analysis.minRequests * events) / 20);
    const enough = [`${tally.all} >= ${analysis.minRequests}`, `${tally.bad} >= ${number(least)}`];
    return guarded(zeroed([proven, ...enough, ...conditions].join('\nand '), tally.seen));
  }

  /** Whether each of the last spans was worse than is allowed. A smoke test is over before that can be said. */
  function lasting({ bad, all }: Tally, allowed: number): readonly string[] {
    if (isSmokeTest) return [];
    const span = spanOf(analysis);
    const isWorse = `${bad} / ${all} > bool ${number(allowed)}`;
    // A minimum would pass over the spans that the canary has not lived through.
    return [`sum_over_time((${isWorse})[${seconds(SERVICE.spans * span)}:${seconds(span)}]) >= ${SERVICE.spans}`];
  }

  /** Whether the span that ends now was worse than is allowed: the last of those that lasting() asks may be long over. */
  function stillWorse({ bad, all }: Tally, allowed: number): readonly string[] {
    return isSmokeTest ? [] : [`${bad} > ${number(allowed)} * ${all}`];
  }

  /**
   * The objective, or half as much again as stable fails in its worst span of some time: what both suffer from is not the
   * canary's. Of a longer time than a span, an outage would be averaged away on one side more than on the other.
   */
  function allowance(stable: Tally | undefined, allowed: number, time: string): string {
    if (stable === undefined) return number(allowed);
    const worst = `max_over_time((${stable.bad} / (${stable.all} >= ${minOfStable}))[${time}])`;
    return `clamp_min(\n  ${SERVICE.timesStable} * ${worst}\n  or vector(0),\n  ${number(allowed)}\n)`;
  }

  /** 1 where both fail more than twice what is allowed. */
  function shared(canary: Tally, stable: Tally, allowed: number): string {
    const tooMuch = `> bool ${number(2 * allowed)}`;
    const ofCanary = `${canary.bad} / (${canary.all} >= ${analysis.minRequests})`;
    return guarded(zeroed(`(${ofCanary} ${tooMuch})\n* (${shareOfStable(stable)} ${tooMuch})`, canary.seen));
  }

  function shareOfStable({ bad, all }: Tally): string {
    return `${bad} / (${all} >= ${minOfStable})`;
  }

  function inSchemaState(states: string): string {
    return `max(${latest('coalmine_schema_state', `state=~"${states}"`)}) > 0`;
  }

  /** Nothing, unless the canary has what app and queries have to agree on: absent is never healthy. */
  function guarded(query: string): string {
    return `(\n${indent(query)}\n)\nand ${agreed.map(({ holds }) => holds).join('\nand ')}`;
  }
}

/** Seconds of the event loop, and which of them it worked. */
const LOOP_TIME = 'nodejs_eventloop_time_seconds_total';
const LOOP_ACTIVE = 'nodejs_eventloop_state="active"';

const CONDEMNING = { kind: 'release', good: { most: 1 }, badAbove: 1 } as const;

/** 0 where a query has nothing to say, but the series are there that it reads. */
function zeroed(query: string, own: string): string {
  return `${query}\nor 0 * ${own}`;
}

function percent(share: number): string {
  return `${number(100 * share)} %`;
}
