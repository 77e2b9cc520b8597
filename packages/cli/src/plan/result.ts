import type { Controller } from '../controllers/controller.js';
import type { Verdict } from '../controllers/verdict.js';
import type { ReleaseOptions } from '../release/release-options.js';

/** What the history of a service says about the release that its options describe. Times are in epoch seconds. */
export interface Plan {
  readonly release: PlannedRelease;
  readonly from: number;
  readonly to: number;
  readonly load: Load;
  readonly replays: Replays;
  readonly past: readonly PastRelease[];
  readonly evidence: Evidence;
  readonly objectives: Objectives;
  readonly proposal: Proposal;
}

/** The release as the controller would run it. */
interface PlannedRelease {
  readonly name: string;
  readonly namespace: string;
  readonly controller: Controller;
  readonly stages: readonly Stage[];
  /** Seconds from the start of the first analysis to the promotion. */
  readonly seconds: number;
}

/** One weight of a release. */
export interface Stage {
  /** The weight in the options, in percent. */
  readonly weight: number;
  /** The canary's share of the traffic: without a router a share of the pods. */
  readonly share: number;
  readonly seconds: number;
}

/** The load on Prometheus. */
export interface Load {
  readonly queries: number;
  /** Samples that these queries made Prometheus read, estimated. */
  readonly samples: number;
  readonly mostSamples: number;
  readonly mostSamplesPerQuery: number;
}

/** The verdicts on pods that are not a release: each is compared with its siblings as if it were a canary. */
export interface Replays {
  readonly judged: number;
  readonly rolledBack: number;
  readonly paused: number;
  /** Share of the judged pods that were rolled back or paused; `undefined` if no pod was judged. */
  readonly falseAlarmRate: number | undefined;
  /** The rate is at most this, with 95 % confidence. */
  readonly falseAlarmRateAtMost: number | undefined;
  /** The deciding metrics, the most frequent first. */
  readonly byMetric: readonly { readonly metric: string; readonly verdict: Verdict; readonly count: number }[];
  readonly byRoute: readonly { readonly route: string; readonly count: number }[];
  readonly pods: readonly ReplayedPod[];
  /** Set if the histogram of the app replaced counters that the history does not have. */
  readonly standIn: StandIn | undefined;
  /** What could not be replayed, and why. */
  readonly notReplayed: readonly NotReplayed[];
}

/** Slowness by the nearest bound of a histogram. Seconds. */
interface StandIn {
  readonly pods: number;
  readonly bound: number;
  readonly objective: number;
}

/** A controller's verdict on some pods. */
export interface Judgement {
  readonly startedAt: number;
  readonly verdict: Verdict;
  /** When the verdict came. */
  readonly decidedAt: number;
  /** The deciding metric, unless the verdict is promote. */
  readonly metric?: string;
  /** `GET /items/:id`: the worst route, if a metric of routes or of the service decided. */
  readonly route?: string;
  /**
   * The difference of the worst route, if it is a class of responses: `GET /old 3xx`, in the form that `accept` takes.
   */
  readonly difference?: string;
  /** Why, in terms of requests if these are known. */
  readonly why: string;
}

export interface ReplayedPod extends Judgement {
  readonly pod: string;
  readonly hash: string;
}

/** A release that was found in the history. */
export interface PastRelease extends Judgement {
  readonly hash: string;
  /** The hash that had the users before. */
  readonly before: string;
  readonly pods: number;
  /** Seconds for which both hashes served. */
  readonly overlapSeconds: number;
  /** Remarks on the verdict. */
  readonly notes: readonly string[];
}

/** Something that could not be replayed. */
export interface NotReplayed {
  readonly what: string;
  readonly why: string;
}

/** What a step can prove. */
export interface Evidence {
  /** Requests per second of the service at three times; empty if the history has no requests. */
  readonly traffic: readonly Traffic[];
  /** By hour of the day, in UTC. */
  readonly byHour: readonly { readonly hour: number; readonly perSecond: number }[];
  readonly steps: readonly StepEvidence[];
  /** Routes that no step can judge. */
  readonly rareRoutes: readonly RareRoute[];
  /** Share of the requests on routes that some step can judge. */
  readonly judgedShare: number;
}

export type TrafficTime = 'busy' | 'median' | 'night';

export interface Traffic {
  readonly time: TrafficTime;
  /** In words: `14:00 UTC`. */
  readonly when: string;
  readonly perSecond: number;
}

/** One step at the traffic of each time. */
export interface StepEvidence extends Stage {
  readonly at: readonly StepAt[];
}

/** What a step proves at some traffic. */
export interface StepAt {
  readonly time: TrafficTime;
  readonly requestsInWindow: number;
  /** Requests of the canary during the step. */
  readonly requests: number;
  /** Smallest share of failed requests that the step proves by its end; `undefined` if not even 1 is proven. */
  readonly errors: number | undefined;
  /** That share as an increase over today's failures. */
  readonly errorIncrease: number | undefined;
  readonly slowness: number | undefined;
  readonly slownessIncrease: number | undefined;
  /** Seconds that the step must last to prove twice the allowed share of failed, and of slow requests. */
  readonly secondsForErrors: number | undefined;
  readonly secondsForSlowness: number | undefined;
}

export interface RareRoute {
  readonly route: string;
  readonly perHour: number;
  /** Requests per hour at which the last step would judge it. */
  readonly neededPerHour: number;
}

/** How the service performs today. */
export interface Objectives {
  readonly requests: number;
  /** Share of all requests. */
  readonly errorRatio: number | undefined;
  /** Share of the hour with the most errors. */
  readonly worstErrorRatio: number | undefined;
  /** Share of the requests over the objective of their route, if the app counts them. */
  readonly overShare: number | undefined;
  /** Bounds of the histogram, in seconds. */
  readonly latencies: readonly number[];
  /** Share of the service's requests over each of the latencies. */
  readonly over: readonly number[];
  /** The busiest first. */
  readonly routes: readonly RouteToday[];
  /** The smallest bound that leaves half of the allowed share for the release. */
  readonly latency: number | undefined;
  /** Remarks on buckets or counters that are not exact. */
  readonly notes: readonly string[];
}

interface RouteToday {
  readonly route: string;
  readonly requests: number;
  readonly errorRatio: number | undefined;
  /** Share over each of the latencies. */
  readonly over: readonly number[];
}

/** What to change. */
export interface Proposal {
  /** The whole config file. */
  readonly options: ReleaseOptions;
  readonly changes: readonly Change[];
  /** Advice that no option can replace: where not to expect a verdict, what to leave out of the release. */
  readonly advice: readonly string[];
}

/** A change of one option. */
export interface Change {
  /** By its path: `analysis.count`. */
  readonly option: string;
  readonly from: unknown;
  readonly to: unknown;
  readonly why: string;
}
