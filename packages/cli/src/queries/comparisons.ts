import { addComment } from '../promql/comments.js';
import type { Release } from '../release/release.js';
import { guardQuery, orZero } from './agreement.js';
import { failuresOf, slowdownOf, slownessOf } from './beside-stable.js';
import { type Compared, increaseOf, offsetOf, overSpans } from './cells.js';
import { indent, number, percent } from './evidence.js';
import { lostRoutes } from './lost-routes.js';
import { PERSISTENCE } from './persistence.js';
import type { Question, Sides } from './question.js';
import { increaseInWindow, latest, rangeOf, seconds, spanOf, switchedSecondsOf, usersOnly } from './series.js';
import { differing, turningAway } from './turning-away.js';
import { unmatchedDiffering } from './unmatched.js';
import { usersRefused } from './users-refused.js';

/** Returns questions that compare the canary with stable: what works on stable must work on the canary. */
export function comparisons(release: Release, sides: Sides & { readonly stable: string }): readonly Question[] {
  const { canary, stable, weight, isSwitched = false } = sides;
  const { analysis, objective, names } = release;
  // After the switch of a blue-green release, stable has no requests: those before the switch are compared.
  const offset = isSwitched ? ` offset ${seconds(switchedSecondsOf(analysis))}` : '';
  const compared = { release, canary, stable, offset };
  const zero = `0 * sum(${latest(analysis, names.requests, canary)})`;
  // A stable without Coalmine may have a counter of the same name that counts probes, or has other routes.
  const isCounted = `count(${latest(analysis, names.timed, stable, offset)})`;
  const { spans, timesErrorRatio, timesOverShare, large, most } = PERSISTENCE;
  const eachSpan = `each of ${spans} spans of ${seconds(spanOf(analysis))}`;
  const asked = (kind: 'release' | 'doubt', name: string, why: string, query: string, none = zero): Question => ({
    name,
    kind,
    spans,
    why,
    query: guardQuery(
      release,
      canary,
      orZero(`${query}\n${addComment('Only if stable has the counters of Coalmine.', `and ${isCounted}`)}`, none),
    ),
    good: { most: 0 },
    ...(kind === 'release' ? { badAbove: 0 } : {}),
  });
  return [
    asked(
      'release',
      'routes-failing',
      `Routes that fail and work on stable: ${percent(timesErrorRatio * objective.errorRatio)} more of the requests, proven in ${eachSpan}.
However rare a route is, its users need it.`,
      failuresOf(compared),
    ),
    asked(
      'release',
      'routes-slow',
      `Routes that are over their objective and not on stable: ${percent(timesOverShare * objective.overShare)} more of the requests, proven in ${eachSpan}.`,
      slownessOf(compared),
    ),
    asked(
      'release',
      'routes-turning-away',
      `Routes that redirect, refuse or do not find ${percent(large)} more of their requests than stable does, proven in ${eachSpan}:
a login that responds with 401, a page that is gone. All routes together are one more, from ${percent(most)} on.`,
      turningAway(compared, large),
    ),
    asked(
      'release',
      'routes-lost',
      `1 if stable serves routes that the canary does not know, and their requests get a 404, or what all other paths get.`,
      lostRoutes(compared),
    ),
    ...(weight === undefined
      ? []
      : [
          asked(
            'release',
            'users-refused',
            `Methods for which middleware turn away ${percent(large)} more of the requests than on stable, proven in ${eachSpan}, and the
canary serves less than its share: a login that all routes need. A scanner gets the same responses, and takes nothing away.`,
            usersRefused(compared, weight),
          ),
        ]),
    ...(analysis.slowerThanStable === undefined
      ? []
      : [
          asked(
            'release',
            'routes-slower',
            `Routes whose mean duration is more than ${number(analysis.slowerThanStable)} times that of stable, in ${eachSpan}.`,
            slowdownOf(compared, analysis.slowerThanStable),
            `${zero}${unlessDurationsMissing(compared, canary)}${unlessDurationsMissing(compared, stable)}`,
          ),
        ]),
    asked(
      'release',
      'saturation',
      `Pods whose event loop was busy for more than 95 % of ${eachSpan}, and stable's were not: they cannot keep up. So are
pods with a worker of a cluster that does not respond.`,
      saturation(compared),
      `0 * sum(${latest(analysis, LOOP_TIME, `${canary},${LOOP_ACTIVE}`)})`,
    ),
    asked(
      'doubt',
      'routes-differing',
      `Routes and classes of responses of which the canary has more than stable, proven in ${eachSpan}, however little: a person
should look. One faulty client looks the same, so nothing is rolled back for it.`,
      differing(compared),
    ),
    asked(
      'doubt',
      'unmatched-differing',
      `The same for requests that reach no route which both sides know, as a share of all requests: a middleware turns users away,
a route has another name and refuses them, fails or is slow, a new route fails, or 404s replace the requests to a route.`,
      unmatchedDiffering(compared),
    ),
    ...(weight === undefined ? [] : [arrival(release, canary, stable, weight, isCounted)]),
  ];
}

/** Returns a part of a query that leaves nothing if a side has timed requests, and no histogram of them. */
function unlessDurationsMissing(compared: Compared, side: string): string {
  const { names, analysis } = compared.release;
  const { method, route } = names.labels;
  const sum = (metric: string, more = ''): string =>
    `sum(${latest(analysis, metric, side + more, offsetOf(compared, side))})`;
  const [duration, count] = ['sum', 'count'].map((what) =>
    sum(`${names.duration}_${what}`, `,${method}!="",${route}!=""`),
  );
  return `\nunless (${sum(names.timed)} > 0 unless ${duration} + ${count})`;
}

/** Seconds of the event loop, active and idle. */
const LOOP_TIME = 'nodejs_eventloop_time_seconds_total';
const LOOP_ACTIVE = 'nodejs_eventloop_state="active"';
/** Workers of a cluster, by whether they respond to their primary; only pods with a cluster have this metric. */
export const WORKERS = 'coalmine_cluster_workers';

function saturation(compared: Compared): string {
  const { release, canary, stable } = compared;
  const { pod } = release.labels;
  // One busy pod of many on stable, such as one that starts or runs the jobs of all, excuses nothing. A worker of a cluster
  // whose event loop is held does not even say how long.
  const used = (side: string): string => {
    const time = (matchers: string): string => `sum by (${pod}) (${increaseOf(compared, LOOP_TIME, matchers)})`;
    const isHeld = `min_over_time(${WORKERS}{${side},state="silent"}[${seconds(rangeOf(release.analysis))}]${offsetOf(compared, side)}) > bool 0`;
    return `max by (${pod}) (\n${indent(`${isHeld}\nor ${time(`${side},${LOOP_ACTIVE}`)}\n/ ${time(side)}`)}\n)`;
  };
  return overSpans(
    release,
    `(
${indent(used(canary))}
  > bool 0.95
)
* on () group_left () (
  quantile(
    0.9,
${indent(indent(used(stable)))}
  ) < bool 0.8
)`,
  );
}

/** Returns the question whether the canary gets the traffic that the router was told to send. */
function arrival(release: Release, canary: string, stable: string, weight: string, isCounted: string): Question {
  const { names, analysis } = release;
  // A scanner that comes to one side says nothing about the users.
  const arrived = (side: string): string =>
    `sum(${usersOnly(release, side, (metric, matchers) => increaseInWindow(analysis, metric, matchers))})`;
  return {
    name: 'arrival',
    kind: 'evidence',
    why: `1 if the canary gets at least half of the traffic that the step gives it, with an allowance for chance with few
requests. A broken port or a NetworkPolicy is a 502 at the ingress that no pod sees. 1 if the weight is not given (0).`,
    query: guardQuery(
      release,
      canary,
      `${arrived(canary)} + 5
>= bool 0.005 * ${weight} * (${arrived(canary)} + ${arrived(stable)})
and ${isCounted}
or 1 + 0 * sum(${latest(analysis, names.requests, canary)})`,
    ),
    good: { least: 1 },
  };
}
