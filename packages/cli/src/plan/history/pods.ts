import { hashIn } from '../../manifests/pod-name.js';
import { podsOf } from '../../manifests/rules.js';
import { OBJECTIVE } from '../../queries/agreement.js';
import { seconds } from '../../queries/series.js';
import type { Release } from '../../release/release.js';
import type { Counted, Reader, Span } from './reader.js';

/** A pod of the history. Its times are in epoch seconds, as exact as the inventory. */
export interface Pod {
  readonly name: string;
  /**
   * Tells one build from another: the template hash from its label, otherwise from the pod's name; `unknown` without
   * either.
   */
  readonly hash: string;
  readonly from: number;
  readonly to: number;
  /** Whether it existed when the history started, so that its start is not known. */
  readonly isOlder: boolean;
}

/** The pods of a history, and how exact their times are. */
export interface Inventory {
  /** In the order of their starts. */
  readonly pods: readonly Pod[];
  readonly stepSeconds: number;
}

const MOST_POINTS = 4000;
const COARSEST_SECONDS = 300;
const PROBES = 12;

/** Reads the pods of a release, and their times. */
export async function readPods(release: Release, span: Span, reader: Reader): Promise<Inventory> {
  const { labels, analysis } = release;
  const { start, end } = span;
  const stepSeconds = Math.min(
    COARSEST_SECONDS,
    Math.max(analysis.scrapeSeconds, Math.ceil((end - start) / MOST_POINTS)),
  );
  const witness = await witnessOf(release, span, reader);
  if (witness === undefined) return { pods: [], stepSeconds };
  const window = Math.max(stepSeconds, 2 * analysis.scrapeSeconds);
  const found = await reader.evaluated(
    `group by (${labels.pod}, ${labels.hash}) (last_over_time(${witness.metric}{${podsOf(release)}}[${seconds(window)}]))`,
    { start, end, step: stepSeconds },
    witness.series * (window / analysis.scrapeSeconds + 1),
  );
  const pods = (found ?? []).flatMap(({ labels: { [labels.pod]: name = '', [labels.hash]: hash }, samples }): Pod[] => {
    const [first, last] = [samples[0], samples.at(-1)];
    if (name === '' || first === undefined || last === undefined) return [];
    const isOlder = first.at <= start;
    return [{ name, hash: hash ?? hashIn(name) ?? 'unknown', from: first.at, to: last.at, isOlder }];
  });
  return {
    pods: mergeEqual(pods).sort((a, b) => a.from - b.from || (a.name < b.name ? -1 : 1)),
    stepSeconds,
  };

  /**
   * Returns the series that shows the pods: the one with the longest history, and of equals the one with the fewest
   * series.
   */
  async function witnessOf(
    { names }: Release,
    { start, end }: Span,
    reader: Reader,
  ): Promise<{ readonly metric: string; readonly series: number } | undefined> {
    const step = (end - start) / PROBES;
    let best: ({ readonly metric: string } & Counted) | undefined;
    for (const metric of [OBJECTIVE, 'process_start_time_seconds', names.requests, `${names.duration}_count`]) {
      const counted = await reader.counted(`${metric}{${podsOf(release)}}`, { start, end, step });
      if (counted === undefined) continue;
      if (best === undefined || counted.since < best.since - step / 2) best = { metric, ...counted };
    }
    return best;
  }
}

/** Merges the entries of a pod that had the label with its hash for a part of its life only. */
function mergeEqual(pods: readonly Pod[]): Pod[] {
  const merged = new Map<string, Pod>();
  for (const pod of pods) {
    const key = `${pod.name} ${pod.hash}`;
    const other = merged.get(key) ?? pod;
    merged.set(key, {
      ...pod,
      from: Math.min(pod.from, other.from),
      to: Math.max(pod.to, other.to),
      isOlder: pod.isOlder || other.isOlder,
    });
  }
  return [...merged.values()];
}
