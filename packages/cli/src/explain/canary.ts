import type { AnalysisResult, MetricResult } from '../analyze/result.js';
import { PHASES, thresholdsOf } from '../controllers/flagger/run-analysis.js';
import type { Measurement } from '../controllers/verdict.js';
import { ENDS, eventsOf, type Halt, haltIn, otherReasonIn, type Said } from './canary-events.js';
import type { Explanation, Outcome, Reason } from './explanation.js';
import { meaningOf } from './meaning.js';
import { lookingAt } from './reasons.js';
import {
  type Fields,
  fieldsIn,
  inNamespaceOf,
  isTrueIn,
  listIn,
  nameOf,
  numberIn,
  type RecordedObject,
  secondsIn,
  textIn,
} from './record.js';

/** Explains the latest release by a Canary of Flagger, from its status and Events. */
export async function explainCanary(
  canary: RecordedObject,
  all: readonly RecordedObject[],
  enrich: (result: AnalysisResult, canary: RecordedObject) => Promise<AnalysisResult>,
): Promise<Explanation> {
  const events = eventsOf(canary, all);
  // A release that waits for its approval has not started: earlier Events belong to the release before.
  const begins =
    textIn(canary.status, 'phase') === 'Waiting'
      ? /^(?:New revision detected!|Canary failed!|Promotion completed!)/
      : /^New revision detected!/;
  const begin = events.findLast(({ text }) => begins.test(text))?.last ?? Number.NEGATIVE_INFINITY;
  const said = events.filter(({ last }) => last >= begin);
  const halts = said.flatMap((each) => haltIn(each) ?? []);
  const outcome = outcomeOf(canary);
  const result = await enrich(resultOf(canary, halts, outcome, said), canary);
  const isGenerated = (metric: string): boolean => isOurs(metric, canary);
  const reasons = outcome === 'promoted' ? [] : reasonsOf(result, halts, begin, isGenerated);
  const lastHalt = halts.at(-1)?.said.last ?? Number.NEGATIVE_INFINITY;
  const others =
    outcome === 'promoted'
      ? []
      : said.flatMap((each) => {
          const { last } = each;
          const otherReason = otherReasonIn(each);
          // A gate, or pods that are not ready, belong to the past as soon as there is a later Event.
          const isPast =
            otherReason?.passes === true && last < (said.findLast(({ text }) => !ENDS.test(text))?.last ?? last);
          return otherReason === undefined || isPast ? [] : [{ says: otherReason.says, last }];
        });
  // Flagger gives up at the last failed check, so the last failure decided.
  const other = others.at(-1);
  const says =
    other !== undefined && other.last >= lastHalt
      ? other.says
      : (reasons[0]?.says ?? other?.says ?? remarkOn(canary, outcome, said));
  const isStuck = isPromotionStuck(canary);
  const name = textIn(canary.metadata, 'name') ?? '';
  return {
    subject: nameOf(canary),
    controller: 'flagger',
    outcome,
    summary: `${name} ${isStuck ? 'did not finish its promotion' : saidOf(canary, outcome)}${weightOf(canary, outcome)}${says === undefined ? '' : `: ${says}`}`,
    reasons,
    next: [
      ...lookingAt(reasons, result.metrics, isGenerated),
      ...(isStuck ? commandsForStuck(canary) : commandsFor(outcome, canary)),
    ],
    notes: [
      ...new Set(others.map((each) => each.says).filter((each) => each !== says)),
      ...(events.length === 0
        ? [
            `the input has no Event of this Canary, and the cluster keeps Events for an hour: kubectl get events --field-selector involvedObject.kind=Canary,involvedObject.name=${name} -o yaml`,
          ]
        : []),
      ...(halts.some(({ said: { first } }) => first < begin)
        ? ['an Event that repeats is recorded once: its count in this release alone is not known']
        : []),
      ...(said.some(({ isCombined }) => isCombined)
        ? ['Kubernetes has combined Events of this Canary: it keeps the last of them, so some checks are not on record']
        : []),
      ...(result.notes ?? []),
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
  'not known': 'is in a state that coalmine does not know',
};

function saidOf({ status }: RecordedObject, outcome: Outcome): string {
  const phase = textIn(status, 'phase');
  return outcome === 'not known' && phase !== undefined ? `is in the phase ${phase}` : SAID[outcome];
}

/** Returns what is to be said about a release for which no check and no webhook is a reason. */
function remarkOn({ spec, status }: RecordedObject, outcome: Outcome, said: readonly Said[]): string | undefined {
  if (outcome === 'paused' && isTrueIn(spec, 'suspend')) return 'somebody suspended the Canary (spec.suspend)';
  if (textIn(status, 'phase') === 'Initialized') return 'its first version runs, and no release has been judged yet';
  if (said.some(({ text }) => text.startsWith('Promotion completed! Canary analysis was skipped')))
    return 'its analysis was skipped (spec.skipAnalysis), so nothing was judged';
  return undefined;
}

/** Whether a primary did not become ready in a promotion: Flagger then leaves all users on the canary, the new version. */
function isPromotionStuck({ status }: RecordedObject): boolean {
  return textIn(status, 'phase') === 'Failed' && (numberIn(status, 'canaryWeight') ?? 0) > 0;
}

/** Whether a metric comes from the generated templates, by the name of its template. */
function isOurs(metric: string, { spec }: RecordedObject): boolean {
  const found = listIn(fieldsIn(spec, 'analysis'), 'metrics').find((each) => textIn(each, 'name') === metric);
  return found === undefined || (textIn(fieldsIn(found, 'templateRef'), 'name')?.endsWith(`-${metric}`) ?? false);
}

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

function outcomeOf(canary: RecordedObject): Outcome {
  if (isPromotionStuck(canary)) return 'paused';
  const { spec, status } = canary;
  const outcome = OUTCOMES[textIn(status, 'phase') ?? ''] ?? 'not known';
  return outcome === 'in progress' && isTrueIn(spec, 'suspend') ? 'paused' : outcome;
}

/** Returns the reasons by metric, the last failed metric first. */
function reasonsOf(
  result: AnalysisResult,
  halts: readonly Halt[],
  begin: number,
  isGenerated: (metric: string) => boolean,
): readonly Reason[] {
  const names = [...new Set([...halts].reverse().map(({ metric }) => metric))];
  return names.map((metric): Reason => {
    const own = halts.filter((halt) => halt.metric === metric);
    const [last] = own.slice(-1) as [Halt];
    const times = own.reduce((sum, { said }) => sum + (said.first < begin ? 1 : said.times), 0);
    const least = own.some(({ said }) => said.isCombined) ? 'at least ' : '';
    const words = result.metrics.find(({ name }) => name === metric)?.words;
    const [first] = own as [Halt];
    return {
      metrics: [metric],
      phase: last.phase,
      says: words ?? saysOf(last, isGenerated(metric)),
      evidence: `${least}${times === 1 ? 'one check' : `${times} checks`} failed: ${[...new Set(own.map(({ message }) => message))].slice(-MOST).join('; ')}`,
      since: first.said.first < begin ? first.said.last : first.said.first,
    };
  });
}

const MOST = 5;

function saysOf({ metric, phase, value, message }: Halt, isGenerated: boolean): string {
  if (phase === 'Error') return `the metric could not be measured: ${message}`;
  if (phase === 'Inconclusive')
    return (isGenerated ? meaningOf(metric, undefined) : undefined) ?? `the query of ${metric} returned nothing`;
  return (value === undefined || !isGenerated ? undefined : meaningOf(metric, value)) ?? `${metric} was ${message}`;
}

/** Returns what the Events report about an analysis, in the form of an analysis that was run. */
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
    phase: PHASES[verdict],
    message:
      textIn(listIn(status, 'conditions')[0] ?? {}, 'message') ?? `the Canary is ${textIn(status, 'phase') ?? 'new'}`,
    ...(isDecided ? { decidedBy: last.metric } : {}),
    startedAt: said[0]?.last ?? finishedAt,
    finishedAt,
    // Without Events nothing is known of any metric.
    metrics: said.length === 0 ? [] : listIn(analysis, 'metrics').map((metric) => metricOf(metric, halts)),
  };
}

function metricOf(metric: Fields, halts: readonly Halt[]): MetricResult {
  const name = textIn(metric, 'name') ?? '(unnamed)';
  const own = halts.filter((halt) => halt.metric === name);
  const last = own.at(-1);
  const range = fieldsIn(metric, 'thresholdRange');
  return {
    name,
    phase: last?.phase ?? 'Successful',
    ...(last === undefined ? {} : { message: last.message }),
    dryRun: false,
    query: textIn(metric, 'query') ?? '',
    thresholds: thresholdsOf({ min: numberIn(range, 'min'), max: numberIn(range, 'max') }),
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

function weightOf({ status }: RecordedObject, outcome: Outcome): string {
  const weight = numberIn(status, 'canaryWeight') ?? 0;
  return weight > 0 && outcome !== 'promoted' ? ` at ${weight} % of the traffic` : '';
}

/** Returns the arguments of kubectl that name the target of a Canary, or an object with another name beside it. */
function targetOf(canary: RecordedObject, suffix = ''): string {
  const target = fieldsIn(canary.spec, 'targetRef');
  const kind = (textIn(target, 'kind') ?? 'Deployment').toLowerCase();
  return `${kind} ${inNamespaceOf(canary, `${textIn(target, 'name')}${suffix}`)}`;
}

function commandsForStuck(canary: RecordedObject): readonly string[] {
  return [
    `All users are on the canary, which is the new version. Find out why the primary is not ready: kubectl describe ${targetOf(canary, '-primary')}`,
    `Flagger does not try again by itself. To start the release again: kubectl rollout restart ${targetOf(canary)}`,
  ];
}

function commandsFor(outcome: Outcome, canary: RecordedObject): readonly string[] {
  const { metadata, spec } = canary;
  const target = fieldsIn(spec, 'targetRef');
  const workload = targetOf(canary);
  if (outcome === 'rolled back') {
    return [
      `Release a fixed image. To try the same image again: kubectl rollout restart ${workload}`,
      `The ${textIn(target, 'kind') ?? 'Deployment'} still names the image that failed: kubectl rollout undo ${workload}, or put the old image back in your repository.`,
    ];
  }
  if (outcome === 'promoted') return [];
  return [`To watch: kubectl get canary ${inNamespaceOf(canary, `${textIn(metadata, 'name')}`)} -w`];
}
