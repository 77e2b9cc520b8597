import { recordedCounts } from '../queries/counts.js';
import { questionsOf } from '../queries/queries.js';
import type { Question, Sides } from '../queries/question.js';
import { seconds } from '../queries/series.js';
import { DESCRIPTION, describeRelease } from '../release/description.js';
import type { Release } from '../release/release.js';
import type { Manifest } from './manifest.js';
import { argoProvider, secretArguments } from './provider.js';
import type { Role } from './roles.js';
import { timingOf } from './timing.js';
import { askByName, type Hashes } from './verdict-rules.js';

/** Returns the AnalysisTemplates of a release, or its ClusterAnalysisTemplates. */
export function argoTemplates(release: Release): readonly Manifest[] {
  return release.strategy === 'canary' ? [gate(release), guard(release)] : [preview(release), gate(release)];
}

/** Returns the template that decides a step. It requires evidence, so missing data pauses. */
function gate(release: Release): Manifest {
  const { analysis } = release;
  const { settled, persisted } = timingOf(release);
  const sides = { ...sidesOf(release), ...weightOf(release), isSwitched: release.strategy === 'blue-green' };
  return template(release, 'gate', sides, questionsOf(release, sides), {
    about: `Decides one step of a release. Failed: the rollout is aborted. Inconclusive (nothing scraped, too little
traffic, stable fails as well): the rollout pauses, and a person decides.`,
    paces: {
      each: { delay: settled, interval: analysis.intervalSeconds, count: analysis.count },
      persistent: persisted,
    },
    whyDelay: `The window (${seconds(analysis.windowSeconds)}) contains only this step, and two more scrapes have come.`,
    silences: 2,
  });
}

/**
 * Returns the template that watches the whole release in the background. It ends with the last step, and missing data
 * alone does not end it early.
 */
function guard(release: Release): Manifest {
  const { started, persisted, silences } = timingOf(release);
  const sides = sidesOf(release);
  const questions = questionsOf(release, sides).filter(({ name }) => name !== 'traffic');
  return template(release, 'guard', sides, questions, {
    about: `Watches the release in the background of all steps. A background run ends as a success after the last step, so it
can only abort; the gate requires the evidence.`,
    paces: {
      each: { delay: started, interval: release.analysis.intervalSeconds },
      persistent: (spans) => ({ delay: started, interval: persisted(spans).interval }),
    },
    whyDelay: 'Counted from the start of the run, not of the pod: pods start, the window fills, two more scrapes come.',
    silences,
  });
}

/** Returns the template for a preview that no user reaches yet. */
function preview(release: Release): Manifest {
  const { settled } = timingOf(release);
  const fromTheFirst = { ...release, analysis: { ...release.analysis, minRequests: 1 } };
  const { canary } = sidesOf(release);
  const questions = questionsOf(fromTheFirst, { canary }).filter(({ name }) => name !== 'traffic');
  return template(release, 'preview', { canary }, questions, {
    about: `Decides whether users may be sent to the preview: it must be scraped, stay up, know the schema, and pass a smoke test.
A smoke test has few requests, so the first request is judged already. Without requests, the preview passes.`,
    paces: { each: { delay: settled, interval: release.analysis.intervalSeconds, count: 2 } },
    whyDelay: 'The pods are ready when the run starts. Then the window fills, and two more scrapes come.',
    silences: 1,
  });
}

interface Terms {
  readonly about: string;
  /** When each question is measured, and when a question about several spans of time is. */
  readonly paces: { readonly each: Pace; persistent?(spans: number): Pace };
  readonly whyDelay: string;
  /** Measurements that may have no result. */
  readonly silences: number;
}

interface Pace {
  /** Seconds before the first measurement. */
  readonly delay: number;
  /** Seconds between two measurements. */
  readonly interval: number;
  /** The number of measurements; unlimited if absent. */
  readonly count?: number;
}

function template(
  release: Release,
  role: string,
  sides: Sides,
  questions: readonly Question[],
  terms: Terms,
): Manifest {
  const { name, namespace, cluster, analysis } = release;
  const { errors } = timingOf(release);
  const { paces, silences } = terms;
  const first = 'spec.metrics.0';
  const persistent = questions.findIndex(({ spans }) => spans !== undefined);
  const paceOf = ({ spans }: Question): Pace =>
    (spans === undefined ? undefined : paces.persistent?.(spans)) ?? paces.each;
  const lasts = ({ delay, interval, count = 1 }: Pace): number => delay + (count - 1) * interval;
  const longest = Math.max(...questions.map((question) => lasts(paceOf(question))));
  const counts = recordedCounts(release, sides);
  return {
    value: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: cluster ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate',
      metadata: {
        name: `${name}-${role}`,
        ...(cluster ? {} : { namespace }),
        annotations: { [DESCRIPTION]: describeRelease(release, sides.isSwitched) },
      },
      spec: {
        args: [
          ...argumentsOf(release, role).map(({ name: arg, value }) => ({
            name: arg,
            ...(value === undefined ? {} : { value }),
          })),
          ...secretArguments(release.provider),
        ],
        metrics: [
          ...questions.map((question) => ({
            name: question.name,
            ...renderPace(paceOf(question)),
            ...limitsOf(question, paceOf(question), silences),
            consecutiveErrorLimit: errors,
            ...conditionsOf(question),
            provider: { prometheus: { ...argoProvider(release), query: prepareQuestion(release, question).query } },
          })),
          ...counts.map(({ name, query }) => ({
            name,
            ...renderPace(paces.each),
            consecutiveErrorLimit: errors,
            successCondition: 'true',
            provider: { prometheus: { ...argoProvider(release), query } },
          })),
        ],
        // Argo Rollouts reads the name as a regular expression, and applies it to the metrics of other templates of a run.
        dryRun: counts.map(({ name }) => ({ metricName: `^${name}$` })),
      },
    },
    why: {
      '': terms.about,
      [`${first}.initialDelay`]: terms.whyDelay,
      [`${first}.interval`]: `New samples come every ${seconds(analysis.scrapeSeconds)}.`,
      ...(paces.each.count === undefined
        ? {}
        : { [`${first}.count`]: `The whole run takes ${seconds(longest)}, unless it is decided earlier.` }),
      ...(persistent < 0 || paces.each.count === undefined
        ? {}
        : {
            [`spec.metrics.${persistent}.initialDelay`]: 'All spans of the query have passed within this step.',
            [`spec.metrics.${persistent}.failureLimit`]:
              'The query itself looks at several spans of time: one result decides.',
          }),
      [`${first}.failureLimit`]: 'The second failure decides, in a row or not.',
      [`${first}.inconclusiveLimit`]:
        'An empty result, or one between good and bad, is inconclusive: after this many the rollout pauses.',
      [`${first}.consecutiveErrorLimit`]: `After an error Argo Rollouts retries every 10 s, whatever the interval: Prometheus may be away for ${10 * errors} s.`,
      [`${first}.successCondition`]:
        'Both conditions require one number: otherwise missing data would be an error, a failure or a success.',
      ...Object.fromEntries([...questions, ...counts].map(({ why }, i) => [`spec.metrics.${i}`, why])),
    },
  };
}

/**
 * Returns a question as the template measures it: the recorded series, or the whole query if an argument is part of it.
 */
function prepareQuestion(release: Release, question: Question): Question {
  const isRecorded = release.recordingRules !== undefined && !question.query.includes(`{{args.${WEIGHT}}}`);
  return isRecorded ? askByName(release, namespaceOf(release), question, HASHES) : question;
}

function renderPace({ delay, interval, count }: Pace): object {
  return { initialDelay: seconds(delay), interval: seconds(interval), ...(count === undefined ? {} : { count }) };
}

function limitsOf({ good, spans }: Question, { count }: Pace, silences: number): object {
  // A limit that all measurements together cannot pass has no effect.
  const atMost = (limit: number): number => (count === undefined ? limit : Math.min(limit, count - 1));
  return {
    failureLimit: spans === undefined ? atMost(1) : 0,
    // Any of the measurements may show that there is traffic; one is enough.
    inconclusiveLimit: 'least' in good && count !== undefined ? count - 1 : atMost(silences),
  };
}

/** Returns the conditions of Argo Rollouts for a question. */
function conditionsOf({ good, badAbove }: Question): { successCondition: string; failureCondition: string } {
  const isNumber = 'len(result) == 1 &&';
  return {
    successCondition: `${isNumber} result[0] ${'most' in good ? `<= ${good.most}` : `>= ${good.least}`}`,
    // Without a failureCondition, every result that is not a success would be a failure.
    failureCondition: badAbove === undefined ? 'false' : `${isNumber} result[0] > ${badAbove}`,
  };
}

/** An argument of a template, with its default. */
interface TemplateArgument {
  readonly name: string;
  readonly value?: string;
}

/** Returns the arguments of the template of a role. */
export function argumentsOf(release: Release, role: string): readonly TemplateArgument[] {
  const { cluster, analysis, recordingRules } = release;
  return [
    { name: 'canary-hash' },
    ...(analysis.compareWithStable || recordingRules !== undefined ? [{ name: 'stable-hash' }] : []),
    ...(role === 'gate' && 'weight' in weightOf(release) ? [{ name: WEIGHT, value: '0' }] : []),
    ...(cluster ? [{ name: 'namespace' }] : []),
  ];
}

/** The argument with the canary's share of the traffic, in percent. */
export const WEIGHT = 'canary-weight';

/** Returns the canary's share of the traffic as an argument: a step sets it if a router splits the traffic. */
function weightOf({ strategy, router, analysis }: Release): Pick<Sides, 'weight'> {
  const isSplit = strategy === 'canary' && router !== 'basic' && analysis.compareWithStable;
  return isSplit ? { weight: `vector({{args.${WEIGHT}}})` } : {};
}

const HASHES: Hashes = { canary: '{{args.canary-hash}}', stable: '{{args.stable-hash}}' };

function namespaceOf({ cluster, namespace }: Release): string {
  return cluster ? '{{args.namespace}}' : namespace;
}

function sidesOf(release: Release): { canary: string; stable: string } {
  const side = (role: Role): string => podsOfHash(release, namespaceOf(release), HASHES[role]);
  return { canary: side('canary'), stable: side('stable') };
}

/** Returns the pods of one side of a Rollout, as label matchers. */
export function podsOfHash({ labels }: Release, namespace: string, hash: string): string {
  return `${labels.namespace}="${namespace}",${labels.hash}="${hash}"`;
}
