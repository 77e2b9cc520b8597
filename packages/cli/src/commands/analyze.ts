import { Command, Option } from 'commander';
import { AnalysisError } from '../analysis-error.js';
import { type ArgoAnalysis, readArgoAnalysis, runArgo } from '../analyze/argo/argo.js';
import { runFlagger } from '../analyze/flagger/run.js';
import type { AnalysisResult } from '../analyze/result.js';
import { unknownFieldsOf } from '../analyze/unknown-fields.js';
import { unmatchedArguments } from '../analyze/unmatched-arguments.js';
import { KINDS, withNamedTemplates } from '../controllers/argo/template.js';
import { type Clock, createPastClock, createWallClock, epochSeconds } from '../controllers/clock.js';
import type { KubernetesObject } from '../controllers/documents.js';
import { type CanaryAnalysis, canaryAnalysisOf } from '../controllers/flagger/canary.js';
import { mayMean } from '../controllers/flagger/references.js';
import { listAt, textAt } from '../controllers/read.js';
import type { Verdict } from '../controllers/verdict.js';
import { EXIT } from '../exit.js';
import { objectsOf } from '../files/objects-of.js';
import { createPrometheusClient } from '../prometheus.js';
import { renderHtml } from '../report/html.js';
import { renderJson } from '../report/json.js';
import { renderMarkdown } from '../report/markdown.js';
import { renderTerminal, terminalOf } from '../report/terminal.js';
import { writeReport } from '../report/write-report.js';
import { createProgress, type Scheduled } from './progress.js';
import { reportFlags, type TraceFlags, tracesOf } from './report-flags.js';
import { pairsOf, secondsOf, timeOf } from './values.js';

interface Flags extends TraceFlags {
  readonly file: readonly string[];
  readonly template?: readonly string[];
  readonly prometheus?: string;
  readonly arg?: Readonly<Record<string, string>>;
  readonly header?: Readonly<Record<string, string>>;
  readonly from?: number;
  readonly to?: number;
  readonly watch?: boolean;
  readonly for?: number;
  readonly report?: string;
  readonly json?: boolean;
}

/** The kinds of objects of an analysis. In a folder, `analyze` skips files without them. */
const ANALYSED = /\b(?:(?:Cluster)?AnalysisTemplate|AnalysisRun|Canary|MetricTemplate)\b/;

const EXITS: Readonly<Record<Verdict, number>> = { promote: EXIT.good, rollback: EXIT.bad, pause: EXIT.undecided };

/** Returns `coalmine analyze`. It passes the exit code of the process to `exit`. */
export function analyzeCommand(exit: (code: number) => void): Command {
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  const command = new Command('analyze')
    .summary('run a template as its controller would')
    .description(
      "Runs AnalysisTemplates of Argo Rollouts, or a Canary of Flagger with its MetricTemplates, with the controllers' own semantics, and says what they would decide and why. The analysis runs over the past (--from; by default it ends now), or live (--watch).",
    )
    .requiredOption('-f, --file <file>', 'YAML file with templates, or a folder; may be given again', several)
    .option('-t, --template <name>', 'run only this template of the files; may be given again', several)
    .option('-p, --prometheus <url>', 'query this Prometheus instead of the one in the templates')
    .option('-a, --arg <name=value>', 'argument of the templates; may be given again', pairsOf('='))
    .option('-H, --header <name: value>', 'header to send with each query; may be given again', pairsOf(':'))
    .addOption(
      new Option('--from <time>', 'start of the analysis: 2026-01-20T14:00:00Z, or -1h for an hour ago').argParser(
        timeOf,
      ),
    )
    .addOption(
      new Option('--to <time>', 'time at which the last step of the rollout ends the analysis').argParser(timeOf),
    )
    .addOption(new Option('--watch', 'run live, from now on').conflicts(['from', 'to']))
    .addOption(new Option('--for <duration>', 'with --watch: end after this time, such as 10m').argParser(secondsOf))
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  coalmine analyze -f analysis.yaml -t checkout-gate -p http://localhost:9090 \\
    -a canary-hash=7d9c4b8f6d -a stable-hash=5f6c7d8b9c --from -1h --report report.html
  coalmine analyze -f analysis.yaml -t checkout-gate -p http://localhost:9090 \\
    -a canary-hash=7d9c4b8f6d -a stable-hash=5f6c7d8b9c --from -1h --exemplars
  coalmine analyze -f deploy/ -t checkout-gate -p http://localhost:9090 -a canary-hash=7d9c4b8f6d --from -1h
  coalmine analyze -f flagger.yaml -p http://localhost:9090 --watch

Exit codes: 0 the release would be promoted, 1 rolled back, 3 paused (Argo) or held (Flagger), 2 the analysis cannot run.`,
    );
  for (const flag of reportFlags()) command.addOption(flag);
  return command.action(async (flags: Flags) => {
    if (flags.for !== undefined && !flags.watch) throw new AnalysisError('--for needs --watch; for the past, use --to');
    const result = await analyze(flags);
    if (flags.report !== undefined) {
      await writeReport(flags.report, { html: () => renderHtml(result), markdown: () => renderMarkdown(result) });
    }
    process.stdout.write(flags.json ? renderJson(result) : `${renderTerminal(result, terminalOf(process.stdout))}\n`);
    exit(EXITS[result.verdict]);
  });
}

async function analyze(flags: Flags): Promise<AnalysisResult> {
  const objects = await objectsOf(flags.file, ANALYSED);
  const chosen = chosenFrom(objects, flags.template);
  const canaries = chosen.filter(({ kind }) => kind === 'Canary');
  const [canary] = canaries;
  const templates = withNamedTemplates(
    chosen.filter(({ kind }) => KINDS.includes(kind)),
    objects,
  );
  if (canary === undefined && templates.length === 0) {
    const hint = objects.some(({ kind }) => kind === 'MetricTemplate')
      ? ': a MetricTemplate needs the Canary that names it'
      : '';
    throw new AnalysisError(`there is no ${KINDS.join(', ')} or Canary in ${flags.file.join(', ')}${hint}`);
  }
  if (canary !== undefined && templates.length > 0) {
    throw new AnalysisError('there are templates of Argo Rollouts and a Canary of Flagger: choose with --template');
  }
  const used = canary === undefined ? templates : [...canaries, ...metricTemplatesOf(canary, objects)];
  refuseNamesakes(used, objects);
  if (canaries.length > 1) {
    throw new AnalysisError(`there are several Canaries, ${namesOf(canaries)}: choose with --template`);
  }
  const { arg: args = {}, header: headers = {}, watch = false } = flags;
  const unknown = unknownFieldsOf(used);
  // Everything is read before anything is queried.
  const read: Read =
    canary === undefined
      ? { argo: readArgoAnalysis({ templates, args }) }
      : { canary, flagger: canaryAnalysisOf(canary, objects) };
  const { addresses, span, schedule } = 'argo' in read ? extentOf(read.argo) : extentOfCanary(read.flagger);
  const progress = createProgress({ ...flags, schedule });
  const now = epochSeconds();
  const clock = clockOf(flags, span, now);
  if (!watch) await progress.reached(flags.prometheus === undefined ? addresses : [flags.prometheus], headers);
  const warnings = new Set<string>();
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  const common = {
    clock: progress.watched(clock),
    ...(watch ? {} : { cutAt: now }),
    signal: abort.signal,
    headers,
    onWarning: (warning: string) => warnings.add(warning),
    ...(flags.prometheus === undefined ? {} : { prometheus: flags.prometheus }),
    onMeasurement: progress.measured,
    ...tracesOf(flags),
  };
  const endAt = flags.for === undefined ? flags.to : now + flags.for;
  try {
    if ('flagger' in read) {
      const cutAt = endAt ?? (watch ? Number.POSITIVE_INFINITY : now);
      const result = await runFlagger(read.canary, read.flagger, { ...common, cutAt });
      return withNotes(result, [...unknown, ...notesOf(warnings)]);
    }
    const result = await runArgo(read.argo, { ...common, ...(endAt === undefined ? {} : { endAt }) });
    return withNotes(result, [...unknown, ...notesOf(warnings), ...(await unmatchedIn(result, read.argo, flags))]);
  } finally {
    progress.done();
  }
}

/** The parsed analysis, of either controller. */
type Read = { readonly argo: ArgoAnalysis } | { readonly canary: KubernetesObject; readonly flagger: CanaryAnalysis };

function withNotes(result: AnalysisResult, notes: readonly string[]): AnalysisResult {
  return notes.length === 0 ? result : { ...result, notes };
}

function notesOf(warnings: ReadonlySet<string>): readonly string[] {
  return [...warnings].map(
    (warning) => `Prometheus warns, so the verdict may be based on part of the data: ${warning}`,
  );
}

/** Returns a sentence for each argument that no series has. */
async function unmatchedIn(
  result: AnalysisResult,
  { args, metrics: [metric] }: ArgoAnalysis,
  { header = {}, prometheus }: Flags,
): Promise<readonly string[]> {
  const client = createPrometheusClient(prometheus ?? metric?.provider.address ?? '', header);
  return unmatchedArguments({
    args,
    queries: result.metrics.map(({ query }) => query),
    startedAt: result.startedAt,
    finishedAt: result.finishedAt,
    query: async (promql, at) => client.query(promql, at, metric?.provider),
  });
}

/** Returns the MetricTemplates that a Canary names. */
function metricTemplatesOf(
  { metadata: { namespace }, spec }: KubernetesObject,
  objects: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  const metrics = ['analysis', 'canaryAnalysis'].flatMap((field) => listAt(spec, field, 'metrics'));
  const references = metrics.map((metric) => ({
    name: textAt(metric, 'templateRef', 'name'),
    namespace: textAt(metric, 'templateRef', 'namespace'),
  }));
  return objects.filter(
    ({ kind, metadata }) =>
      kind === 'MetricTemplate' && references.some((reference) => mayMean(reference, namespace, metadata)),
  );
}

/** Throws `AnalysisError` if it is not known which of two objects is meant, as in the folders of two environments. */
function refuseNamesakes(used: readonly KubernetesObject[], objects: readonly KubernetesObject[]): void {
  for (const object of used) {
    const { kind, metadata } = object;
    const namesake = objects.find(
      (other) =>
        other !== object &&
        other.kind === kind &&
        other.metadata.name === metadata.name &&
        (used.includes(other) || other.metadata.namespace === metadata.namespace),
    );
    if (namesake === undefined) continue;
    throw new AnalysisError(
      `the files have several objects ${kind} ${metadata.name}: give only the file of one of them`,
    );
  }
}

function chosenFrom(
  objects: readonly KubernetesObject[],
  names: readonly string[] | undefined,
): readonly KubernetesObject[] {
  if (names === undefined) return objects;
  return names.flatMap((name) => {
    const found = objects.filter(
      ({ kind, metadata }) => metadata.name === name && (KINDS.includes(kind) || kind === 'Canary'),
    );
    if (found.length === 0) {
      const there = objects.filter(({ kind }) => KINDS.includes(kind) || kind === 'Canary');
      throw new AnalysisError(`there is no template ${name}; the files have ${namesOf(there) || 'none'}`);
    }
    return found;
  });
}

/** The addresses that an analysis queries, and its time to the last measurement; `undefined` if it has no end. */
interface Extent {
  readonly addresses: readonly string[];
  readonly span: number | undefined;
  readonly schedule: readonly Scheduled[];
}

function extentOf({ metrics }: ArgoAnalysis): Extent {
  const spans = metrics.map(({ initialDelay, interval = 0, count }) =>
    count === undefined ? Number.POSITIVE_INFINITY : initialDelay + (count - 1) * interval,
  );
  const span = Math.max(...spans);
  return {
    addresses: metrics.map(({ provider }) => provider.address).filter((address) => address !== ''),
    span: span === Number.POSITIVE_INFINITY ? undefined : span,
    schedule: metrics.map(({ name, initialDelay, interval = Number.POSITIVE_INFINITY }) => ({
      name,
      delay: initialDelay,
      interval,
    })),
  };
}

function extentOfCanary({ metrics, interval, weights }: CanaryAnalysis): Extent {
  return {
    addresses: metrics.flatMap(({ address = [] }) => address),
    span: weights.length * interval,
    schedule: metrics.map(({ name }) => ({ name, delay: interval, interval })),
  };
}

function clockOf({ watch, from, to }: Flags, span: number | undefined, now: number): Clock {
  if (watch) return createWallClock();
  if (from !== undefined) {
    if (from >= (to ?? now)) throw new AnalysisError('--from must be before --to, and before now');
    return createPastClock(from);
  }
  if (span === undefined) throw new AnalysisError('the analysis has no end of its own: give --from or --watch');
  // The last measurement is now, and not an instant after the end.
  return createPastClock((to ?? now) - span - 1);
}

function namesOf(objects: readonly KubernetesObject[]): string {
  return objects.map(({ metadata }) => metadata.name).join(', ');
}
