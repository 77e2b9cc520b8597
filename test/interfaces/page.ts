import { readFileSync } from 'node:fs';
import { wrap } from '../support/wrap.js';
import { readCommands, readConfigKeys } from './command-line.js';
import { type MetricInterface, readMetrics } from './metrics.js';
import { readAlerts, readRecorded, readTemplates } from './templates.js';

/** Returns docs/interfaces.md, as the code wants it. */
export async function interfacesPage(): Promise<string> {
  const [metrics, otel] = [await readMetrics(), await readMetrics('otel')];
  return `# Public interfaces

Dashboards, alerts, templates and scripts use the names on this page. **A change to one of these names is a breaking change**. It
needs a major version (before 1.0: a minor version) and a line in the changelog. An addition is not a breaking change. A test checks
that this page lists the names in the code.

- [Metrics](#metrics)
- [Codes](#codes)
- [Templates, alerts and recorded series](#templates-alerts-and-recorded-series)
- [Command line](#command-line)
- [Config file](#config-file)
- [Options, types and rules](#options-types-and-rules)

## Metrics

[What the numbers mean](metrics.md) explains each metric and label.

${metricLines(metrics)}

With \`names: 'otel'\`:

${metricLines(otel.filter(({ name }) => metrics.every((metric) => metric.name !== name)))}

## Codes

[Errors and warnings](errors.md) explains each code. The message of an error or a warning is not a public interface.

Errors, the \`code\` of a \`CoalmineError\`:

${codeLines('packages/options/src/coalmine-error.ts')}

Warnings, the \`code\` of a process warning of the type \`CoalmineWarning\`:

${codeLines('packages/options/src/warning.ts')}

## Templates, alerts and recorded series

\`coalmine manifests\` writes these objects, and \`<name>\` is the name of the release. [Analysis](analysis.md) explains each metric.
Queries, thresholds and times may change in a minor version: generate the manifests again to get the new ones.

${readTemplates().map(templateLines).join('\n')}

Alerts, each with a section in [the runbook](runbook.md):

${list(readAlerts())}

Series that \`recordingRules\` records:

${list(readRecorded())}

## Command line

\`--format json\`, \`--json\`, SARIF and the exit codes are public interfaces. The text that the commands print for people is not.

${readCommands()
  .map(
    ({ usage, flags, exitCodes }) => `### \`${usage}\`

Exit codes: ${exitCodes}

${list(flags)}`,
  )
  .join('\n\n')}

### \`coalmine-migrations <tool> <folder>\`

Exit codes: 0 the migrations are printed, 1 the folder cannot be read or the tool is not known, 2 an argument is missing.

## Config file

These are the keys of \`coalmine.config.json\`, \`coalmine.config.yaml\` and \`coalmine.config.yml\`, and of \`manifestsFor()\`. \`lint.ignore\`
takes \`rule\`, \`file\` and \`reason\`.

${list([...readConfigKeys(), 'lint.ignore'])}

## Options, types and rules

Other pages and files list the other interfaces, and tests compare each of them with the code:

- the [options](options.md) of \`coalmine()\`, \`createInstrument()\` and the Fastify plugin;
- the types of each package, in \`packages/*/api.d.ts\`;
- the [rules of the linter](lint.md), which comments and configs name to suppress a finding;
- the [health endpoints](health.md) and the bodies of their responses.
`;
}

function metricLines(metrics: readonly MetricInterface[]): string {
  return metrics
    .map(({ name, type, labels }) => {
      const named = labels.length === 0 ? 'no labels' : labels.map((label) => `\`${label}\``).join(', ');
      return `- \`${name}\` (${type}): ${named}`;
    })
    .join('\n');
}

function codeLines(source: string): string {
  const text = readFileSync(new URL(`../../${source}`, import.meta.url), 'utf8');
  return list([...text.matchAll(/\| '(COALMINE_[A-Z_]+)'/g)].map(([, code = '']) => code));
}

function templateLines({ kind, name, arguments: args, metrics }: ReturnType<typeof readTemplates>[number]): string {
  return [
    `- ${kind} \`${name}\``,
    ...(args.length === 0 ? [] : [`  - arguments: ${inline(args)}`]),
    ...(metrics.length === 0 ? [] : [`  ${wrap(`- metrics: ${inline(metrics)}`, '    ')}`]),
  ].join('\n');
}

function inline(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function list(names: readonly string[]): string {
  return names.map((name) => `- \`${name}\``).join('\n');
}
