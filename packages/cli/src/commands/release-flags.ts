import { InvalidOption } from '@coalmine/options';
import { type Command, Option } from 'commander';
import { ROUTERS } from '../release/ingress.js';
import { RECORDERS, type ReleaseOptions, STRATEGIES } from '../release/release-options.js';
import { PLATFORM_FLAGS } from './platform-flags.js';
import { type Flag, listOf, numberOf, pairsOf, several } from './values.js';

const pairs = pairsOf('=');

/** The flags that set the options of a release. */
export const FLAGS: readonly Flag[] = [
  ['name', new Option('-n, --name <name>', 'of the Rollout or the Deployment (needed, here or in the file)')],
  ['namespace', new Option('--namespace <namespace>', 'where it runs ("default")')],
  ['service', new Option('--service <name>', 'its Service, where Flagger or a mesh has one (the name)')],
  ['image', new Option('--image <image>', 'image of the app (<name>:latest)')],
  ['port', new Option('--port <port>', 'port that the app listens on (3000)').argParser(numberOf)],
  ['adminPort', new Option('--admin-port <port>', 'port of its admin listener, if it has one').argParser(numberOf)],
  ['host', new Option('--host <host>', 'name that users reach it by (<name>.example.com)')],
  ['replicas', new Option('--replicas <number>', 'pods (3)').argParser(numberOf)],
  ...PLATFORM_FLAGS,
  ['router', new Option('--router <router>', 'what splits the traffic (basic)').choices(ROUTERS)],
  ['strategy', new Option('--strategy <strategy>', 'how Argo releases (canary)').choices(STRATEGIES)],
  ['weights', new Option('--weights <percentages>', 'of the canary, one after the other (5,20,50)').argParser(listOf)],
  ['prometheus', new Option('--prometheus <url>', 'where the controller finds Prometheus')],
  ['metricsPath', new Option('--metrics-path <path>', 'path of the metrics (/metrics)')],
  [
    'objective.latency',
    new Option('--latency <seconds>', 'objective of the app, to be checked against the app').argParser(numberOf),
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
  ['analysis.count', new Option('--count <number>', 'measurements of each step (9)').argParser(numberOf)],
  [
    'analysis.startSeconds',
    new Option('--start <seconds>', 'that a pod takes to become ready (60)').argParser(numberOf),
  ],
  [
    'analysis.minRequests',
    new Option('--min-requests <number>', 'requests below which nothing is judged (20)').argParser(numberOf),
  ],
  ['analysis.confidence', new Option('--confidence <probability>', 'that condemns (0.9999)').argParser(numberOf)],
  [
    'analysis.slowerThanStable',
    new Option('--slower-than-stable <factor>', 'that condemns a route, such as 1.5').argParser(numberOf),
  ],
  ['analysis.compareWithStable', new Option('--no-compare', 'blame the canary for what stable shares, too')],
  [
    'analysis.onSilence',
    new Option('--on-silence <what>', 'what Flagger makes of a canary that nobody uses (halt)').choices([
      'halt',
      'promote',
    ]),
  ],
  [
    'accept',
    new Option(
      '--accept <difference>',
      'to stable that is meant, such as "GET /old 301"; may be given again',
    ).argParser(several),
  ],
  ['schema', new Option('--schema', 'the app looks at a schema: its state has to be there')],
  [
    'names',
    new Option('--names <preset>', 'of the series, where the app has `names: "otel"`')
      .choices(['otel'])
      .conflicts(['series', 'seriesLabel']),
  ],
  [
    'names',
    new Option(
      '--series <what=name>',
      'as in the app: requests, errors, duration, timed, slow, failed, inFlight, overdue',
    ).argParser(pairs),
  ],
  [
    'names.labels',
    new Option('--series-label <what=name>', 'as in the app: method, route, status_code').argParser(pairs),
  ],
  [
    'push',
    new Option('--push', 'the pods push over OTLP and nobody scrapes them: implies --names otel, and the labels'),
  ],
  ['labels', new Option('--label <what=name>', 'that the scrape gives: namespace, pod, hash, role').argParser(pairs)],
  [
    'recordingRules',
    new Option(
      '--recording-rules <controller>',
      'rules hold the queries, and its templates ask for one name each',
    ).choices(RECORDERS),
  ],
  ['runbook', new Option('--runbook <url>', 'where the runbook of the alerts is')],
  ['cluster', new Option('--cluster', 'ClusterAnalysisTemplates, for every namespace')],
];

export const NAME_IS_NEEDED = 'given, as --name or in the file';

/** The options of the file, with those of the flags over them. */
export function merged(file: ReleaseOptions, command: Command): ReleaseOptions {
  return FLAGS.reduce<unknown>((options, [path, flag]) => {
    const name = flag.attributeName();
    if (command.getOptionValueSource(name) !== 'cli') return options;
    return over(options, path.split('.'), command.getOptionValue(name));
  }, file) as ReleaseOptions;
}

/** Options with a value over what is there at a path; what is no group is left for the complaint about it. */
function over(options: unknown = {}, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return isGroup(value) && isGroup(options) ? { ...options, ...value } : value;
  return isGroup(options) ? { ...options, [key]: over(options[key], rest, value) } : options;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Runs what parses the options; its complaint about one that a flag set names that flag as well. */
export function named<T>(command: Command, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidOption)) throw error;
    const [, flag] = FLAGS.find(([path]) => path === error.option) ?? [];
    if (flag === undefined || command.getOptionValueSource(flag.attributeName()) !== 'cli') throw error;
    throw new InvalidOption(`${error.option} (${flag.long})`, error.accepted, error.value);
  }
}
