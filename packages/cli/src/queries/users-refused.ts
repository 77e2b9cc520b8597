import { addComment } from '../promql/comments.js';
import { acceptsNotFound, withoutAccepted } from './accepted.js';
import { type Cells, type Compared, each, more, overSpans, requestsIn } from './cells.js';
import { indent, number, percent } from './evidence.js';
import { PERSISTENCE } from './persistence.js';
import { NOT_SERVED, ofMiddleware, statusesOf, TURNED_AWAY } from './responses.js';
import { rangeOf, seconds } from './series.js';

/**
 * Returns PromQL for the number of methods for which middleware of the canary turn away users: redirects and refusals where no
 * route serves anything are more by {@link PERSISTENCE.large} of the requests with the method than on stable, while the requests
 * that the weight promises arrive, and the canary serves so much less of them. A scanner on the canary gets the same responses,
 * but takes no user away from what is served. Empty if there is none.
 */
export function usersRefused(compared: Compared, weight: string): string {
  const { release, canary, stable } = compared;
  const { analysis, names } = release;
  const { method } = names.labels;
  const { large } = PERSISTENCE;
  const increase = requestsIn(compared);
  const all = (side: string): string => allByMethod(compared, side);
  const withStatus = (side: string, classes: string): string =>
    `(sum by (${method}) (${increase(ofRoutes(compared, side) + statusesOf(release, classes))}) or 0 * ${all(side)})`;
  const turnedAway = withStatus(canary, TURNED_AWAY);
  // A release that refuses what fails on stable turns nobody away.
  const ofStable = withStatus(stable, NOT_SERVED);
  // A controller may raise the weight within a span. There is no ratio if the canary has all of the traffic.
  const odds = `avg_over_time((${weight} / (100 - ${weight} > 0))[${seconds(rangeOf(analysis))}:${seconds(analysis.scrapeSeconds)}])`;
  const promised = `${number(1 - large)} * scalar(${odds})`;
  return overSpans(
    release,
    each(
      addComment('Do middleware turn away more than on stable?', more(turnedAwayByMiddleware(compared), large)),
      addComment(
        `Does the canary turn away ${percent(large)} more of all requests with the method?`,
        `${turnedAway} / ${all(canary)} - ${ofStable} / ${all(stable)} > bool ${number(large)}`,
      ),
      addComment(
        `Does the canary serve less than ${percent(1 - large)} of what the weight promises?`,
        `${all(canary)} - ${turnedAway} < bool ${promised} * (${all(stable)} - ${ofStable})`,
      ),
    ),
    addComment(
      'Do the requests arrive that the weight promises, in all spans together?',
      `${all(canary)} - ${promised} * ${all(stable)}`,
    ),
  );
}

/** Returns what middleware turn away of the requests with each method, whatever the status. */
function turnedAwayByMiddleware(compared: Compared): Cells {
  const { release, canary, stable } = compared;
  const { method, status_code: status } = release.names.labels;
  const all = (side: string): string => allByMethod(compared, side);
  const bad = (side: string): string => {
    const statuses = `${statusesOf(release, TURNED_AWAY)}${acceptsNotFound(release) ? `,${status}!="404"` : ''}`;
    const responses = ofMiddleware(compared, side, statuses, TURNED_AWAY);
    return `sum by (${method}) (\n${indent([`(\n${indent(responses)}\n)`, ...withoutAccepted(release, side)].join('\n'))}\n)`;
  };
  return {
    canary: { bad: bad(canary), all: all(canary) },
    // 0 where stable has had none.
    stable: { bad: `(${bad(stable)} or 0 * ${all(stable)})`, all: all(stable) },
    per: '',
  };
}

/** Returns the number of requests of one side by method. */
function allByMethod(compared: Compared, side: string): string {
  return `sum by (${compared.release.names.labels.method}) (${requestsIn(compared)(ofRoutes(compared, side))})`;
}

/** Returns matchers of the requests of one side: a sidecar may have a counter of the same name, without routes. */
function ofRoutes({ release }: Compared, side: string): string {
  return `${side},${release.names.labels.route}!=""`;
}
