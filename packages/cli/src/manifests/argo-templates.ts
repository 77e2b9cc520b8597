import { type Question, questionsOf } from '../queries/queries.js';
import { seconds } from '../queries/series.js';
import type { Release } from '../release/release.js';
import type { Manifest } from './manifest.js';
import { timingOf } from './timing.js';

/** The AnalysisTemplates of a release, or ClusterAnalysisTemplates. */
export function argoTemplates(release: Release): readonly Manifest[] {
  return release.strategy === 'canary' ? [gate(release), guard(release)] : [preview(release), gate(release)];
}

/** What decides a step: it asks for evidence, so that silence pauses. */
function gate(release: Release): Manifest {
  const { analysis } = release;
  const { settled } = timingOf(release);
  return template(release, 'gate', questionsOf(release, sidesOf(release)), {
    about: `Decides one step of a release. Fails: the rollout is aborted. Inconclusive (nothing scraped, too little
traffic, stable failing as well): it pauses, and a person decides.`,
    delay: settled,
    whyDelay: `The window (${seconds(analysis.windowSeconds)}) has filled with this step alone, and two more scrapes have come.`,
    count: analysis.count,
    silences: 2,
  });
}

/** What watches the whole release from beside: it ends with the last step, and silence alone does not end it early. */
function guard(release: Release): Manifest {
  const { started, silences } = timingOf(release);
  const questions = questionsOf(release, sidesOf(release)).filter(({ name }) => name !== 'traffic');
  return template(release, 'guard', questions, {
    about: `Watches the release from beside all its steps. A background run ends as a success when the last step is done, so it
can only abort; that there was evidence at all is what the gate asks.`,
    delay: started,
    whyDelay: 'Counted from the run, not from the pod: pods start, the window fills, two more scrapes come.',
    silences,
  });
}

/** What is asked of a preview that no user reaches yet. */
function preview(release: Release): Manifest {
  const { settled } = timingOf(release);
  const fromTheFirst = { ...release, analysis: { ...release.analysis, minRequests: 1 } };
  const questions = questionsOf(fromTheFirst, sidesOf(release)).filter(({ name }) => !/^(?:shared|traffic)/.test(name));
  return template(release, 'preview', questions, {
    about: `Decides whether the preview may be given the users: that it is scraped, stays up, knows the schema, and answers what a
smoke test asks. These are few requests, so that the first is judged already. Without any, it passes.`,
    delay: settled,
    whyDelay: 'The pods are ready when the run begins; the window fills, two more scrapes come.',
    count: 2,
    silences: 1,
  });
}

interface Terms {
  readonly about: string;
  /** Seconds. */
  readonly delay: number;
  readonly whyDelay: string;
  /** Measurements; endless where absent. */
  readonly count?: number;
  /** Measurements that may stay without an answer. */
  readonly silences: number;
}

function template(release: Release, role: string, questions: readonly Question[], terms: Terms): Manifest {
  const { name, namespace, cluster, analysis } = release;
  const { errors } = timingOf(release);
  const { delay, count, silences } = terms;
  const first = 'spec.metrics.0';
  // A limit that all measurements together cannot pass is none.
  const atMost = (limit: number): number => (count === undefined ? limit : Math.min(limit, count - 1));
  return {
    value: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: cluster ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate',
      metadata: { name: `${name}-${role}`, ...(cluster ? {} : { namespace }) },
      spec: {
        args: argumentsOf(release).map((arg) => ({ name: arg })),
        metrics: questions.map((question) => ({
          name: question.name,
          initialDelay: seconds(delay),
          interval: seconds(analysis.intervalSeconds),
          ...(count === undefined ? {} : { count }),
          failureLimit: atMost(1),
          // Any of the measurements may show that there is traffic; a single one is enough.
          inconclusiveLimit: 'least' in question.good && count !== undefined ? count - 1 : atMost(silences),
          consecutiveErrorLimit: errors,
          ...conditionsOf(question),
          provider: { prometheus: { address: release.prometheus, query: question.query } },
        })),
      },
    },
    why: {
      '': terms.about,
      [`${first}.initialDelay`]: terms.whyDelay,
      [`${first}.interval`]: `New samples come every ${seconds(analysis.scrapeSeconds)}.`,
      ...(count === undefined
        ? {}
        : {
            [`${first}.count`]: `So the run takes ${seconds(delay + (count - 1) * analysis.intervalSeconds)}, unless it is decided before.`,
          }),
      [`${first}.failureLimit`]: 'The second failure decides, be it in a row or not.',
      [`${first}.inconclusiveLimit`]:
        'No answer, or one between good and bad, is neither: beyond so many the rollout pauses.',
      [`${first}.consecutiveErrorLimit`]: `Errors are tried again every 10 s, whatever the interval: Prometheus may be away for ${10 * errors} s.`,
      [`${first}.successCondition`]:
        'Both, and both of one number alone: else no data would be an error, a failure or a success.',
      ...Object.fromEntries(questions.map(({ why }, i) => [`spec.metrics.${i}`, why])),
    },
  };
}

/** The conditions of Argo Rollouts for a question. */
function conditionsOf({ good, badAbove }: Question): { successCondition: string; failureCondition: string } {
  const isNumber = 'len(result) == 1 &&';
  return {
    successCondition: `${isNumber} result[0] ${'most' in good ? `<= ${good.most}` : `>= ${good.least}`}`,
    // Without one, whatever is no success would be a failure.
    failureCondition: badAbove === undefined ? 'false' : `${isNumber} result[0] > ${badAbove}`,
  };
}

/** The arguments that the templates take. */
export function argumentsOf({ cluster, analysis }: Release): readonly string[] {
  return ['canary-hash', ...(analysis.compareWithStable ? ['stable-hash'] : []), ...(cluster ? ['namespace'] : [])];
}

function sidesOf({ labels, namespace, cluster }: Release): { canary: string; stable: string } {
  const where = `${labels.namespace}="${cluster ? '{{args.namespace}}' : namespace}"`;
  const side = (role: string): string => `${where},${labels.hash}="{{args.${role}-hash}}"`;
  return { canary: side('canary'), stable: side('stable') };
}
