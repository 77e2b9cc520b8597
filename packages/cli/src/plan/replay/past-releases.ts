import { podNames } from '../../manifests/pod-name.js';
import { targetOf } from '../../release/workload.js';
import type { Pod } from '../history/pods.js';
import { readSamples } from '../history/samples.js';
import type { NotReplayed, PastRelease } from '../result.js';
import { replay } from './replay.js';
import { LIMIT_REACHED, NOTHING_TO_JUDGE_BY, type ReplaySource } from './siblings.js';

/** The first pods of a hash, and the pods that had the users before them. */
interface Release {
  readonly hash: string;
  readonly before: string;
  readonly canary: readonly Pod[];
  readonly stable: readonly Pod[];
}

/** The verdicts on the releases of a history. */
export interface PastReleases {
  readonly releases: readonly PastRelease[];
  readonly notReplayed: readonly NotReplayed[];
}

// Pods of a release that begin later were added by an autoscaler, or replace lost pods.
const RELEASE_SECONDS = 1800;

/** Judges each release of the history: each new hash, against the hash that had the users before. */
export async function judgePastReleases(source: ReplaySource): Promise<PastReleases> {
  const { release, template, reader, bound, stepSeconds, onProgress } = source;
  const releases: PastRelease[] = [];
  const notReplayed: NotReplayed[] = [];
  const found = releasesIn(source);
  for (const [i, { hash, before, canary, stable }] of found.entries()) {
    onProgress(`release ${i + 1} of ${found.length}, ${hash}`);
    const what = `the release ${hash}`;
    const startedAt = Math.min(...canary.map(({ from }) => from));
    const span = {
      start: startedAt - stepSeconds - template.lookbackSeconds,
      end: startedAt + template.seconds + 2 * stepSeconds,
    };
    const samples = await readSamples(release, template.series, [...canary, ...stable], span, { reader, bound });
    if (samples === undefined || samples === 'none') {
      notReplayed.push({ what, why: samples === 'none' ? NOTHING_TO_JUDGE_BY : LIMIT_REACHED });
      continue;
    }
    const replayed = await replay({ release, template, samples, canary, stable });
    if ('why' in replayed) {
      notReplayed.push({ what, why: replayed.why });
      continue;
    }
    const overlapSeconds = Math.max(0, Math.max(...stable.map(({ to }) => to)) - startedAt);
    const decidedAfter = replayed.judgement.decidedAt - replayed.judgement.startedAt;
    const lived = Math.max(...canary.map(({ to }) => to)) - startedAt;
    releases.push({
      hash,
      before,
      pods: canary.length,
      overlapSeconds,
      ...replayed.judgement,
      notes: [
        ...(overlapSeconds < decidedAfter
          ? [`${before} was gone after ${minutes(overlapSeconds)}: from then on, the objectives alone decide`]
          : []),
        ...(lived < decidedAfter && span.end < source.span.end
          ? [`${hash} was gone after ${minutes(lived)}, before the release would have ended`]
          : []),
        ...(replayed.without.length === 0
          ? []
          : [`without ${replayed.without.join(', ')}, which the history does not have`]),
      ],
    });
  }
  return { releases, notReplayed };
}

/** Returns the releases of a history, oldest first. */
function releasesIn({ release, template, pods, span }: ReplaySource): readonly Release[] {
  // Flagger copies a promoted canary to the primary. The pods of the primary are not a release.
  const isPrimary = template.controller === 'flagger' ? primaryOf(release) : () => false;
  const hashes = [...new Set(pods.map(({ hash }) => hash))];
  return hashes.flatMap((hash): Release[] => {
    const own = pods.filter((pod) => pod.hash === hash && !isPrimary(pod));
    const [first] = own;
    if (first === undefined || pods.some((pod) => pod.hash === hash && pod.isOlder)) return [];
    const others = pods.filter((pod) => pod.hash !== hash && pod.from < first.from && pod.to >= first.from);
    const [before] = [...byHash(others)].sort(([, a], [, b]) => b.length - a.length);
    if (before === undefined || first.from <= span.start) return [];
    const canary = own.filter(({ from }) => from <= first.from + RELEASE_SECONDS);
    return [{ hash, before: before[0], canary, stable: before[1] }];
  });
}

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

function minutes(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
