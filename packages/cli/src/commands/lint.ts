import { parseNames, parseObjective } from '@coalmine/metrics';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { readLintConfig } from '../config-file.js';
import { EXIT } from '../exit.js';
import type { LintResult } from '../lint/lint.js';
import { lint } from '../lint/lint.js';
import { countFindings, renderFindings, renderFindingsJson } from '../report/findings.js';
import { renderGithub } from '../report/github.js';
import { printable } from '../report/printable.js';
import { renderSarif } from '../report/sarif.js';
import { terminalOf } from '../report/terminal.js';
import { numberOf, pairsOf } from './values.js';

interface Flags {
  readonly config?: string;
  readonly latency?: number;
  readonly flagger?: boolean;
  readonly scrapeInterval?: number;
  readonly start?: number;
  readonly header: Readonly<Record<string, string>>;
  readonly again: number;
  readonly before?: string;
  readonly timeout: number;
  readonly failOn: 'error' | 'warning';
  readonly format: keyof typeof FORMATS;
}

const FORMATS = {
  text: (result: LintResult): string => renderFindings(result, terminalOf(process.stdout)),
  json: renderFindingsJson,
  github: renderGithub,
  sarif: renderSarif,
} as const;

/** Returns `coalmine lint`. It passes the exit code of the process to `exit`. */
export function lintCommand(exit: (code: number) => void): Command {
  return new Command('lint')
    .summary('find faults in templates and in /metrics that mislead a controller')
    .description(
      'Reads templates of Argo Rollouts and Flagger, and expositions (what a service shows at /metrics) of any library. It reports faults that would lead a canary controller to a wrong verdict or to none: what is wrong, and what to do. A file with Kubernetes objects is a template, any other file is an exposition. In a folder, it reads the .yaml, .yml and .json files at any depth. It reads an address as text and as OpenMetrics, and twice, to see which counters fall and which series disappear.',
    )
    .addArgument(
      new Argument(
        '<source...>',
        'files, folders, patterns such as "deploy/**/*.yaml", addresses with http:// or https://, or - for stdin',
      ),
    )
    .option(
      '-c, --config <file>',
      'objective, names and times of the release (coalmine.config.json or .yaml, if there is one)',
    )
    .addOption(
      new Option(
        '--latency <seconds>',
        'objective: seconds within which a response should end (of the app, or 0.5)',
      ).argParser(numberOf),
    )
    .addOption(new Option('--scrape-interval <seconds>', 'seconds between two scrapes (15)').argParser(numberOf))
    .addOption(new Option('--start <seconds>', 'seconds that a pod takes to become ready (60)').argParser(numberOf))
    .option('--flagger', "also expect the series that Flagger's built-in checks query")
    .addOption(
      new Option('-H, --header <name: value>', 'header to send to each address; may be given again')
        .argParser(pairsOf(':'))
        .default({}, 'none'),
    )
    .addOption(
      new Option('--again <seconds>', 'seconds after which an address is read again; 0 reads once')
        .argParser(waitOf)
        .default(2),
    )
    .option('--before <file>', 'file with an earlier exposition of the same process, instead of a second read')
    .addOption(
      new Option('--timeout <seconds>', 'seconds that an address may take to respond').argParser(timeoutOf).default(10),
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 for findings of this severity or a worse one')
        .choices(['error', 'warning'])
        .default('error'),
    )
    .addOption(
      new Option('--format <format>', 'output format: text, JSON, commands of GitHub Actions, SARIF 2.1.0')
        .choices(Object.keys(FORMATS))
        .default('text'),
    )
    .addHelpText(
      'after',
      `
Examples:
  coalmine lint analysis.yaml rollout.yaml
  coalmine lint http://localhost:3000/metrics --latency 0.3
  kubectl exec deploy/checkout -- wget -qO- localhost:3000/metrics | coalmine lint -
  kubectl get rollouts,analysistemplates -o yaml | coalmine lint -
  coalmine lint deploy/ --fail-on warning --format github
  coalmine lint after.txt --before before.txt --format json

docs/lint.md of Coalmine explains each rule, and how one is suppressed: # coalmine-ignore rule: reason

Exit codes: 0 no errors (with --fail-on warning: no errors and no warnings), 1 there are some, 2 the linter cannot run.`,
    )
    .action(async (sources: readonly string[], flags: Flags) => {
      const { release, ignore } = await readLintConfig(flags.config);
      const { objective, names, analysis } = release;
      const scrapeSeconds = flags.scrapeInterval ?? analysis?.scrapeSeconds;
      const startSeconds = flags.start ?? analysis?.startSeconds;
      const latency = flags.latency ?? objective?.latency;
      const result = await lint(sources, {
        ignore,
        ...(latency === undefined ? {} : { objective: parseObjective({ latency }) }),
        names: parseNames(names),
        flagger: flags.flagger === true,
        templates: {
          ...(scrapeSeconds === undefined ? {} : { scrapeSeconds }),
          ...(startSeconds === undefined ? {} : { startSeconds }),
        },
        againSeconds: flags.again,
        timeoutSeconds: flags.timeout,
        headers: flags.header,
        ...(flags.before === undefined ? {} : { before: flags.before }),
        onWait: (what) => process.stderr.write(`${printable(what)}\n`),
      });
      process.stdout.write(FORMATS[flags.format](result));
      const { errors, warnings } = countFindings(result.sources);
      exit(errors > 0 || (flags.failOn === 'warning' && warnings > 0) ? EXIT.bad : EXIT.good);
    });
}

function waitOf(text: string): number {
  const seconds = numberOf(text);
  if (seconds < 0 || seconds > 3600) throw new InvalidArgumentError('It must be a number of seconds from 0 to 3600.');
  return seconds;
}

function timeoutOf(text: string): number {
  const seconds = numberOf(text);
  if (seconds <= 0 || seconds > 3600)
    throw new InvalidArgumentError('It must be a number of seconds above 0, up to 3600.');
  return seconds;
}
