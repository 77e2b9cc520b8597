import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { manifestsFor, TARGETS, type Target } from '../manifests/manifests.js';
import { SCRAPES, type Scrape } from '../manifests/prometheus.js';
import { readConfig } from '../release/config-file.js';
import { type ReleaseOptions, ROUTERS, STRATEGIES } from '../release/release.js';
import { listOf, numberOf } from './values.js';

// Each flag with the path of the option that it sets.
const FLAGS: readonly (readonly [path: string, flag: Option])[] = [
  ['name', new Option('-n, --name <name>', 'of the Rollout or the Deployment (needed, here or in the file)')],
  ['namespace', new Option('--namespace <namespace>', 'where it runs ("default")')],
  ['service', new Option('--service <name>', 'its Service (the name)')],
  ['image', new Option('--image <image>', 'image of the app (<name>:latest)')],
  ['port', new Option('--port <port>', 'port that the app listens on (3000)').argParser(numberOf)],
  ['adminPort', new Option('--admin-port <port>', 'port of its admin listener, if it has one').argParser(numberOf)],
  ['host', new Option('--host <host>', 'name that users reach it by (<name>.example.com)')],
  ['replicas', new Option('--replicas <number>', 'pods (3)').argParser(numberOf)],
  ['router', new Option('--router <router>', 'what splits the traffic (basic)').choices(ROUTERS)],
  ['strategy', new Option('--strategy <strategy>', 'how Argo releases (canary)').choices(STRATEGIES)],
  ['weights', new Option('--weights <percentages>', 'of the canary, one after the other (5,20,50)').argParser(listOf)],
  ['prometheus', new Option('--prometheus <url>', 'where the controller finds Prometheus')],
  ['metricsPath', new Option('--metrics-path <path>', 'path of the metrics (/metrics)')],
  ['names', new Option('--names <preset>', 'of the series, where the app has `names: "otel"`').choices(['otel'])],
  [
    'objective.latency',
    new Option('--latency <seconds>', 'within which a request is answered (0.5)').argParser(numberOf),
  ],
  ['objective.errorRatio', new Option('--error-ratio <share>', 'of requests that may fail (0.01)').argParser(numberOf)],
  [
    'objective.overShare',
    new Option('--over-share <share>', 'of requests that may be slower (0.05)').argParser(numberOf),
  ],
  ['analysis.scrapeSeconds', new Option('--scrape-interval <seconds>', 'between two scrapes (15)').argParser(numberOf)],
  [
    'analysis.windowSeconds',
    new Option('--window <seconds>', 'that a measurement looks back (120)').argParser(numberOf),
  ],
  [
    'analysis.lookbackSeconds',
    new Option('--lookback <seconds>', 'that the canary is looked at as a whole (1800)').argParser(numberOf),
  ],
  ['analysis.intervalSeconds', new Option('--interval <seconds>', 'between two measurements (30)').argParser(numberOf)],
  ['analysis.count', new Option('--count <number>', 'measurements of each step (5)').argParser(numberOf)],
  [
    'analysis.startSeconds',
    new Option('--start <seconds>', 'that a pod takes to become ready (60)').argParser(numberOf),
  ],
  [
    'analysis.minRequests',
    new Option('--min-requests <number>', 'requests below which nothing is judged (20)').argParser(numberOf),
  ],
  ['analysis.confidence', new Option('--confidence <probability>', 'that condemns (0.99)').argParser(numberOf)],
  ['analysis.compareWithStable', new Option('--no-compare', 'blame the canary for what stable shares, too')],
  [
    'analysis.onSilence',
    new Option('--on-silence <what>', 'what Flagger makes of a canary that nobody uses (halt)').choices([
      'halt',
      'promote',
    ]),
  ],
  ['cluster', new Option('--cluster', 'ClusterAnalysisTemplates, for every namespace')],
];

/** `coalmine manifests`. */
export function manifestsCommand(): Command {
  const command = new Command('manifests')
    .summary('write what a controller, Prometheus or Grafana needs')
    .description(
      'Writes YAML: the analysis with its queries, the release and its probes (argo, flagger), the scrape and the rules (prometheus: for its operator; rules: a rule file), or a dashboard (grafana: JSON). All of it from one objective.',
    )
    .addArgument(new Argument('<target>', 'whom it is for').choices(TARGETS))
    .option('-c, --config <file>', 'options of the release (coalmine.config.json or .yaml, where there is one)')
    .option('-o, --out <directory>', 'write files there instead of printing')
    .addOption(
      new Option('--scrape <how>', 'for prometheus: how pods are found').choices(SCRAPES).default('pod-monitor'),
    )
    .option('--json', 'print the objects as JSON')
    .addHelpText(
      'after',
      `
Examples:
  coalmine manifests argo --name checkout --namespace shop --router nginx --latency 0.3
  coalmine manifests flagger -c coalmine.config.yaml -o deploy/
  coalmine manifests prometheus --name checkout | kubectl apply -f -

Exit codes: 0 written, 2 an option cannot be used.`,
    );
  for (const [, flag] of FLAGS) command.addOption(flag);
  return command.action(async (target: Target, flags: Flags) => {
    const options = merged(await readConfig(flags.config), command);
    const files = manifestsFor(target, options, flags.scrape);
    if (flags.out !== undefined) return write(files, flags.out);
    const objects = files.flatMap((file) => file.objects);
    process.stdout.write(
      flags.json ? `${JSON.stringify(objects, null, 2)}\n` : files.map(({ text }) => text).join('---\n'),
    );
  });
}

interface Flags {
  readonly config?: string;
  readonly out?: string;
  readonly scrape: Scrape;
  readonly json?: boolean;
}

/** The options of the file, with those of the flags over them. */
function merged(file: ReleaseOptions, command: Command): ReleaseOptions {
  const options: Record<string, unknown> = structuredClone({ ...file });
  for (const [path, flag] of FLAGS) {
    const name = flag.attributeName();
    if (command.getOptionValueSource(name) !== 'cli') continue;
    const [group, key] = path.split('.') as [string, string?];
    const value = command.getOptionValue(name);
    options[group] = key === undefined ? value : { ...(options[group] as object), [key]: value };
  }
  return options as ReleaseOptions;
}

async function write(files: ReturnType<typeof manifestsFor>, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { name, text } of files) {
    const path = join(directory, name);
    await writeFile(path, text);
    process.stderr.write(`${path}\n`);
  }
}
