import { parseNames } from '@coalmine/metrics';
import { parseRelease, type Release } from './release.js';
import type { ReleaseOptions } from './release-options.js';

/** The annotation in which an analysis describes its release, so that a report can query the requests behind it. */
export const DESCRIPTION = 'coalmine/release';

/**
 * Returns the options of a release that its queries depend on, as JSON: among them the strategy, if the analysis runs after
 * the switch of a blue-green release.
 */
export function describeRelease(
  { name, namespace, strategy, objective, analysis, accept, schema, names, labels }: Release,
  isSwitched = false,
): string {
  const { latency, errorRatio, overShare } = objective;
  const { scrapeSeconds, windowSeconds, lookbackSeconds, minRequests, confidence, slowerThanStable } = analysis;
  const isRenamed = JSON.stringify(names) !== JSON.stringify(parseNames(undefined));
  const options: ReleaseOptions = {
    name,
    namespace,
    ...(isSwitched ? { strategy } : {}),
    objective: { ...(latency === undefined ? {} : { latency }), errorRatio, overShare },
    analysis: {
      scrapeSeconds,
      windowSeconds,
      lookbackSeconds,
      minRequests,
      confidence,
      ...(slowerThanStable === undefined ? {} : { slowerThanStable }),
    },
    ...(accept.length === 0 ? {} : { accept: accept.map((each) => `${each.method} ${each.route} ${each.status}`) }),
    ...(schema ? { schema } : {}),
    ...(isRenamed ? { names } : {}),
    labels,
  };
  return JSON.stringify(options);
}

/**
 * Returns the release that an annotation describes; `undefined` if there is none, or none that this version can read.
 */
export function readDescribedRelease(annotations: Readonly<Record<string, string>> | undefined): Release | undefined {
  const options = readDescribedOptions(annotations);
  try {
    return options === undefined ? undefined : parseRelease(options);
  } catch {
    return undefined;
  }
}

/** Returns its options, unparsed. */
export function readDescribedOptions(
  annotations: Readonly<Record<string, string>> | undefined,
): ReleaseOptions | undefined {
  const text = annotations?.[DESCRIPTION];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ReleaseOptions;
  } catch {
    return undefined;
  }
}
