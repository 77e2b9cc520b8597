import { showCount, showShare } from '../../controllers/shown.js';
import { timingOf } from '../../manifests/timing.js';
import { number } from '../../queries/evidence.js';
import { SERVICE } from '../../queries/persistence.js';
import { parseRelease, type Release } from '../../release/release.js';
import type { ReleaseOptions } from '../../release/release-options.js';
import type { History } from '../history/traffic.js';
import { canaryShareOf } from '../replay/template.js';
import type { Change, Evidence, Proposal, Replays, Stage } from '../result.js';
import { proofsOf, requestsFor } from './evidence.js';

/** The facts for a proposal. */
interface Facts {
  readonly release: Release;
  /** The given options, without defaults. */
  readonly options: ReleaseOptions;
  readonly stages: readonly Stage[];
  readonly history: History;
  readonly evidence: Evidence;
  readonly replays: Replays;
}

interface Limits {
  readonly objective: NonNullable<ReleaseOptions['objective']> & Pick<Release['objective'], 'errorRatio' | 'overShare'>;
  readonly analysis: NonNullable<ReleaseOptions['analysis']> & Pick<Release['analysis'], 'minRequests' | 'count'>;
}

// Half of the windows have fewer requests than the mean.
const MARGIN = 1.5;
const LONGEST_STEP_SECONDS = 1800;
const LONGEST_WINDOW_SECONDS = 600;
const ROUND_WEIGHTS = [1, 2, 5, 10, 15, 20, 25, 30, 40, 50];
const MOST_WEIGHT = 50;
const LEAST_REQUESTS = 10;
const ROUND_SHARES = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** Returns the changes to the options of a release, each with its reason, and the advice that no option can replace. */
export function proposalOf(facts: Facts): Proposal {
  const changes = [...trafficChanges(facts), ...objectiveChanges(facts), ...alarmChanges(facts)];
  const options = changes.reduce<ReleaseOptions>(
    (all, { option, to }) => setOption(all, option.split('.'), to) as ReleaseOptions,
    facts.options,
  );
  return { options, changes, advice: adviceOf(facts, options) };
}

/** Returns the limits of a proposal, with defaults for absent options. */
export function limitsOf({ options }: Proposal): Limits {
  const { objective, analysis } = parseRelease({ name: 'defaults' });
  return {
    objective: { errorRatio: objective.errorRatio, overShare: objective.overShare, ...options.objective },
    analysis: { minRequests: analysis.minRequests, count: analysis.count, ...options.analysis },
  };
}

/** Returns weights and times that prove something at the traffic of half of all hours. */
function trafficChanges({ release, stages, evidence }: Facts): readonly Change[] {
  const { analysis, objective, weights, strategy } = release;
  const perSecond = rateAt(evidence, 'median');
  if (perSecond <= 0 || strategy === 'blue-green') return [];
  const changes: Change[] = [];
  const needed = MARGIN * analysis.minRequests;
  const [firstWeight = MOST_WEIGHT] = weights;
  const inWindow = (share: number, window = analysis.windowSeconds): number => perSecond * share * window;
  let shares = weights.map((weight) => canaryShareOf(release, weight));
  let window = analysis.windowSeconds;

  if (inWindow(shares[0] ?? 0) < needed) {
    const least = ROUND_WEIGHTS.find((weight) => inWindow(canaryShareOf(release, weight)) >= needed) ?? MOST_WEIGHT;
    if (least > firstWeight) {
      const better = [least, ...weights.filter((weight) => weight > least)];
      changes.push({
        option: 'weights',
        from: weights,
        to: better,
        why: `at ${firstWeight} %, a window of ${analysis.windowSeconds} s has ${showCount(inWindow(shares[0] ?? 0))} requests of the canary in half of all hours, but ${analysis.minRequests} are needed: such a step proves nothing`,
      });
      shares = better.map((weight) => canaryShareOf(release, weight));
    }
    const longer = Math.ceil(needed / (perSecond * (shares[0] ?? 1)) / 60) * 60;
    if (longer > window) {
      window = Math.min(longer, LONGEST_WINDOW_SECONDS);
      changes.push({
        option: 'analysis.windowSeconds',
        from: analysis.windowSeconds,
        to: window,
        why: `even so, a window of ${analysis.windowSeconds} s has only ${showCount(inWindow(shares[0] ?? 0))} requests`,
      });
      const most = Math.floor(inWindow(shares[0] ?? 0, window) / MARGIN);
      if (most < analysis.minRequests && most >= LEAST_REQUESTS) {
        changes.push({
          option: 'analysis.minRequests',
          from: analysis.minRequests,
          to: most,
          why: `a window of ${window} s has ${showCount(inWindow(shares[0] ?? 0, window))} requests; so few prove only a gross failure`,
        });
      }
    }
  }

  // Flagger holds each weight for one window, so only the window changes the length of a step.
  const proof = proofsOf(release)(SERVICE.eventsSinceStart, objective.errorRatio);
  const requests = requestsFor(2 * objective.errorRatio, proof);
  const [{ seconds: lasts } = { seconds: 0 }] = stages;
  const { settled } = timingOf({ ...release, analysis: { ...analysis, windowSeconds: window } });
  const sum = shares.reduce((all, share) => all + share, 0);
  if (requests !== undefined && lasts > settled && sum > 0) {
    const wanted = requests / (perSecond * sum);
    if (wanted > lasts) {
      const step = Math.min(wanted, LONGEST_STEP_SECONDS);
      const count = Math.ceil((step - settled) / analysis.intervalSeconds) + 1;
      if (count > analysis.count) {
        const proves =
          wanted <= LONGEST_STEP_SECONDS
            ? `the ${shares.length} steps together see the ${showCount(requests)} requests that prove ${showShare(2 * objective.errorRatio)} of errors`
            : `the ${showCount(requests)} requests that prove ${showShare(2 * objective.errorRatio)} of errors would take steps of ${showMinutes(wanted)}; half an hour is as long as a step should last`;
        changes.push({
          option: 'analysis.count',
          from: analysis.count,
          to: count,
          why: `steps of ${showMinutes(step)} instead of ${showMinutes(lasts)}: ${proves}`,
        });
      }
    }
  }
  return changes;
}

/**
 * Returns larger objectives if the service itself does not keep them: they would roll back releases that are not to
 * blame.
 */
function objectiveChanges({ release: { objective }, history }: Facts): readonly Change[] {
  const { usualErrorRatio, overShare } = history;
  const change = (option: string, allowed: number, today: number | undefined, what: string): readonly Change[] => {
    if (today === undefined || today <= allowed) return [];
    return [
      {
        option,
        from: allowed,
        to: roundUp(2 * today),
        why: `${showShare(today)} of the requests ${what} without a release: twice that share leaves room for a release`,
      },
    ];
  };
  return [
    ...change('objective.errorRatio', objective.errorRatio, usualErrorRatio, 'fail in half of all hours'),
    ...change('objective.overShare', objective.overShare, overShare, 'take longer than their objective today'),
  ];
}

/** Returns changes for the alarms of pods that ran the same build. */
function alarmChanges({ release, options, replays }: Facts): readonly Change[] {
  const changes: Change[] = [];
  const differences = replays.pods.flatMap(({ difference }) => difference ?? []);
  const known = options.accept ?? [];
  const more = [...new Set(differences)].filter((difference) => !known.includes(difference));
  if (more.length > 0) {
    changes.push({
      option: 'accept',
      from: known,
      to: [...known, ...more],
      why: `pods of one build differed in these responses ${times(differences.length)}: the clients differ, not the build`,
    });
  }
  const slower = replays.byMetric.filter(({ metric }) => metric === 'routes-slower');
  if (release.analysis.slowerThanStable !== undefined && slower.length > 0) {
    changes.push({
      option: 'analysis.slowerThanStable',
      from: release.analysis.slowerThanStable,
      to: undefined,
      why: `pods of one build were that much slower than their siblings ${times(slower.reduce((sum, { count }) => sum + count, 0))}`,
    });
  }
  return changes;
}

function adviceOf({ release, stages, evidence, history, replays }: Facts, options: ReleaseOptions): readonly string[] {
  const { analysis, objective } = release;
  const advice: string[] = [];
  const [first] = options.weights ?? release.weights;
  const share = release.strategy === 'blue-green' ? 1 : canaryShareOf(release, first ?? MOST_WEIGHT);
  const window = options.analysis?.windowSeconds ?? analysis.windowSeconds;
  const least = options.analysis?.minRequests ?? analysis.minRequests;
  const quiet = evidence.byHour.filter(({ perSecond }) => perSecond * share * window < MARGIN * least);
  if (evidence.byHour.length > 0 && quiet.length === evidence.byHour.length) {
    advice.push(
      `at no hour of the day does a canary have ${least} requests in ${window} s: send your own requests during a release, or decide by hand`,
    );
  } else if (quiet.length > 0) {
    advice.push(
      `release outside ${hoursOf(quiet.map(({ hour }) => hour))} (UTC): in these hours a canary at ${first} % has fewer than ${least} requests in ${window} s, and a release pauses`,
    );
  }
  const kept = options.weights ?? release.weights;
  const nothing = stages.filter(
    ({ weight }, i) =>
      kept.includes(weight) && evidence.steps[i]?.at.every(({ errors }) => errors === undefined) === true,
  );
  if (nothing.length > 0 && nothing.length < stages.length) {
    advice.push(
      `leave out the ${nothing.map(({ weight }) => `${weight} %`).join(', ')}: such a step proves nothing at any hour`,
    );
  }
  const { length: rare } = evidence.rareRoutes;
  if (rare > 0) {
    const named = evidence.rareRoutes.slice(0, 5).map(({ route }) => route);
    advice.push(
      `no step can judge ${rare === 1 ? 'one route' : `${rare} routes`} with too few requests: ${named.join(', ')}${rare > 5 ? ' and more' : ''}; test them in the pipeline, or send requests to them during a release`,
    );
  }
  for (const [today, allowed, what] of [
    [history.usualErrorRatio, objective.errorRatio, 'failed requests'],
    [history.overShare, objective.overShare, 'slow requests'],
  ] as const) {
    if (today !== undefined && today > allowed / 2 && today <= allowed) {
      advice.push(
        `the service uses ${showShare(today / allowed)} of the allowed share of ${what}: above half of it, good releases are rolled back now and then`,
      );
    }
  }
  for (const { metric, verdict, count } of replays.byMetric) {
    const action = ADVICE[metric];
    if (action !== undefined) {
      advice.push(
        `${metric} would have ${verdict === 'pause' ? 'paused' : 'rolled back'} ${count} of ${replays.judged} pods: ${action}`,
      );
    }
  }
  return advice;
}

// What to look at if no option prevents the alarm.
const ADVICE: Readonly<Record<string, string>> = {
  saturation: 'the event loop of new pods is busy all the time; give them more CPU, or a longer start',
  restarts: 'pods were restarted more than once; find the reason before a canary is restarted',
  'slow-ratio': 'new pods are slow; a longer warmup.minSeconds leaves their start out',
  'slow-ratio-since-start': 'new pods are slow; a longer warmup.minSeconds leaves their start out',
  'routes-slow': 'one pod is slower than its siblings; look at its node',
  'routes-failing': 'one pod fails and its siblings do not; look at its node and its connections',
  'shared-errors': 'the whole service failed at that time, so the replay says nothing',
  'shared-slowness': 'the whole service was slow at that time, so the replay says nothing',
};

function setOption(options: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const group = typeof options === 'object' && options !== null ? (options as Readonly<Record<string, unknown>>) : {};
  const { [key]: before, ...others } = group;
  const after = setOption(before, rest, value);
  return after === undefined ? others : { ...group, [key]: after };
}

function rateAt({ traffic }: Evidence, time: string): number {
  return traffic.find((each) => each.time === time)?.perSecond ?? 0;
}

/** Returns the next larger share that people would write. */
function roundUp(share: number): number {
  const power = 10 ** Math.floor(Math.log10(share));
  const factor = ROUND_SHARES.find((each) => each * power >= share * (1 - 1e-9)) ?? 10;
  return Math.min(0.5, Number((factor * power).toPrecision(2)));
}

/** Returns hours of the day as spans: `22:00 to 06:00`. */
function hoursOf(hours: readonly number[]): string {
  const set = new Set(hours);
  const starts = hours.filter((hour) => !set.has((hour + 23) % 24));
  const clock = (hour: number): string => `${String(hour % 24).padStart(2, '0')}:00`;
  const spans = starts.map((start) => {
    let end = start + 1;
    while (set.has(end % 24)) end += 1;
    return `${clock(start)} to ${clock(end)}`;
  });
  return spans.join(', ');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function showMinutes(seconds: number): string {
  return `${number(Math.round(seconds / 6) / 10)} min`;
}
