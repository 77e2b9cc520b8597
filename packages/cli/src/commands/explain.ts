import { Command } from 'commander';
import { explain } from '../explain/explain.js';
import { parseNamed, recordsOfNamed } from '../explain/kubectl.js';
import { type RecordedObject, recordsIn } from '../explain/record.js';
import { renderExplanations } from '../report/explanation.js';
import { renderExplanationsAsHtml } from '../report/html.js';
import { renderJson } from '../report/json.js';
import { renderExplanationsAsMarkdown } from '../report/markdown.js';
import { terminalOf } from '../report/terminal.js';
import { writeReport } from '../report/write-report.js';
import { reportFlags, type TraceFlags, tracesOf } from './report-flags.js';
import { pairsOf } from './values.js';

interface Flags extends TraceFlags {
  readonly namespace?: string;
  readonly prometheus?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly report?: string;
  readonly json?: boolean;
}

/** Returns `coalmine explain`. */
export function explainCommand(): Command {
  const command = new Command('explain')
    .summary('explain why a release was rolled back, or pauses')
    .description(
      'Reads what Argo Rollouts or Flagger has recorded about a release, and says which metric decided, by which measurements, since when, and what to do next. It does not measure again.',
    )
    .argument(
      '<what...>',
      'files, folders or - with AnalysisRuns, Rollouts, Canaries and their Events; or rollout/NAME, canary/NAME, analysisrun/NAME to read with kubectl',
    )
    .option('-n, --namespace <name>', 'namespace of the object that kubectl reads')
    .option('-p, --prometheus <url>', 'query this Prometheus for the requests of canary and stable, route by route')
    .option('-H, --header <name: value>', 'header to send with each query; may be given again', pairsOf(':'))
    .option('--json', 'print the explanations as JSON')
    .addHelpText(
      'after',
      `
Examples:
  kubectl get analysisrun checkout-7d9c4b8f6d-4 -o yaml | coalmine explain -
  coalmine explain rollout/checkout -n shop -p http://localhost:9090 --report why.md
  coalmine explain canary/checkout -n shop
  coalmine explain rollout.yaml analysisruns.yaml

Exit codes: 0 explained, 2 there is nothing to explain, or a source cannot be read.`,
    );
  for (const flag of reportFlags()) command.addOption(flag);
  return command.action(async (what: readonly string[], flags: Flags) => {
    const records = await recordsOfAll(what, flags.namespace);
    const explanations = await explain(records, {
      ...(flags.prometheus === undefined ? {} : { prometheus: flags.prometheus }),
      ...(flags.header === undefined ? {} : { headers: flags.header }),
      ...tracesOf(flags),
    });
    if (flags.report !== undefined) {
      await writeReport(flags.report, {
        html: () => renderExplanationsAsHtml(explanations),
        markdown: () => renderExplanationsAsMarkdown(explanations),
      });
    }
    process.stdout.write(
      flags.json ? renderJson(explanations) : renderExplanations(explanations, terminalOf(process.stdout)),
    );
  });
}

async function recordsOfAll(
  what: readonly string[],
  namespace: string | undefined,
): Promise<readonly RecordedObject[]> {
  const named = what.flatMap((text) => parseNamed(text) ?? []);
  const sources = what.filter((text) => parseNamed(text) === undefined);
  const read = await Promise.all([
    ...(sources.length === 0 ? [] : [recordsIn(sources)]),
    ...named.map((each) => recordsOfNamed(each, namespace)),
  ]);
  return read.flat();
}
