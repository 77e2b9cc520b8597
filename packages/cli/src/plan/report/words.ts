import { showCount, showShare, showTime } from '../../controllers/shown.js';
import type { Judgement, Objectives, PastRelease, Plan, Replays, StepAt } from '../result.js';

const VERDICTS = { promote: 'promoted', rollback: 'rolled back', pause: 'paused' } as const;

/** Returns the verdict on a release in words. */
export function verdictOf({ verdict }: Pick<Judgement, 'verdict'>): string {
  return VERDICTS[verdict];
}

/** Returns the rate of false alarms in a sentence. */
export function alarmSentence({ judged, rolledBack, paused, falseAlarmRate, falseAlarmRateAtMost }: Replays): string {
  if (falseAlarmRate === undefined || falseAlarmRateAtMost === undefined) {
    return 'No pod of the history could be replayed, so the rate of false alarms is not known.';
  }
  const alarms = rolledBack + paused;
  const detail = alarms === 0 ? '' : ` (${rolledBack} rolled back, ${paused} paused)`;
  return `Of ${showCount(judged)} pods that were not a release, each compared with its siblings as if it were a canary, ${alarms} would have been rolled back or paused${detail}: ${showShare(falseAlarmRate)}, and at most ${showShare(falseAlarmRateAtMost)} with 95 % confidence.`;
}

/** Says why there is no verdict on a past release. */
export function noReleaseSentence({ notReplayed }: Replays): string {
  return notReplayed.some(({ what }) => what.startsWith('the release '))
    ? 'No release of the history could be judged.'
    : 'No hash began within the history.';
}

/** Says why a proposal changes nothing. */
export function unchangedSentence({ evidence }: Plan): string {
  return evidence.traffic.length === 0
    ? 'None: without requests in the history, nothing is known about the options.'
    : 'Keep the options as they are.';
}

export const PAST_COLUMNS: readonly string[] = ['began', 'hash', 'pods', 'would be', 'after', 'because of'];

export function pastCells({ startedAt, hash, pods, decidedAt, metric, ...judgement }: PastRelease): readonly string[] {
  return [
    showTime(startedAt),
    hash,
    String(pods),
    verdictOf(judgement),
    showRoughSpan(decidedAt - startedAt),
    metric ?? '-',
  ];
}

export const STEP_COLUMNS: readonly string[] = [
  'step',
  'traffic',
  'requests per window',
  'requests per step',
  'more errors',
  'more slowness',
  'twice the errors',
  'twice the slowness',
];

/** Returns the cells of the steps, one row for each time of the traffic. */
export function stepRows({ evidence }: Plan): readonly (readonly string[])[] {
  return evidence.steps.flatMap(({ weight, share, seconds, at }) =>
    at.map((each, i) => [
      i === 0
        ? `${weight} %${share === weight / 100 ? '' : ` (${showShare(share)} of the pods)`}, ${showRoughSpan(seconds)}`
        : '',
      each.time,
      showCount(each.requestsInWindow),
      showCount(each.requests),
      ...provenCells(each),
    ]),
  );
}

function provenCells({ errorIncrease, slownessIncrease, secondsForErrors, secondsForSlowness }: StepAt): string[] {
  return [
    increase(errorIncrease),
    increase(slownessIncrease),
    showLasting(secondsForErrors),
    showLasting(secondsForSlowness),
  ];
}

function increase(share: number | undefined): string {
  return share === undefined ? 'none' : showShare(share);
}

const LONGEST_SECONDS = 24 * 3600;

function showLasting(seconds: number | undefined): string {
  if (seconds === undefined) return 'never';
  return seconds > LONGEST_SECONDS ? '> 1 day' : showRoughSpan(seconds);
}

export const STEP_CAPTION =
  'the smallest increase that the step proves by its end, and how long the step must last to prove twice the allowed share';

const SHOWN_LATENCIES = 6;

/**
 * Returns the latencies that are worth a column: the bounds between which the shares fall from nearly all to nearly
 * none.
 */
export function selectLatencies({ latencies, over }: Objectives): readonly number[] {
  const first = Math.max(
    0,
    over.findIndex((share) => share < 0.9),
  );
  return latencies.slice(first, first + SHOWN_LATENCIES).map((_, i) => first + i);
}

export function routeColumns({ latencies }: Objectives, shown: readonly number[]): readonly string[] {
  return ['route', 'requests', 'failed', ...shown.map((i) => `over ${latencies[i]} s`)];
}

/** Returns the cells of the service, and of its busiest routes. */
export function routeRows(
  { requests, errorRatio, over, routes }: Objectives,
  shown: readonly number[],
  most: number,
): readonly (readonly string[])[] {
  const row = (name: string, all: number, failed: number | undefined, shares: readonly number[]): readonly string[] => [
    name,
    showCount(all),
    failed === undefined ? '-' : showShare(failed),
    ...shown.map((i) => (shares[i] === undefined ? '-' : showShare(shares[i]))),
  ];
  return [
    row('all routes', requests, errorRatio, over),
    ...routes.slice(0, most).map((each) => row(each.route, each.requests, each.errorRatio, each.over)),
  ];
}

/** Returns how the service performs today, in a sentence. */
export function todaySentence({ requests, errorRatio, worstErrorRatio, overShare, latency }: Objectives): string {
  if (requests === 0) return 'The history has no requests.';
  return [
    `${showShare(errorRatio ?? 0)} of the requests fail, ${showShare(worstErrorRatio ?? 0)} in the worst hour`,
    ...(overShare === undefined ? [] : [`${showShare(overShare)} take longer than their objective`]),
    ...(latency === undefined ? [] : [`${latency} s would leave half of the allowed share for a release`]),
  ].join('; ');
}

/** Returns what was read, in a sentence. */
export function loadSentence({ load: { queries, samples, mostSamples, mostSamplesPerQuery } }: Plan): string {
  return `${showCount(queries)} queries, one at a time, read about ${showCount(samples)} samples (limit ${showCount(mostSamples)}, ${showCount(mostSamplesPerQuery)} a query).`;
}

export function showRoughSpan(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 6) / 10} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}

/** Returns a value as it is written in a config file. */
export function valueText(value: unknown): string {
  return value === undefined ? 'left out' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** Says how slow requests were told if the history has no counters for them. */
export function standInSentence({ standIn }: Replays): string | undefined {
  if (standIn === undefined) return undefined;
  const { pods, bound, objective } = standIn;
  const slow =
    bound === objective ? `over ${bound} s` : `over ${bound} s, the bound nearest to the objective of ${objective} s`;
  return `For ${showCount(pods)} of them the histogram of the app replaced the counters: failed requests are responses with a status of 5xx, slow requests are responses ${slow}.`;
}

/** Returns requests per second with three digits. */
export function rate(perSecond: number): string {
  return String(Number(perSecond.toPrecision(3)));
}
