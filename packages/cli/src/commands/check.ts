import { InvalidOption } from '@coalmine/options';
import { Argument, Command, Option } from 'commander';
import { withoutCredentials } from '../address.js';
import { checkRelease } from '../check/check.js';
import { type Checked, there, unknown } from '../check/checked.js';
import { readDescription } from '../check/options-of.js';
import { readConfig } from '../config-file.js';
import { CONTROLLERS, type Controller } from '../controllers/controller.js';
import { EXIT } from '../exit.js';
import { createPrometheusClient } from '../prometheus.js';
import { parseRelease } from '../release/release.js';
import { printableJson, printableLine } from '../report/printable.js';
import { createProgress } from './progress.js';
import { FLAGS, mergeFlags, NAME_IS_NEEDED, nameFlagInErrors } from './release-flags.js';
import { pairsOf, several } from './values.js';

interface Flags {
  readonly config?: string;
  readonly file?: readonly string[];
  readonly header?: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

/** Returns `coalmine check`. It passes the exit code of the process to `exit`. */
export function checkCommand(exit: (code: number) => void): Command {
  const command = new Command('check')
    .summary('check that a Prometheus has what the templates of a release need')
    .description(
      'Checks, before the first rollout, that a Prometheus has what the templates of a release need: pods, labels, series, objective, scrape interval, traffic. It prints one line for each: what is there, what is missing, and what to do.',
    )
    .addArgument(
      new Argument('[controller]', 'controller of the templates (from the files, otherwise argo)').choices(CONTROLLERS),
    )
    .option('-c, --config <file>', 'options of the release (default: coalmine.config.json or .yaml, if there is one)')
    .addOption(
      new Option('-f, --file <path>', 'file or directory that `coalmine manifests` wrote; may be given again')
        .argParser(several)
        .conflicts('config'),
    )
    .option('-p, --prometheus <url>', 'query this Prometheus instead of the one of the release')
    .option('-H, --header <name: value>', 'header to send with each query; may be given again', pairsOf(':'))
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  coalmine check --name checkout --namespace shop -p http://localhost:9090
  coalmine check flagger -c coalmine.config.yaml -p http://localhost:9090
  coalmine check -f deploy/ -p http://localhost:9090

Exit codes: 0 everything is there, 1 something is missing, 2 the check cannot run.`,
    );
  for (const [path, flag] of FLAGS) if (path !== 'prometheus') command.addOption(flag);
  return command.action(async (wanted: Controller | undefined, flags: Flags) => {
    const described = flags.file === undefined ? undefined : await readDescription(flags.file);
    const options = mergeFlags(described?.options ?? (await readConfig(flags.config)), command);
    if (options.name === undefined) throw new InvalidOption('name', NAME_IS_NEEDED, undefined);
    const release = nameFlagInErrors(command, () => parseRelease(options));
    const address = release.prometheus;
    const headers = { ...release.provider.headers, ...flags.header };
    await createProgress({ ...flags, schedule: [] }).reached([address], headers);
    const warnings = new Set<string>();
    const answers = await checkRelease({
      release,
      controller: wanted ?? described?.controller ?? 'argo',
      prometheus: createPrometheusClient(address, headers, (warning) => warnings.add(warning)),
    });
    const all = [prometheusOf(withoutCredentials(address), [...warnings]), ...answers];
    const isGood = all.every(({ state }) => state === 'there');
    process.stdout.write(
      flags.json
        ? `${printableJson(JSON.stringify({ good: isGood, answers: all }, null, 2))}\n`
        : `${all.map((each) => printableLine(line(each))).join('\n')}\n`,
    );
    exit(isGood ? EXIT.good : EXIT.bad);
  });
}

/** Returns whether the results of Prometheus are complete: Thanos and others warn if a result is partial. */
function prometheusOf(address: string, warnings: readonly string[]): Checked {
  const [first, ...more] = warnings;
  const responds = `${address} responds`;
  if (first === undefined) return there('prometheus', responds);
  return unknown(
    'prometheus',
    `${responds}, but warns: ${first}${more.length === 0 ? '' : ` (and ${more.length} more)`}`,
    'the results may be partial: fix the cause of the warning, and check again',
  );
}

function line({ state, question, says, remedy }: Checked): string {
  return `${state.padEnd(7)}  ${question}: ${says}${remedy === undefined ? '' : `; ${remedy}`}`;
}
