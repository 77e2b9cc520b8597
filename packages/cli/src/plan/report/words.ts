import { count, percent } from '../../analyze/account/words.js';
import { timeOf } from '../../report/terminal.js';
import type { Judgement, Objectives, PastRelease, Plan, Replays, StepAt } from '../result.js';

const VERDICTS = { promote: 'promoted', rollback: 'rolled back', pause: 'paused' } as const;

/** What would have become of a release. */
export function verdictOf({ verdict }: Pick<Judgement, 'verdict'>): string {
  return VERDICTS[verdict];
}

/** The rate of false alarms in a sentence. */
export function alarmSentence({ judged, rolledBack, paused, falseAlarmRate, falseAlarmRateAtMost }: Replays): string {
  if (falseAlarmRate === undefined || falseAlarmRateAtMost === undefined) {
    return 'No pod of the history could be replayed, so that the rate of false alarms is not known.';
  }
  const alarms = rolledBack + paused;
  const detail = alarms === 0 ? '' : ` (${rolledBack} rolled back, ${paused} paused)`;
  return `Of ${count(judged)} pods that were no release, each taken as a canary beside its siblings, ${alarms} would have been rolled back or paused${detail}: ${percent(falseAlarmRate)}, and at most ${percent(falseAlarmRateAtMost)} with 95 % confidence.`;
}

export const PAST_COLUMNS: readonly string[] = ['began', 'hash', 'pods', 'would be', 'after', 'because of'];

export function pastCells({ startedAt, hash, pods, decidedAt, metric, ...judgement }: PastRelease): readonly string[] {
  return [timeOf(startedAt), hash, String(pods), verdictOf(judgement), minutes(decidedAt - startedAt), metric ?? '-'];
}

export const STEP_COLUMNS: readonly string[] = [
  'step',
  'traffic',
  'requests a window',
  'requests a step',
  'more errors',
  'more slowness',
  'twice the errors',
  'twice the slowness',
];

/** The cells of the steps, one row for each time of the traffic. */
export function stepRows({ evidence }: Plan): readonly (readonly string[])[] {
  return evidence.steps.flatMap(({ weight, share, seconds, at }) =>
    at.map((each, i) => [
      i === 0
        ? `${weight} %${share === weight / 100 ? '' : ` (${percent(share)} of the pods)`}, ${minutes(seconds)}`
        : '',
      each.time,
      count(each.requestsInWindow),
      count(each.requests),
      ...provenCells(each),
    ]),
  );
}

function provenCells({ errorIncrease, slownessIncrease, secondsForErrors, secondsForSlowness }: StepAt): string[] {
  return [increase(errorIncrease), increase(slownessIncrease), lasting(secondsForErrors), lasting(secondsForSlowness)];
}

function increase(share: number | undefined): string {
  return share === undefined ? 'none' : percent(share);
}

const LONGEST_SECONDS = 24 * 3600;

function lasting(seconds: number | undefined): string {
  if (seconds === undefined) return 'never';
  return seconds > LONGEST_SECONDS ? '> 1 day' : minutes(seconds);
}

export const STEP_CAPTION =
  'the smallest increase that is proven by the end of the step, and how long the step has to last to prove twice what is allowed';

const SHOWN_LATENCIES = 6;

/** The latencies that are worth a column: the bounds around where the shares fall from nearly all to nearly none. */
export function shownLatencies({ latencies, over }: Objectives): readonly number[] {
  const first = Math.max(
    0,
    over.findIndex((share) => share < 0.9),
  );
  return latencies.slice(first, first + SHOWN_LATENCIES).map((_, i) => first + i);
}

export function routeColumns({ latencies }: Objectives, shown: readonly number[]): readonly string[] {
  return ['route', 'requests', 'failed', ...shown.map((i) => `over ${latencies[i]} s`)];
}

/** The cells of the service, and of its busiest routes. */
export function routeRows(
  { requests, errorRatio, over, routes }: Objectives,
  shown: readonly number[],
  most: number,
): readonly (readonly string[])[] {
  const row = (name: string, all: number, failed: number | undefined, shares: readonly number[]): readonly string[] => [
    name,
    count(all),
    failed === undefined ? '-' : percent(failed),
    ...shown.map((i) => (shares[i] === undefined ? '-' : percent(shares[i]))),
  ];
  return [
    row('all routes', requests, errorRatio, over),
    ...routes.slice(0, most).map((each) => row(each.route, each.requests, each.errorRatio, each.over)),
  ];
}

/** What the service does today in a sentence. */
export function todaySentence({ requests, errorRatio, worstErrorRatio, overShare, latency }: Objectives): string {
  if (requests === 0) return 'The history has no requests.';
  return [
    `${percent(errorRatio ?? 0)} of the requests fail, ${percent(worstErrorRatio ?? 0)} in the worst hour`,
    ...(overShare === undefined ? [] : [`${percent(overShare)} are over their objective`]),
    ...(latency === undefined ? [] : [`${latency} s would leave half of the allowed share for a release`]),
  ].join('; ');
}

/** What was read, in a sentence. */
export function loadSentence({ load: { queries, samples, mostSamples, mostSamplesPerQuery } }: Plan): string {
  return `${count(queries)} queries, one at a time, read about ${count(samples)} samples (limit ${count(mostSamples)}, ${count(mostSamplesPerQuery)} a query).`;
}

export function minutes(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 6) / 10} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}

/** A value as it stands in a config file. */
export function valueText(value: unknown): string {
  return value === undefined ? 'left out' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** How slowness was told where the history has no counters of it. */
export function standInSentence({ standIn }: Replays): string | undefined {
  if (standIn === undefined) return undefined;
  const { pods, bound, objective } = standIn;
  const slow =
    bound === objective ? `over ${bound} s` : `over ${bound} s, the bound nearest to the objective of ${objective} s`;
  return `For ${count(pods)} of them the histogram of the app stood in: failed are answers with a status of 5xx, slow are those ${slow}.`;
}

/** Requests a second in three digits. */
export function rate(perSecond: number): string {
  return String(Number(perSecond.toPrecision(3)));
}
