import { PERSISTENCE } from '@coalmine/cli';
import { CLASSES, FAILED, SLOW, TICK_SECONDS, TICKS_PER_STEP, WEIGHTS } from './releases.js';

/** What is promised, and when it is asked: the defaults of `coalmine manifests`, in ticks. */
const ALLOWED = { [FAILED]: 0.01, [SLOW]: 0.05 };
const [WINDOW, SPAN] = [4, 2];
const LEAST_REQUESTS = 20;
const LEAST_BAD = Number(process.env.LB ?? 0);
const Z = 2.326;

/**
 * What the generated templates make of a release: the gates of its steps, and the guard beside them.
 *
 * @param {import('./releases.js').Release} release
 * @param {number} [phase] by how many ticks the spans, which begin at whole multiples of their length, are off the steps
 * @returns {{ verdict: 'promote' | 'pause' | 'rollback', by?: string, minute?: number }}
 */
export function judge(release, phase = 0) {
  const sums = { canary: cumulated(release, release.canary), stable: cumulated(release, release.stable) };
  const evidence = evidenceIn(release, phase);
  /** Failed looks of each question, of the step and of the whole release. */
  let ofStep = new Map();
  const ofRelease = new Map();
  let pausedBy;
  for (let end = 1; end <= release.ticks; end++) {
    const inStep = ((end - 1) % TICKS_PER_STEP) + 1;
    if (inStep === 1) ofStep = new Map();
    const isGuarded = end > TICKS_PER_STEP;
    // The window has filled, and two scrapes have come: 150 s; five looks.
    if ((inStep >= 5 && inStep < 10) || isGuarded) {
      for (const question of absolutes(sums, release, end)) {
        const failed = (ofRelease.get(question) ?? 0) + (isGuarded ? 1 : 0);
        ofRelease.set(question, failed);
        const here = (ofStep.get(question) ?? 0) + (inStep >= 5 && inStep < 10 ? 1 : 0);
        ofStep.set(question, here);
        if (failed >= 2 || here >= 2) return { verdict: 'rollback', by: question, minute: (end * TICK_SECONDS) / 60 };
      }
    }
    if (inStep >= 11 || isGuarded) {
      const { condemned, differing } = persisting(evidence, end, phase);
      if (condemned !== undefined) return { verdict: 'rollback', by: condemned, minute: (end * TICK_SECONDS) / 60 };
      if (differing && inStep >= 11) pausedBy ??= { verdict: 'pause', by: 'routes-differing', minute: (end * TICK_SECONDS) / 60 };
    }
  }
  return pausedBy ?? { verdict: 'promote' };
}

/** Sums over all routes up to each tick: requests, failures, slow answers. */
function cumulated({ ticks, routes }, { requests, events }) {
  const sums = [new Float64Array(ticks + 1), new Float64Array(ticks + 1), new Float64Array(ticks + 1)];
  for (let tick = 0; tick < ticks; tick++) {
    let [all, failed, slow] = [0, 0, 0];
    for (let route = 0; route < routes; route++) {
      const at = tick * routes + route;
      all += requests[at];
      failed += events[at * CLASSES.length + FAILED];
      slow += events[at * CLASSES.length + SLOW];
    }
    sums[0][tick + 1] = sums[0][tick] + all;
    sums[1][tick + 1] = sums[1][tick] + failed;
    sums[2][tick + 1] = sums[2][tick] + slow;
  }
  return sums;
}

/** The questions about the whole service that fail at the end of a tick. */
function absolutes({ canary, stable }, _release, end) {
  const failing = [];
  const within = (sums, i, from) => sums[i][end] - sums[i][Math.max(0, end - from)];
  const shareOfStable = (i, to) => {
    const all = stable[0][to] - stable[0][Math.max(0, to - WINDOW)];
    return all < 5 * LEAST_REQUESTS ? 0 : (stable[i][to] - stable[i][Math.max(0, to - WINDOW)]) / all;
  };
  for (const [i, kind] of [
    [1, FAILED],
    [2, SLOW],
  ]) {
    let worst = 0;
    for (let to = 1; to <= end; to++) worst = Math.max(worst, shareOfStable(i, to));
    const lasts = kind === FAILED || within(canary, i, SPAN) > ALLOWED[kind] * within(canary, 0, SPAN);
    const name = kind === FAILED ? 'error-ratio' : 'slow-ratio';
    const proves = (bad, all, allowed) => bad >= LEAST_BAD && all >= LEAST_REQUESTS && lasts && leastShare(bad, all) > allowed;
    if (proves(within(canary, i, WINDOW), within(canary, 0, WINDOW), Math.max(ALLOWED[kind], 1.5 * shareOfStable(i, end)))) {
      failing.push(name);
    }
    if (proves(canary[i][end], canary[0][end], Math.max(ALLOWED[kind], 1.5 * worst))) failing.push(`${name}-since-start`);
  }
  return failing;
}

/** The lower end of the Wilson interval, one-sided. */
function leastShare(bad, all) {
  return (bad + Z ** 2 / 2 - Z * Math.sqrt(bad - bad ** 2 / all + Z ** 2 / 4)) / (all + Z ** 2);
}

/** Which spans hold evidence, by cell: 1 that the canary has more than stable, 2 that it is much more. */
function evidenceIn({ ticks, routes, canary, stable }, phase) {
  const spans = [];
  for (let from = phase; from + SPAN <= ticks; from += SPAN) {
    const cells = new Uint8Array(routes * CLASSES.length);
    for (let route = 0; route < routes; route++) {
      let [canaryAll, stableAll] = [0, 0];
      for (let tick = from; tick < from + SPAN; tick++) {
        canaryAll += canary.requests[tick * routes + route];
        stableAll += stable.requests[tick * routes + route];
      }
      if (canaryAll === 0 || stableAll === 0) continue;
      for (let kind = 0; kind < CLASSES.length; kind++) {
        let [bad, stableBad] = [0, 0];
        for (let tick = from; tick < from + SPAN; tick++) {
          bad += canary.events[(tick * routes + route) * CLASSES.length + kind];
          stableBad += stable.events[(tick * routes + route) * CLASSES.length + kind];
        }
        if (bad < Number(process.env.EV ?? PERSISTENCE.events)) continue;
        const [share, stableShare] = [Math.min(1, bad / canaryAll), Math.min(1, stableBad / stableAll)];
        const distance = Math.asin(Math.sqrt(share)) - Math.asin(Math.sqrt(stableShare));
        if (distance / Math.sqrt(0.25 / canaryAll + 0.25 / stableAll) <= PERSISTENCE.z) continue;
        const isLarge = kind in ALLOWED ? share > ALLOWED[kind] : share - stableShare > PERSISTENCE.large;
        cells[route * CLASSES.length + kind] = isLarge ? 2 : 1;
      }
    }
    spans.push(cells);
  }
  return spans;
}

/** What the spans up to the end of a tick prove. Prometheus 2 counts one span more where the last has just ended. */
function persisting(spans, end, phase) {
  const last = Math.floor((end - phase) / SPAN);
  const isAtEnd = (end - phase) % SPAN === 0;
  const seen = spans.slice(Math.max(0, last - PERSISTENCE.spans - (isAtEnd ? 1 : 0)), last);
  let differing = false;
  for (let cell = 0; cell < (spans[0]?.length ?? 0); cell++) {
    let [some, large] = [0, 0];
    for (const cells of seen) {
      if (cells[cell] > 0) some += 1;
      if (cells[cell] > 1) large += 1;
    }
    const kind = cell % CLASSES.length;
    if (large >= PERSISTENCE.spans) {
      const condemned = kind === FAILED ? 'routes-failing' : kind === SLOW ? 'routes-slow' : 'routes-turning-away';
      return { condemned, differing };
    }
    if (some >= PERSISTENCE.spans && !(kind in ALLOWED)) differing = true;
  }
  return { differing };
}
