import { readFile, stat, writeFile } from 'node:fs/promises';
import { InvalidOption } from '@coalmine/options';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { AnalysisError } from '../analysis-error.js';
import { readDescription, weightsIn } from '../check/options-of.js';
import { readConfig } from '../config-file.js';
import { epochSeconds } from '../controllers/clock.js';
import { CONTROLLERS, type Controller } from '../controllers/controller.js';
import type { KubernetesObject } from '../controllers/documents.js';
import { renderConfig } from '../plan/evidence/config.js';
import { planRelease } from '../plan/plan.js';
import { renderPlanAsHtml } from '../plan/report/html.js';
import { renderPlan } from '../plan/report/terminal.js';
import type { Plan } from '../plan/result.js';
import { createPrometheusClient } from '../prometheus.js';
import { parseRelease } from '../release/release.js';
import type { ReleaseOptions } from '../release/release-options.js';
import { jsonOf } from '../report/json.js';
import { printableLine } from '../report/printable.js';
import { terminalOf } from '../report/terminal.js';
import { createProgress } from './progress.js';
import { FLAGS, mergeFlags, NAME_IS_NEEDED, nameFlagInErrors } from './release-flags.js';
import { countOf, numberOf, pairsOf, several, timeOf } from './values.js';

interface Flags {
  readonly file?: readonly string[];
  readonly days: number;
  readonly to?: number;
  readonly replays: number;
  readonly maxSamples: number;
  readonly header?: Readonly<Record<string, string>>;
  readonly report?: string;
  readonly out?: string;
  readonly json?: boolean;
}

const SECONDS_PER_DAY = 86_400;

/** Returns `coalmine plan`. */
export function planCommand(): Command {
  const command = new Command('plan')
    .summary('say what the history of a service means for its next release')
    .description(
      'Reads days of history from Prometheus before a release, and says: how often these limits would have stopped pods that were not a release, what the verdicts on past releases would have been, what each step can prove at the traffic of the service, how the service performs today, and which options to change.',
    )
    .addArgument(
      new Argument('[controller]', 'controller of the release (from the files, otherwise argo)').choices(CONTROLLERS),
    )
    .addOption(
      new Option(
        '-f, --file <path>',
        'config file (default: coalmine.config.json or .yaml, if there is one), or files that `coalmine manifests` wrote; may be given again',
      ).argParser(several),
    )
    .option('-p, --prometheus <url>', 'query this Prometheus instead of the one of the release')
    .addOption(new Option('--days <number>', 'days of history').argParser(daysOf).default(14))
    .addOption(new Option('--to <time>', 'end of the history, such as 2026-01-20T14:00:00Z (now)').argParser(timeOf))
    .addOption(new Option('--replays <number>', 'maximum number of pods to replay').argParser(countOf).default(200))
    .addOption(
      new Option('--max-samples <number>', 'maximum number of samples that Prometheus reads in all')
        .argParser(countOf)
        .default(50_000_000),
    )
    .option('-H, --header <name: value>', 'header to send with each query; may be given again', pairsOf(':'))
    .option('--report <file>', 'write an HTML page with pictures')
    .option('-o, --out <file>', 'write the proposal as a config file with comments')
    .option('--json', 'print the plan as JSON')
    .addHelpText(
      'after',
      `
Examples:
  coalmine plan --name checkout --namespace shop -p http://localhost:9090
  coalmine plan -f coalmine.config.yaml -p http://localhost:9090 --days 7 --report plan.html
  coalmine plan -f deploy/ -p http://localhost:9090 --out coalmine.config.yaml

The command sends one query at a time, in slices, and Prometheus reads at most --max-samples samples.

Exit codes: 0 the plan is printed, 2 the plan cannot be made.`,
    );
  for (const [path, flag] of FLAGS) if (path !== 'prometheus') command.addOption(flag);
  return command.action(async (wanted: Controller | undefined, flags: Flags) => {
    const source = await sourceOf(flags.file);
    const options = mergeFlags(source.options, command);
    if (options.name === undefined) throw new InvalidOption('name', NAME_IS_NEEDED, undefined);
    const release = nameFlagInErrors(command, () => parseRelease(options));
    const headers = { ...release.provider.headers, ...flags.header };
    await createProgress({ ...flags, schedule: [] }).reached([release.prometheus], headers);
    const to = flags.to ?? epochSeconds();
    const progress = progressOn(process.stderr);
    const warnings = new Set<string>();
    const plan = await planRelease({
      options,
      controller: wanted ?? source.controller,
      ...(source.objects === undefined ? {} : { objects: source.objects }),
      client: createPrometheusClient(release.prometheus, headers, (warning) => warnings.add(warning)),
      from: to - flags.days * SECONDS_PER_DAY,
      to,
      mostReplays: flags.replays,
      mostSamples: flags.maxSamples,
      onProgress: progress.tell,
    });
    progress.done();
    for (const warning of warnings) {
      process.stderr.write(
        `${printableLine(`Prometheus warns, so the plan may be based on part of the history: ${warning}`)}\n`,
      );
    }
    await write(plan, flags);
    process.stdout.write(flags.json ? jsonOf(plan) : renderPlan(plan, terminalOf(process.stdout)));
  });
}

async function write(plan: Plan, { report, out }: Flags): Promise<void> {
  const config = renderConfig(plan);
  for (const [what, file, text] of [
    ['report', report, () => renderPlanAsHtml(plan, config)],
    ['config file', out, () => config],
  ] as const) {
    if (file === undefined) continue;
    try {
      await writeFile(file, text());
    } catch (error) {
      throw new AnalysisError(`the ${what} cannot be written: ${(error as Error).message}`);
    }
  }
}

/** The description of a release. */
interface Source {
  readonly options: ReleaseOptions;
  readonly controller: Controller;
  /** Templates to run as they are. */
  readonly objects?: readonly KubernetesObject[];
}

const RECORDED = /\bcoalmine:\w+:verdict\b/;

async function sourceOf(files: readonly string[] | undefined): Promise<Source> {
  const [only, ...more] = files ?? [];
  if (only === undefined || (more.length === 0 && (await isConfig(only)))) {
    return { options: await readConfig(only), controller: 'argo' };
  }
  const paths = [only, ...more];
  const { options, controller, objects } = await readDescription(paths);
  const weights = weightsIn(objects);
  const { weights: _, ...others } = options;
  return {
    options: weights.length === 0 ? others : { ...others, weights },
    controller,
    // The history has no series of rules that did not exist then, so the full queries are run.
    ...(RECORDED.test(JSON.stringify(objects)) ? {} : { objects }),
  };
}

/** Whether a file has the options of a release, and no objects of Kubernetes. */
async function isConfig(file: string): Promise<boolean> {
  try {
    if ((await stat(file)).isDirectory()) return false;
    return !/^\s*(?:-\s+)?["']?kind["']?\s*:/m.test(await readFile(file, 'utf8'));
  } catch {
    // The reader of the file reports what is wrong with it.
    return !/[*?[{]/.test(file);
  }
}

function daysOf(text: string): number {
  const days = numberOf(text);
  if (days <= 0) throw new InvalidArgumentError('It must be a number of days above 0, such as 14 or 0.5.');
  return days;
}

const QUIET_MS = 2000;

/** Reports progress on a stream from time to time: in one line on a terminal, and line by line elsewhere. */
function progressOn(stream: NodeJS.WriteStream): { tell(what: string, share: number): void; done(): void } {
  let [toldAt, said] = [Date.now(), ''];
  const isTerminal = stream.isTTY === true;
  return {
    tell(what, share) {
      const now = Date.now();
      if (now - toldAt < (isTerminal ? QUIET_MS / 10 : QUIET_MS)) return;
      toldAt = now;
      const line = `${what}; ${Math.round(100 * share)} % of the samples that may be read`;
      stream.write(isTerminal ? `\r${line.padEnd(said.length)}` : `${line}\n`);
      said = line;
    },
    done() {
      if (isTerminal && said !== '') stream.write(`\r${' '.repeat(said.length)}\r`);
    },
  };
}
