import { leastThat } from '../../queries/bisection.js';
import type { Release } from '../../release/release.js';
import type { Pod } from '../history/pods.js';
import { LIMIT_REACHED, type Reader, type Span } from '../history/reader.js';
import { type NearestBound, readSamples } from '../history/samples.js';
import type { NotReplayed, ReplayedPod, Replays } from '../result.js';
import { countHeld } from './held.js';
import { replay } from './replay.js';
import type { Template } from './template.js';

/** The input of replays, and how many of them are wanted. */
export interface ReplaySource {
  readonly release: Release;
  readonly template: Template;
  readonly pods: readonly Pod[];
  /** The span of the history. */
  readonly span: Span;
  /** How exact the times of the pods are. */
  readonly stepSeconds: number;
  readonly bound: NearestBound;
  /** The objective of the release, in seconds. */
  readonly objective: number;
  /** The latest objective of the app, if it reports one. */
  readonly appObjective: number | undefined;
  readonly reader: Reader;
  onProgress(what: string): void;
}

// Pods that start within this many seconds of each other are read together.
const TOGETHER_SECONDS = 600;
// The time of a replay grows with its siblings, and a large service has dozens of them.
const MOST_SIBLINGS = 8;

/** A pod that can be treated as a canary, and the pods it is compared with. */
interface Candidate {
  readonly pod: Pod;
  readonly siblings: readonly Pod[];
}

/**
 * Treats each pod of the past as a canary, and compares it with its siblings of the same build. Builds that are bad as
 * releases are left out: the verdicts on their pods are not false alarms.
 */
export async function replaySiblings(source: ReplaySource, most: number, bad: ReadonlySet<string>): Promise<Replays> {
  const { candidates, notReplayed } = candidatesIn(source, bad);
  const chosen = spread(candidates, most);
  const left = candidates.length - chosen.length;
  const skipped = new Skipped(notReplayed);
  if (left > 0) skipped.add(left, `${most} pods are the limit: give --replays to replay more of them`);
  const { bound, objective } = source;
  const judged: ReplayedPod[] = [];
  let standIns = 0;
  let done = 0;
  for (const group of groupsOf(chosen)) {
    const samples = await samplesOf(source, group);
    for (const { pod, siblings } of group) {
      done += 1;
      source.onProgress(`pod ${done} of ${chosen.length} as a canary`);
      const { release, template, appObjective } = source;
      if (samples === undefined || samples === 'none') {
        skipped.add(1, samples === 'none' ? NOTHING_TO_JUDGE_BY : LIMIT_REACHED);
        continue;
      }
      const replayed = await replay({ release, template, appObjective, samples, canary: [pod], stable: siblings });
      if ('why' in replayed) skipped.add(1, replayed.why);
      else {
        judged.push({ pod: pod.name, hash: pod.hash, ...replayed.judgement });
        standIns += Number(samples.isStandIn);
        for (const metric of replayed.without) skipped.metric(metric);
      }
    }
  }
  const standIn = standIns === 0 || bound === undefined ? undefined : { pods: standIns, bound, objective };
  return { ...summary(judged), standIn, notReplayed: skipped.all() };
}

export const NOTHING_TO_JUDGE_BY = 'the history has neither the counters of Coalmine nor a histogram with buckets';

/** Collects what is not replayed, by reason. */
class Skipped {
  readonly #counts = new Map<string, number>();
  readonly #metrics = new Set<string>();
  readonly #known: readonly NotReplayed[];

  constructor(known: readonly NotReplayed[] = []) {
    this.#known = known;
  }

  add(pods: number, why: string): void {
    this.#counts.set(why, (this.#counts.get(why) ?? 0) + pods);
  }

  metric(name: string): void {
    this.#metrics.add(name);
  }

  all(): readonly NotReplayed[] {
    return [
      ...this.#known,
      ...[...this.#counts].map(([why, count]) => ({ what: `${count} ${count === 1 ? 'pod' : 'pods'}`, why })),
      ...[...this.#metrics].map((what) => ({
        what: `the metric ${what}`,
        why: 'the history has no series for it, and the histogram cannot replace them',
      })),
    ];
  }
}

function candidatesIn(
  { pods, template, span, stepSeconds }: ReplaySource,
  bad: ReadonlySet<string>,
): {
  readonly candidates: readonly Candidate[];
  readonly notReplayed: readonly NotReplayed[];
} {
  const skipped = new Skipped();
  const needed = template.seconds + stepSeconds;
  const candidates = pods.flatMap((pod): Candidate[] => {
    if (pod.isOlder) {
      skipped.add(1, 'they started before the history, so the time of their start is not known');
      return [];
    }
    if (bad.has(pod.hash)) {
      skipped.add(1, `the release ${pod.hash} would have been rolled back: a verdict on its pods is not a false alarm`);
      return [];
    }
    if (pod.to - pod.from < needed) {
      const why =
        pod.to >= span.end - stepSeconds
          ? 'they are younger than the duration of a release'
          : `they lived for less than the duration of a release (${Math.round(needed / 60)} min)`;
      skipped.add(1, why);
      return [];
    }
    const siblings = pods
      .filter(
        (other) =>
          other.name !== pod.name &&
          other.hash === pod.hash &&
          other.from <= pod.from + TOGETHER_SECONDS / 2 &&
          other.to >= pod.from + needed,
      )
      .slice(0, MOST_SIBLINGS);
    if (siblings.length === 0) {
      skipped.add(
        1,
        'no other pod of the same build served at the same time: with one pod there is nothing to compare with',
      );
      return [];
    }
    return [{ pod, siblings }];
  });
  return { candidates, notReplayed: skipped.all() };
}

/** Returns as many candidates as are wanted, spread evenly over the history. */
function spread(candidates: readonly Candidate[], most: number): readonly Candidate[] {
  if (candidates.length <= most) return candidates;
  return Array.from({ length: most }, (_, i) => candidates[Math.floor((i * candidates.length) / most)] as Candidate);
}

/**
 * Groups candidates that started together, groups in the middle of the history first: a limit then leaves out neither
 * end.
 */
function groupsOf(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const groups: Candidate[][] = [];
  for (const candidate of candidates) {
    const last = groups.find(
      ([first]) =>
        first !== undefined &&
        first.pod.hash === candidate.pod.hash &&
        candidate.pod.from - first.pod.from <= TOGETHER_SECONDS,
    );
    if (last === undefined) groups.push([candidate]);
    else last.push(candidate);
  }
  return halved(groups);
}

/** Returns the element in the middle, then the elements in the middle of each half, and so on. */
function halved<T>(all: readonly T[]): readonly T[] {
  const middle = Math.floor(all.length / 2);
  const [element] = all.slice(middle, middle + 1);
  if (element === undefined) return [];
  const [before, after] = [halved(all.slice(0, middle)), halved(all.slice(middle + 1))];
  const mixed = Array.from({ length: Math.max(before.length, after.length) }, (_, i) => [
    ...before.slice(i, i + 1),
    ...after.slice(i, i + 1),
  ]);
  return [element, ...mixed.flat()];
}

/** Returns the samples of a group and of as many siblings as fit in memory. */
async function samplesOf(source: ReplaySource, group: readonly Candidate[]): ReturnType<typeof readSamples> {
  const { release, template, reader, bound } = source;
  const starts = group.map(({ pod }) => pod.from);
  const start = Math.min(...starts) - source.stepSeconds - template.lookbackSeconds;
  const end = Math.max(...starts) + template.seconds + source.stepSeconds;
  const canaries = group.map(({ pod }) => pod);
  const others = [...new Set(group.flatMap(({ siblings }) => siblings))].filter((pod) => !canaries.includes(pod));
  const all = [...canaries, ...others];
  const span = { start, end };
  const held = Math.max(group.length + 1, await countHeld(release, template, all, span, reader));
  return readSamples(release, template.series, all.slice(0, held), span, { reader, bound });
}

function summary(pods: readonly ReplayedPod[]): Omit<Replays, 'standIn' | 'notReplayed'> {
  const alarms = pods.filter(({ verdict }) => verdict !== 'promote');
  const judged = pods.length;
  return {
    judged,
    rolledBack: alarms.filter(({ verdict }) => verdict === 'rollback').length,
    paused: alarms.filter(({ verdict }) => verdict === 'pause').length,
    falseAlarmRate: judged === 0 ? undefined : alarms.length / judged,
    falseAlarmRateAtMost: judged === 0 ? undefined : upperBound(alarms.length, judged),
    byMetric: tallyBy(alarms, ({ metric = 'unknown', verdict }) => `${metric} ${verdict}`).map(([of, count]) => ({
      metric: of.metric ?? 'unknown',
      verdict: of.verdict,
      count,
    })),
    byRoute: tallyBy(
      alarms.filter(({ route }) => route !== undefined),
      ({ route = '' }) => route,
    ).map(([{ route = '' }, count]) => ({ route, count })),
    pods: [...pods].sort((a, b) => a.startedAt - b.startedAt),
  };
}

/** Returns the first element of each key and the number of elements, the most frequent first. */
function tallyBy<T>(all: readonly T[], keyOf: (each: T) => string): readonly (readonly [T, number])[] {
  const tally = new Map<string, [T, number]>();
  for (const each of all) {
    const entry = tally.get(keyOf(each)) ?? [each, 0];
    entry[1] += 1;
    tally.set(keyOf(each), entry);
  }
  return [...tally.values()].sort(([, a], [, b]) => b - a);
}

/**
 * Returns the highest rate that so few events do not contradict at 95 %: the upper end of the interval of Clopper and
 * Pearson.
 */
export function upperBound(events: number, trials: number): number {
  if (events >= trials) return 1;
  return leastThat((rate) => atMost(events, trials, rate) <= 0.05, events / trials, 1, 1e-6);
}

/** Returns the probability of at most so many events in independent trials. */
function atMost(events: number, trials: number, probability: number): number {
  let term = (1 - probability) ** trials;
  let sum = term;
  for (let i = 1; i <= events; i += 1) {
    term *= ((trials - i + 1) / i) * (probability / (1 - probability));
    sum += term;
  }
  return sum;
}
