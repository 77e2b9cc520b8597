import type { AnalysisResult, MetricResult } from '../analyze/result.js';
import type { Measurement, Phase, Threshold } from '../controllers/verdict.js';
import type { Explanation, Outcome, Reason } from './explanation.js';
import { meaningOf } from './meaning.js';
import { lookingAt } from './reasons.js';
import {
  type Fields,
  fieldsIn,
  isTrueIn,
  listIn,
  nameOf,
  numberIn,
  type RecordedObject,
  secondsIn,
  textIn,
} from './record.js';

/** What Flagger has said of a Canary in one Event, which may stand for several alike. */
interface Said {
  readonly text: string;
  readonly first: number;
  readonly last: number;
  readonly times: number;
}

/** A check that failed, as an Event tells. */
interface Halt {
  readonly metric: string;
  readonly phase: Phase;
  readonly value?: number;
  readonly message: string;
  readonly said: Said;
}

/** Explains what became of the latest release by a Canary of Flagger, from the status and the Events that are there. */
export async function explainCanary(
  canary: RecordedObject,
  all: readonly RecordedObject[],
  enrich: (result: AnalysisResult, canary: RecordedObject) => Promise<AnalysisResult>,
): Promise<Explanation> {
  const events = saidOf(canary, all);
  // A release that waits for its approval has not begun: what was said belongs to the one before.
  const begins =
    textIn(canary.status, 'phase') === 'Waiting'
      ? /^(?:New revision detected!|Canary failed!|Promotion completed!)/
      : /^New revision detected!/;
  const begin = events.findLast(({ text }) => begins.test(text))?.last ?? Number.NEGATIVE_INFINITY;
  const said = events.filter(({ last }) => last >= begin);
  const halts = said.flatMap((each) => haltIn(each) ?? []);
  const outcome = outcomeOf(canary);
  const result = await enrich(resultOf(canary, halts, outcome, said), canary);
  const reasons = outcome === 'promoted' ? [] : reasonsOf(result, halts, begin);
  const lastHalt = halts.at(-1)?.said.last ?? Number.NEGATIVE_INFINITY;
  const others =
    outcome === 'promoted'
      ? []
      : said.flatMap(({ text, last }) => {
          const told = otherReasonIn(text);
          // A gate, and pods that are not ready, are of the past as soon as anything else was said.
          const isPast = told?.passes === true && last < (said.findLast((each) => !ENDS.test(each.text))?.last ?? last);
          return told === undefined || isPast ? [] : [{ says: told.says, last }];
        });
  // Flagger gives up at the last failed check: what failed last is what decided.
  const other = others.at(-1);
  const says =
    other !== undefined && other.last >= lastHalt
      ? other.says
      : (reasons[0]?.says ??
        other?.says ??
        (outcome === 'paused' && isTrueIn(canary.spec, 'suspend')
          ? 'somebody suspended the Canary (spec.suspend)'
          : undefined));
  const name = textIn(canary.metadata, 'name') ?? '';
  return {
    subject: nameOf(canary),
    controller: 'flagger',
    outcome,
    summary: `${name} ${SAID[outcome]}${weightOf(canary, outcome)}${says === undefined ? '' : `: ${says}`}`,
    reasons,
    next: [...lookingAt(reasons, result.metrics), ...commandsFor(outcome, canary)],
    notes: [
      ...new Set(others.map((each) => each.says).filter((each) => each !== says)),
      ...(events.length === 0
        ? [
            `no Event of this Canary is among what was given, and the cluster keeps Events for an hour: kubectl get events --field-selector involvedObject.kind=Canary,involvedObject.name=${name} -o yaml`,
          ]
        : []),
      ...(halts.some(({ said: { first } }) => first < begin)
        ? ['an Event that repeats is one on record: how often it came in this release alone is not known']
        : []),
    ],
    runs: [result],
  };
}

const SAID: Readonly<Record<Outcome, string>> = {
  promoted: 'was promoted',
  passed: 'passed the analysis',
  'rolled back': 'was rolled back',
  paused: 'waits',
  'in progress': 'is in progress',
  'not known': 'is in a state that is not known here',
};

// https://docs.flagger.app/usage/how-it-works#canary-status
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  Initialized: 'promoted',
  Succeeded: 'promoted',
  Failed: 'rolled back',
  Waiting: 'paused',
  WaitingPromotion: 'paused',
  Initializing: 'in progress',
  Progressing: 'in progress',
  Promoting: 'in progress',
  Finalising: 'in progress',
};

function outcomeOf({ spec, status }: RecordedObject): Outcome {
  const outcome = OUTCOMES[textIn(status, 'phase') ?? ''] ?? 'not known';
  return outcome === 'in progress' && isTrueIn(spec, 'suspend') ? 'paused' : outcome;
}

/** Returns what was said of a Canary, in the order of time. */
function saidOf({ metadata }: RecordedObject, all: readonly RecordedObject[]): readonly Said[] {
  return all
    .filter(({ kind, fields }) => {
      if (kind !== 'Event') return false;
      // core/v1 says involvedObject, events.k8s.io/v1 says regarding.
      const { involvedObject, regarding } = fields;
      const of = fieldsIn({ of: involvedObject ?? regarding }, 'of');
      return (
        textIn(of, 'kind') === 'Canary' &&
        textIn(of, 'name') === textIn(metadata, 'name') &&
        textIn(of, 'namespace') === textIn(metadata, 'namespace')
      );
    })
    .map(({ fields, metadata: own }): Said => {
      const series = fieldsIn(fields, 'series');
      const made = secondsIn(fields, 'eventTime') ?? secondsIn(own, 'creationTimestamp') ?? 0;
      const first = secondsIn(fields, 'firstTimestamp') ?? secondsIn(fields, 'deprecatedFirstTimestamp') ?? made;
      return {
        text: (textIn(fields, 'message') ?? textIn(fields, 'note') ?? '').replace(
          /^\(combined from similar events\): /,
          '',
        ),
        first,
        last:
          secondsIn(fields, 'lastTimestamp') ??
          secondsIn(fields, 'deprecatedLastTimestamp') ??
          secondsIn(series, 'lastObservedTime') ??
          first,
        times: numberIn(fields, 'count') ?? numberIn(fields, 'deprecatedCount') ?? numberIn(series, 'count') ?? 1,
      };
    })
    .sort((a, b) => a.last - b.last);
}

/** Returns the failed check that an Event tells of; `undefined` of anything else. */
function haltIn(said: Said): Halt | undefined {
  const compared =
    /^Halt \S+ advancement (?!(?:external|pre-rollout) check |waiting for )(.+) (\S+?)%? ([<>]) (\S+)$/.exec(said.text);
  if (compared !== null) {
    const [, what = '', value = '', sign, bound] = compared;
    const metric = BUILT_IN[what] ?? what;
    const unit = metric === 'request-duration' ? '' : Number(value);
    return {
      metric,
      phase: 'Failed',
      ...(unit === '' || Number.isNaN(unit) ? {} : { value: unit }),
      message: `${value} ${sign} ${bound}`,
      said,
    };
  }
  const silent =
    /^Halt advancement no values found for (?:custom )?metric: ([^:\s]+)/.exec(said.text) ??
    /^Halt advancement no values found for \S+ metric (\S+) probably/.exec(said.text);
  if (silent !== null) {
    return { metric: silent[1] ?? '', phase: 'Inconclusive', message: 'no values found', said };
  }
  const failed =
    /^Metric query failed for ([^:]+): (.*)$/s.exec(said.text) ??
    /^Prometheus query failed for ([^:]+): (.*)$/s.exec(said.text);
  if (failed === null) return undefined;
  const [, metric = '', message = ''] = failed;
  return { metric, phase: 'Error', message, said };
}

const BUILT_IN: Readonly<Record<string, string>> = {
  'success rate': 'request-success-rate',
  'request duration': 'request-duration',
};

/** Returns what was wrong where that is no matter of a metric. */
function otherReasonIn(text: string): { readonly says: string; readonly passes?: boolean } | undefined {
  const rules: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
    [
      /^Rolling back \S+ progress deadline exceeded (.*)$/s,
      ([, why]) => `its pods did not become ready in time: ${why}`,
    ],
    [/^Rolling back \S+ manual webhook invoked$/, () => 'a webhook of type rollback asked for the rollback'],
    [
      /^Halt \S+ advancement (?:external|pre-rollout) check (\S+) failed (.*)$/s,
      ([, name, why]) => `the webhook ${name} failed: ${why}`,
    ],
    [
      /^Halt \S+ advancement waiting for (?:promotion |traffic increase )?approval (\S+)$/,
      ([, name]) => `the webhook ${name} has not approved`,
    ],
    [/^Prometheus query failed: (.*)$/s, ([, why]) => `a metric could not be measured: ${why}`],
    [/^(?:canary \S+ )?\S+ not ready(?: with retryable \w+)?: (.*)$/s, ([, why]) => `its pods are not ready: ${why}`],
    [/^Promotion of \S+ failed, primary not ready: (.*)$/s, ([, why]) => `the primary is not ready: ${why}`],
    [/^Metric template (\S+) (.*)$/s, ([, name, why]) => `the MetricTemplate ${name} cannot be used: ${why}`],
  ];
  for (const [pattern, says] of rules) {
    const found = pattern.exec(text);
    if (found !== null) return { says: says(found), passes: PASSES.test(text) };
  }
  return undefined;
}

const PASSES = /not ready: |advancement waiting for /;
// What comes with the end of a release and decides nothing.
const ENDS = /^(?:Rolling back \S+ failed checks|Canary failed!|Post-rollout |skipping canary run)/;

/** Returns the reasons by metric, the one that failed last before the others. */
function reasonsOf(result: AnalysisResult, halts: readonly Halt[], begin: number): readonly Reason[] {
  const names = [...new Set([...halts].reverse().map(({ metric }) => metric))];
  return names.map((metric): Reason => {
    const own = halts.filter((halt) => halt.metric === metric);
    const [last] = own.slice(-1) as [Halt];
    const times = own.reduce((sum, { said }) => sum + (said.first < begin ? 1 : said.times), 0);
    const words = result.metrics.find(({ name }) => name === metric)?.words;
    const [first] = own as [Halt];
    return {
      metrics: [metric],
      phase: last.phase,
      says: words ?? saysOf(last),
      evidence: `${times === 1 ? 'one check' : `${times} checks`} failed: ${[...new Set(own.map(({ message }) => message))].slice(-MOST).join('; ')}`,
      since: first.said.first < begin ? first.said.last : first.said.first,
    };
  });
}

const MOST = 5;

function saysOf({ metric, phase, value, message }: Halt): string {
  if (phase === 'Error') return `the metric could not be measured: ${message}`;
  if (phase === 'Inconclusive') return meaningOf(metric, undefined) ?? `the query of ${metric} returned nothing`;
  return (value === undefined ? undefined : meaningOf(metric, value)) ?? `${metric} was ${message}`;
}

/** Returns what the Events tell of an analysis, in the form of one that was run. */
function resultOf(
  canary: RecordedObject,
  halts: readonly Halt[],
  outcome: Outcome,
  said: readonly Said[],
): AnalysisResult {
  const { metadata, spec, status } = canary;
  const analysis = fieldsIn(spec, 'analysis');
  const verdict = outcome === 'promoted' ? 'promote' : outcome === 'rolled back' ? 'rollback' : 'pause';
  const last = halts.at(-1);
  const isDecided = outcome === 'rolled back' && last !== undefined;
  const finishedAt = said.at(-1)?.last ?? secondsIn(status, 'lastTransitionTime') ?? 0;
  return {
    controller: 'flagger',
    name: textIn(metadata, 'name') ?? '(unnamed)',
    verdict,
    phase: ({ promote: 'Successful', rollback: 'Failed', pause: 'Running' } as const)[verdict],
    message:
      textIn(listIn(status, 'conditions')[0] ?? {}, 'message') ?? `the Canary is ${textIn(status, 'phase') ?? 'new'}`,
    ...(isDecided ? { decidedBy: last.metric } : {}),
    startedAt: said[0]?.last ?? finishedAt,
    finishedAt,
    // Without Events nothing is known of any.
    metrics: said.length === 0 ? [] : listIn(analysis, 'metrics').map((metric) => metricOf(metric, halts)),
  };
}

function metricOf(metric: Fields, halts: readonly Halt[]): MetricResult {
  const name = textIn(metric, 'name') ?? '(unnamed)';
  const own = halts.filter((halt) => halt.metric === name);
  const last = own.at(-1);
  return {
    name,
    phase: last?.phase ?? 'Successful',
    ...(last === undefined ? {} : { message: last.message }),
    dryRun: false,
    query: textIn(metric, 'query') ?? '',
    thresholds: thresholdsOf(metric),
    limits: [],
    measurements: own.map(
      ({ phase, value, message, said }): Measurement => ({
        at: said.last,
        phase,
        values: value === undefined ? [] : [value],
        message,
      }),
    ),
  };
}

function thresholdsOf(metric: Fields): readonly Threshold[] {
  const range = fieldsIn(metric, 'thresholdRange');
  const [min, max] = [numberIn(range, 'min'), numberIn(range, 'max')];
  return [
    ...(min === undefined ? [] : [{ good: 'above' as const, bound: min }]),
    ...(max === undefined ? [] : [{ good: 'below' as const, bound: max }]),
  ];
}

function weightOf({ status }: RecordedObject, outcome: Outcome): string {
  const weight = numberIn(status, 'canaryWeight') ?? 0;
  return weight > 0 && outcome !== 'promoted' ? ` at ${weight} % of the traffic` : '';
}

function commandsFor(outcome: Outcome, { metadata, spec }: RecordedObject): readonly string[] {
  const namespace = textIn(metadata, 'namespace');
  const of = (text: string | undefined): string => (namespace === undefined ? `${text}` : `${text} -n ${namespace}`);
  const target = fieldsIn(spec, 'targetRef');
  const workload = `${(textIn(target, 'kind') ?? 'Deployment').toLowerCase()} ${of(textIn(target, 'name'))}`;
  if (outcome === 'rolled back') {
    return [
      `Release the mended image. To try the same again: kubectl rollout restart ${workload}`,
      `The ${textIn(target, 'kind') ?? 'Deployment'} still names the image that failed: kubectl rollout undo ${workload}, or put the old image back in your repository.`,
    ];
  }
  if (outcome === 'promoted') return [];
  return [`To watch: kubectl get canary ${of(textIn(metadata, 'name'))} -w`];
}
