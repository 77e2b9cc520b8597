import { podNames } from '../../manifests/pod-name.js';
import { targetOf } from '../../release/workload.js';
import type { Pod } from '../history/pods.js';
import { LIMIT_REACHED } from '../history/reader.js';
import { type PodSamples, readSamples } from '../history/samples.js';
import type { Judgement, NotReplayed, PastRelease } from '../result.js';
import { countHeld } from './held.js';
import { replay } from './replay.js';
import { NOTHING_TO_JUDGE_BY, type ReplaySource } from './siblings.js';

/** The first pods of a hash, and the pods that had the users before them. */
interface Release extends Sides {
  readonly hash: string;
  readonly before: string;
}

interface Sides {
  readonly canary: readonly Pod[];
  readonly stable: readonly Pod[];
}

/** The verdicts on the releases of a history. */
export interface PastReleases {
  readonly releases: readonly PastRelease[];
  /** The hashes that were bad: that would have been rolled back, or were worse than the release after them. */
  readonly bad: readonly string[];
  readonly notReplayed: readonly NotReplayed[];
}

// Pods of a release that start later were added by an autoscaler, or replace lost pods.
const RELEASE_SECONDS = 1800;
// Other metrics also differ because the later release does something new, or fails by the objectives alone while the later
// release has few requests.
const OF_WORSE_ROUTES = ['routes-failing', 'routes-slow'];
const OF_EVIDENCE = ['traffic', 'instrumentation'];

/** Judges each release of the history: each new hash, against the hash that had the users before. */
export async function judgePastReleases(source: ReplaySource): Promise<PastReleases> {
  const { release, template, appObjective, reader, bound, stepSeconds, onProgress } = source;
  const releases: PastRelease[] = [];
  const bad: string[] = [];
  const known = new Set<string>();
  const { releases: found, incomparable } = releasesIn(source);
  const notReplayed: NotReplayed[] = [...incomparable];
  for (const [i, { hash, before, ...all }] of found.entries()) {
    onProgress(`release ${i + 1} of ${found.length}, ${hash}`);
    const what = `the release ${hash}`;
    const startedAt = Math.min(...all.canary.map(({ from }) => from));
    const span = {
      start: startedAt - stepSeconds - template.lookbackSeconds,
      end: startedAt + template.seconds + 2 * stepSeconds,
    };
    const held = await countHeld(release, template, [...all.canary, ...all.stable], span, reader);
    const { canary, stable } = firstOf(all, held);
    const samples = await readSamples(release, template.series, [...canary, ...stable], span, { reader, bound });
    if (samples === undefined || samples === 'none') {
      notReplayed.push({ what, why: samples === 'none' ? NOTHING_TO_JUDGE_BY : LIMIT_REACHED });
      continue;
    }
    const replayed = await replay({ release, template, appObjective, samples, canary, stable });
    if ('why' in replayed) {
      notReplayed.push({ what, why: replayed.why });
      continue;
    }
    if (replayed.judgement.verdict === 'rollback') bad.push(hash);
    if (isUnjudged(all.stable, known)) {
      const { worse, isKnown } = await judgeOlder(source, samples, { canary, stable }, replayed.judgement.startedAt);
      if (isKnown) known.add(before);
      if (worse !== undefined) {
        bad.push(before);
        notReplayed.push({
          what: `the release ${before}`,
          why: `it began before the history. Beside ${hash}, which followed, it would have been rolled back (${worse.metric}: ${worse.why}), so the proposal leaves out the hours in which it served`,
        });
      }
    }
    const overlapSeconds = Math.max(0, Math.max(...all.stable.map(({ to }) => to)) - startedAt);
    const decidedAfter = replayed.judgement.decidedAt - replayed.judgement.startedAt;
    const knownSeconds = source.span.end - stepSeconds - startedAt;
    const lived = Math.max(...all.canary.map(({ to }) => to)) - startedAt;
    releases.push({
      hash,
      before,
      pods: all.canary.length,
      overlapSeconds,
      ...replayed.judgement,
      notes: [
        ...(canary.length < all.canary.length || stable.length < all.stable.length
          ? [
              `${canary.length} of its ${all.canary.length} pods were read, and ${stable.length} of the ${all.stable.length} pods of ${before}: more would not fit in memory`,
            ]
          : []),
        ...(overlapSeconds < Math.min(decidedAfter, knownSeconds)
          ? [`${before} was gone after ${showWholeMinutes(overlapSeconds)}: from then on, the objectives alone decide`]
          : []),
        ...(lived < decidedAfter && span.end < source.span.end
          ? [`${hash} was gone after ${showWholeMinutes(lived)}, before the release would have ended`]
          : []),
        ...(replayed.without.length === 0
          ? []
          : [`without ${replayed.without.join(', ')}, which the history does not have`]),
      ],
    });
  }
  if (found.length + incomparable.length > 0) notReplayed.push(...listUnknown(source.pods, known));
  return { releases, bad, notReplayed };
}

/**
 * Judges a release that started before the history by the release after it, which takes the part of stable. Returns the
 * judgement if it was worse, and whether anything is known about it.
 */
async function judgeOlder(
  { release, template, appObjective }: ReplaySource,
  samples: PodSamples,
  { canary, stable }: Sides,
  from: number,
): Promise<{ readonly worse?: Judgement; readonly isKnown: boolean }> {
  const measured = [...OF_WORSE_ROUTES, ...OF_EVIDENCE];
  const swapped = await replay({
    release,
    template,
    appObjective,
    samples,
    canary: stable,
    stable: canary,
    from,
    measured,
  });
  if ('why' in swapped) return { isKnown: false };
  const { verdict, metric = '' } = swapped.judgement;
  // The gate of a blue-green release compares with a time at which the later release was not there.
  if (verdict === 'promote') return { isKnown: release.strategy !== 'blue-green' };
  return OF_WORSE_ROUTES.includes(metric) ? { worse: swapped.judgement, isKnown: true } : { isKnown: false };
}

/** Whether pods belong to a release that started before the history, and about which nothing is known. */
function isUnjudged(pods: readonly Pod[], known: ReadonlySet<string>): boolean {
  return pods.some(({ hash, isOlder }) => isOlder && !known.has(hash));
}

/** Returns a remark on each hash that started before the history, unless something is known about it. */
function listUnknown(pods: readonly Pod[], known: ReadonlySet<string>): readonly NotReplayed[] {
  const hashes = new Set(pods.filter(({ isOlder }) => isOlder).map(({ hash }) => hash));
  return [...hashes]
    .filter((hash) => !known.has(hash))
    .map((hash) => ({
      what: `the release ${hash}`,
      why: 'it began before the history, so whether it was bad is not known. The proposal counts the hours in which it served',
    }));
}

/** Returns as many pods of both sides as may be in memory, at least one of each: of the canary half of them or more. */
function firstOf({ canary, stable }: Sides, most: number): Sides {
  const canaries = Math.max(1, Math.ceil(most / 2), most - stable.length);
  return {
    canary: canary.slice(0, canaries),
    stable: stable.slice(0, Math.max(1, most - Math.min(canaries, canary.length))),
  };
}

/** Returns the releases of a history, oldest first, and the hashes that started without other pods beside them. */
function releasesIn({ release, template, pods, span }: ReplaySource): {
  readonly releases: readonly Release[];
  readonly incomparable: readonly NotReplayed[];
} {
  // Flagger copies a promoted canary to the primary. The pods of the primary are not a release.
  const isPrimary = template.controller === 'flagger' ? primaryOf(release) : () => false;
  const hashes = [...new Set(pods.map(({ hash }) => hash))];
  const incomparable: NotReplayed[] = [];
  const releases = hashes.flatMap((hash): Release[] => {
    const own = pods.filter((pod) => pod.hash === hash && !isPrimary(pod));
    const [first] = own;
    if (first === undefined || first.from <= span.start) return [];
    if (pods.some((pod) => pod.hash === hash && pod.isOlder)) return [];
    const others = pods.filter((pod) => pod.hash !== hash && pod.from < first.from && pod.to >= first.from);
    const [before] = [...byHash(others)].sort(([, a], [, b]) => b.length - a.length);
    if (before === undefined) {
      const why = pods.some((pod) => pod.hash !== hash && pod.from < first.from) ? GONE_BEFORE : NONE_BEFORE;
      incomparable.push({ what: `the release ${hash}`, why });
      return [];
    }
    const canary = own.filter(({ from }) => from <= first.from + RELEASE_SECONDS);
    return [{ hash, before: before[0], canary, stable: before[1] }];
  });
  return { releases, incomparable };
}

const NONE_BEFORE = 'it is the first in the history of this name: there is nothing to compare it with';
const GONE_BEFORE = 'the pods before it were gone when it started: there is nothing to compare it with';

function byHash(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const group = groups.get(pod.hash) ?? [];
    group.push(pod);
    groups.set(pod.hash, group);
  }
  return groups;
}

function primaryOf(release: ReplaySource['release']): (pod: Pod) => boolean {
  const primary = `${targetOf(release)}-primary`;
  const isNamed = new RegExp(`^(?:${podNames(primary)})$`);
  return ({ name }) => isNamed.test(name);
}

function showWholeMinutes(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
