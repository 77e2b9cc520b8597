import { increase, leastShare } from './evidence.js';
import { CLASSES, FAILED, SLOW } from './release.js';

// What no route matches and is redirected was a request of a user.
const REDIRECTED = CLASSES.indexOf('3xx');
// The usual share of stable is measured in one of this many spans.
const USUAL = 5;

/**
 * Returns the questions about the service as a whole. Each is a function that says whether a measurement at a scrape fails,
 * or for those that pause, whether it is inconclusive.
 *
 * @param {import('./release.js').Release} release
 * @param {import('./rule.js').Rule} rule
 * @returns {Record<string, (at: number) => boolean>}
 */
export function questionsOfService(release, { service, confidenceZ, objective, minRequests, arrived, pace }) {
  const { canary, stable, scrapes, phase, weightAt } = release;
  const { window, span } = pace;
  const samplesOfSpan = span + 1;
  const all = summed([...canary.requests, canary.unmatched[REDIRECTED]]);
  const allOfStable = summed([...stable.requests, stable.unmatched[REDIRECTED]]);
  const minOfStable = 5 * minRequests;
  const errors = viewOf(FAILED, objective.errorRatio);
  const slowness = viewOf(SLOW, objective.overShare);
  const hanging = sharesOfStable((at) => hangsOf(stable, allOfStable, at));
  return {
    'error-ratio': (at) => errors.isLasting(at) && isProvenInWindow(errors, at),
    'error-ratio-since-start': (at) => isProvenSinceStart(errors, at),
    'slow-ratio': (at) => isStillSlow(at) && isProvenInWindow(slowness, at),
    'slow-ratio-since-start': (at) => (isStillSlow(at) || isSlowAgain(at)) && isProvenSinceStart(slowness, at),
    hangs: isHanging,
    'shared-errors': (at) => isShared(errors, at),
    'shared-slowness': (at) => isShared(slowness, at),
    traffic: (at) => increase(all, at, window, canary.startedAt) < minRequests,
    ...(weightAt && { arrival: (at) => !hasArrived(weightAt(at - 1), at) }),
  };

  /** Whether the canary has enough of its share of the requests. @param {number} weight @param {number} at */
  function hasArrived(weight, at) {
    const requests = increase(all, at, window, canary.startedAt);
    return requests + 5 >= arrived * weight * (requests + increase(allOfStable, at, window, stable.startedAt));
  }

  /** @param {number} at */
  function isStillSlow(at) {
    return slowness.isLasting(at) && isWorse(slowness.bad, slowness.allowed, at, samplesOfSpan);
  }

  /** @param {number} at */
  function isSlowAgain(at) {
    return slowness.isRecurring(at) && slowness.isLate(at);
  }

  /** @param {number} kind @param {number} allowed */
  function viewOf(kind, allowed) {
    const bad = summed(canary.events.map((classes) => classes[kind]));
    const badOfStable = summed(stable.events.map((classes) => classes[kind]));
    return {
      allowed,
      bad,
      badOfStable,
      isLasting: lasting(bad, allowed, span, 'every'),
      isLate: lasting(bad, allowed, span, 'some'),
      isRecurring: lasting(bad, allowed, service.spans * span, 'every'),
      ...sharesOfStable((end) => [
        increase(badOfStable, end, samplesOfSpan, stable.startedAt),
        increase(allOfStable, end, samplesOfSpan, stable.startedAt),
      ]),
    };
  }

  /** @param {number} at */
  function isHanging(at) {
    const [overdue, requests] = hangsOf(canary, all, at);
    // Most measurements end here, without the shares of stable.
    if (overdue < service.events) return false;
    const usual = hanging.worst(at - window - span, at) ?? hanging.usual(at);
    return isProven(overdue, requests, service.events, Math.max(objective.errorRatio, service.timesStable * usual));
  }

  /**
   * Returns the requests of a side that hang at a scrape, and these together with the requests of the window before it.
   *
   * @param {import('./release.js').Counters} side
   * @param {Float64Array} requests
   * @param {number} at
   * @returns {readonly [number, number]}
   */
  function hangsOf({ overdue, startedAt }, requests, at) {
    const hanging = overdue[at - 1] ?? 0;
    return [hanging, increase(requests, at, window, startedAt) + hanging];
  }

  /** @typedef {ReturnType<typeof viewOf>} View */

  /** @param {View} view @param {number} at */
  function isProvenInWindow({ allowed, bad, worst, usual }, at) {
    const most = Math.max(allowed, service.timesStable * (worst(at - window - span, at) ?? usual(at)));
    return isProven(
      increase(bad, at, window, canary.startedAt),
      increase(all, at, window, canary.startedAt),
      service.events,
      most,
    );
  }

  /** @param {View} view @param {number} at */
  function isProvenSinceStart({ allowed, bad, worst }, at) {
    // The counters of the canary start at 0 with the canary.
    const most = Math.max(allowed, service.timesStable * (worst(canary.startedAt + 1, at) ?? 0));
    return isProven(bad[at - 1], all[at - 1], service.eventsSinceStart, most);
  }

  /** @param {number} bad @param {number} requests @param {number} events @param {number} most */
  function isProven(bad, requests, events, most) {
    return requests >= minRequests && bad >= events && leastShare(bad, requests, confidenceZ) > most;
  }

  /** Whether both sides have twice as many as is allowed. @param {View} view @param {number} at */
  function isShared({ allowed, bad, badOfStable }, at) {
    const [requests, ofStable] = [
      increase(all, at, window, canary.startedAt),
      increase(allOfStable, at, window, stable.startedAt),
    ];
    const events = increase(badOfStable, at, window, stable.startedAt);
    if (requests < minRequests || !isEnoughOfStable(events, ofStable)) return false;
    const isTooMuch = (/** @type {number} */ share) => share > 2 * allowed;
    return isTooMuch(increase(bad, at, window, canary.startedAt) / requests) && isTooMuch(events / ofStable);
  }

  /**
   * Returns whether the share is above the allowed share in each of the latest spans, or in some of them. A canary that is younger
   * than these spans proves nothing.
   *
   * @param {Float64Array} bad
   * @param {number} allowed
   * @param {number} length of a span
   * @param {'every' | 'some'} of
   */
  function lasting(bad, allowed, length, of) {
    const isOver = Array.from({ length: Math.floor((scrapes - phase) / length) + 1 }, (_, i) =>
      isWorse(bad, allowed, phase + i * length, length + 1),
    );
    return (/** @type {number} */ at) => {
      const spans = Math.floor((at - phase) / length) + 1;
      return spans >= service.spans && isOver.slice(spans - service.spans, spans)[of](Boolean);
    };
  }

  /** Whether the span that ends at a scrape is worse than is allowed. @param {Float64Array} bad @param {number} allowed @param {number} end @param {number} samples */
  function isWorse(bad, allowed, end, samples) {
    const [events, requests] = [bad, all].map((counter) => increase(counter, end, samples, canary.startedAt));
    return events > allowed * requests;
  }

  /** Few requests prove little, unless many of them are bad. @param {number} bad @param {number} requests */
  function isEnoughOfStable(bad, requests) {
    return requests >= minOfStable || bad >= service.events;
  }

  /**
   * Returns the worst share of stable between two scrapes, and its usual share up to a scrape: none and 0 without enough requests.
   *
   * @param {(at: number) => readonly [number, number]} tallyAt the bad requests and all requests of stable at a scrape
   */
  function sharesOfStable(tallyAt) {
    const shares = Array.from({ length: scrapes + 1 }, (_, at) => {
      const [events, requests] = tallyAt(at);
      return isEnoughOfStable(events, requests) ? events / requests : undefined;
    });
    const known = (/** @type {number} */ from, /** @type {number} */ to, step = 1) =>
      shares.filter((share, end) => share !== undefined && end >= from && end <= to && (end - phase) % step === 0);
    return {
      worst: (/** @type {number} */ from, /** @type {number} */ to) => {
        const all = known(from, to);
        return all.length === 0 ? undefined : Math.max(...all);
      },
      usual: (/** @type {number} */ to) => median(known(0, to, USUAL * span)),
    };
  }

  /** @param {readonly Int32Array[]} rows */
  function summed(rows) {
    const sums = new Float64Array(scrapes);
    for (const row of rows) {
      for (let i = 0; i < scrapes; i++) sums[i] += row[i];
    }
    return sums;
  }
}

/** @param {readonly number[]} values */
function median(values) {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
