import {
  booleanOption,
  choiceOption,
  InvalidOption,
  integerOption,
  objectOption,
  secondsOption,
} from '@coalmine/options';

/** How a canary is measured. */
export interface AnalysisOptions {
  /** Seconds between two scrapes. @defaultValue `15` */
  readonly scrapeSeconds?: number;
  /** Seconds that a measurement looks back; at least four scrapes. @defaultValue `120` */
  readonly windowSeconds?: number;
  /** Seconds that the canary is looked at as a whole. @defaultValue `1800` */
  readonly lookbackSeconds?: number;
  /** Seconds between two measurements; at least one scrape. @defaultValue `30` */
  readonly intervalSeconds?: number;
  /** Measurements before a step is decided. @defaultValue `9` */
  readonly count?: number;
  /** Seconds that a pod takes to become ready. @defaultValue `60` */
  readonly startSeconds?: number;
  /** Requests below which nothing is judged. @defaultValue `20` */
  readonly minRequests?: number;
  /** How sure a measurement must be before it condemns: a probability. @defaultValue `0.9999` */
  readonly confidence?: number;
  /** Whether a failure that stable shares is not the canary's. @defaultValue `true` */
  readonly compareWithStable?: boolean;
  /** How many times longer than on stable a route may take, though within its objective. @defaultValue none: not asked */
  readonly slowerThanStable?: number;
  /** What Flagger is to do with a canary that nobody uses: it knows no pause. @defaultValue `'halt'` */
  readonly onSilence?: 'halt' | 'promote';
}

/** Parsed {@link AnalysisOptions}. */
export interface Analysis {
  readonly scrapeSeconds: number;
  readonly windowSeconds: number;
  readonly lookbackSeconds: number;
  readonly intervalSeconds: number;
  readonly count: number;
  readonly startSeconds: number;
  readonly minRequests: number;
  readonly confidence: number;
  readonly compareWithStable: boolean;
  readonly slowerThanStable: number | undefined;
  readonly onSilence: 'halt' | 'promote';
}

const KEYS = [
  'scrapeSeconds',
  'windowSeconds',
  'lookbackSeconds',
  'intervalSeconds',
  'count',
  'startSeconds',
  'minRequests',
  'confidence',
  'compareWithStable',
  'slowerThanStable',
  'onSilence',
] as const;

/** Parses how a canary is measured. Throws `InvalidOption`, which names the option. */
export function parseAnalysis(options: AnalysisOptions | undefined): Analysis {
  const given = objectOption('analysis', options, KEYS);
  const scrapeSeconds = secondsOption('analysis.scrapeSeconds', given.scrapeSeconds, 15);
  const windowSeconds = secondsOption('analysis.windowSeconds', given.windowSeconds, Math.max(120, 4 * scrapeSeconds));
  if (windowSeconds < 4 * scrapeSeconds) {
    // With one lost scrape there are still two samples, which rate() needs.
    throw new InvalidOption('analysis.windowSeconds', `at least four scrapes: ${4 * scrapeSeconds}`, windowSeconds);
  }
  const lookbackSeconds = secondsOption(
    'analysis.lookbackSeconds',
    given.lookbackSeconds,
    Math.max(1800, 2 * windowSeconds),
  );
  if (lookbackSeconds < 2 * windowSeconds) {
    throw new InvalidOption('analysis.lookbackSeconds', `at least two windows: ${2 * windowSeconds}`, lookbackSeconds);
  }
  const intervalSeconds = secondsOption('analysis.intervalSeconds', given.intervalSeconds, Math.max(30, scrapeSeconds));
  if (intervalSeconds < scrapeSeconds) {
    // Two measurements of the same samples would be one.
    throw new InvalidOption('analysis.intervalSeconds', `at least one scrape: ${scrapeSeconds}`, intervalSeconds);
  }
  const confidence = given.confidence ?? 0.9999;
  if (typeof confidence !== 'number' || !(confidence >= 0.8 && confidence <= 0.999999)) {
    throw new InvalidOption('analysis.confidence', 'a probability from 0.8 to 0.999999', confidence);
  }
  return {
    scrapeSeconds,
    windowSeconds,
    lookbackSeconds,
    intervalSeconds,
    count: integerOption('analysis.count', given.count, 9, 1),
    startSeconds: secondsOption('analysis.startSeconds', given.startSeconds, 60),
    minRequests: integerOption('analysis.minRequests', given.minRequests, 20, 1),
    confidence,
    compareWithStable: booleanOption('analysis.compareWithStable', given.compareWithStable, true),
    slowerThanStable: factorOption('analysis.slowerThanStable', given.slowerThanStable),
    onSilence: choiceOption('analysis.onSilence', given.onSilence, ['halt', 'promote'], 'halt'),
  };
}

function factorOption(option: string, value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value > 1 && Number.isFinite(value))) {
    throw new InvalidOption(option, 'a number above 1, such as 1.5', value);
  }
  return value;
}
