import { InvalidOption, isMapping } from '@coalmine/options';
import { type Command, Option } from 'commander';
import { ROUTERS } from '../release/ingress.js';
import { RECORDERS, type ReleaseOptions, STRATEGIES } from '../release/release-options.js';
import { PLATFORM_FLAGS } from './platform-flags.js';
import { type Flag, listOf, numberOf, pairsOf, several } from './values.js';

const pairs = pairsOf('=');

/** The flags that set the options of a release. */
export const FLAGS: readonly Flag[] = [
  ['name', new Option('--name <name>', 'name of the Rollout or the Deployment (required, as a flag or in the file)')],
  ['namespace', new Option('-n, --namespace <namespace>', 'namespace of the release ("default")')],
  ['service', new Option('--service <name>', 'its Service, if Flagger or a mesh uses one (the name)')],
  ['image', new Option('--image <image>', 'image of the app (<name>:latest)')],
  ['port', new Option('--port <port>', 'port that the app listens on (3000)').argParser(numberOf)],
  ['adminPort', new Option('--admin-port <port>', 'port of its admin listener, if it has one').argParser(numberOf)],
  ['host', new Option('--host <host>', 'host name for users (<name>.example.com)')],
  ['replicas', new Option('--replicas <number>', 'number of pods (3)').argParser(numberOf)],
  ...PLATFORM_FLAGS,
  ['router', new Option('--router <router>', 'router that splits the traffic (basic)').choices(ROUTERS)],
  ['strategy', new Option('--strategy <strategy>', 'strategy of Argo (canary)').choices(STRATEGIES)],
  ['weights', new Option('--weights <percentages>', 'weights of the canary, step by step (5,20,50)').argParser(listOf)],
  ['prometheus', new Option('--prometheus <url>', 'address of Prometheus for the controller')],
  ['metricsPath', new Option('--metrics-path <path>', 'path of the metrics (/metrics)')],
  [
    'objective.latency',
    new Option('--latency <seconds>', 'objective of the app, which the analysis compares with the app').argParser(
      numberOf,
    ),
  ],
  [
    'objective.errorRatio',
    new Option('--error-ratio <share>', 'share of requests that may fail (0.01)').argParser(numberOf),
  ],
  [
    'objective.overShare',
    new Option('--over-share <share>', 'share of requests that may be slower than their objective (0.05)').argParser(
      numberOf,
    ),
  ],
  [
    'analysis.scrapeSeconds',
    new Option('--scrape-interval <seconds>', 'seconds between two scrapes (15)').argParser(numberOf),
  ],
  [
    'analysis.windowSeconds',
    new Option('--window <seconds>', 'seconds that a measurement looks back (120)').argParser(numberOf),
  ],
  [
    'analysis.lookbackSeconds',
    new Option('--lookback <seconds>', 'seconds that queries about the whole canary look back (1800)').argParser(
      numberOf,
    ),
  ],
  [
    'analysis.intervalSeconds',
    new Option('--interval <seconds>', 'seconds between two measurements (30)').argParser(numberOf),
  ],
  ['analysis.count', new Option('--count <number>', 'measurements of each step (9)').argParser(numberOf)],
  [
    'analysis.startSeconds',
    new Option('--start <seconds>', 'seconds that a pod takes to become ready (60)').argParser(numberOf),
  ],
  [
    'analysis.minRequests',
    new Option('--min-requests <number>', 'minimum of requests for a judgement (20)').argParser(numberOf),
  ],
  [
    'analysis.confidence',
    new Option('--confidence <probability>', 'confidence that a rollback needs (0.9999)').argParser(numberOf),
  ],
  [
    'analysis.slowerThanStable',
    new Option(
      '--slower-than-stable <factor>',
      'roll back if a route is slower than on stable by this factor, such as 1.5',
    ).argParser(numberOf),
  ],
  ['analysis.compareWithStable', new Option('--no-compare', 'blame the canary for faults that stable has, too')],
  [
    'analysis.onSilence',
    new Option('--on-silence <what>', 'what Flagger does with a canary without traffic (halt)').choices([
      'halt',
      'promote',
    ]),
  ],
  [
    'accept',
    new Option(
      '--accept <difference>',
      'intended difference to stable, such as "GET /old 301"; may be given again',
    ).argParser(several),
  ],
  ['schema', new Option('--schema', 'the app checks a schema: require its state')],
  [
    'names',
    new Option('--names <preset>', 'names of the series: otel if the app has `names: "otel"`')
      .choices(['otel'])
      .conflicts(['series', 'seriesLabel']),
  ],
  [
    'names',
    new Option(
      '--series <what=name>',
      'name of a series in the app: requests, errors, duration, timed, slow, failed, inFlight, overdue',
    ).argParser(pairs),
  ],
  [
    'names.labels',
    new Option('--series-label <what=name>', 'name of a label in the app: method, route, status_code').argParser(pairs),
  ],
  ['push', new Option('--push', 'the pods push over OTLP without a scrape; implies --names otel and the labels')],
  [
    'labels',
    new Option('--label <what=name>', 'label that the scrape sets: namespace, pod, hash, role').argParser(pairs),
  ],
  [
    'recordingRules',
    new Option(
      '--recording-rules <controller>',
      'write the queries as recording rules, and one name per query into the templates of this controller',
    ).choices(RECORDERS),
  ],
  ['runbook', new Option('--runbook <url>', 'address of the runbook for the alerts')],
  ['cluster', new Option('--cluster', 'write ClusterAnalysisTemplates, for every namespace')],
];

export const NAME_IS_NEEDED = 'given, with --name or in the file';

/** Returns the options of the file, overridden by the flags. */
export function mergeFlags(file: ReleaseOptions, command: Command): ReleaseOptions {
  return FLAGS.reduce<unknown>((options, [path, flag]) => {
    const name = flag.attributeName();
    if (command.getOptionValueSource(name) !== 'cli') return options;
    return setAt(options, path.split('.'), command.getOptionValue(name));
  }, file) as ReleaseOptions;
}

/** Sets a value at a path of options. A value that is not a group is kept, so that the error names it. */
function setAt(options: unknown = {}, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return isMapping(value) && isMapping(options) ? { ...options, ...value } : value;
  return isMapping(options) ? { ...options, [key]: setAt(options[key], rest, value) } : options;
}

/** Runs the parser of the options. An error about an option that a flag has set names the flag as well. */
export function nameFlagInErrors<T>(command: Command, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidOption)) throw error;
    const [, flag] = FLAGS.find(([path]) => path === error.option) ?? [];
    if (flag === undefined || command.getOptionValueSource(flag.attributeName()) !== 'cli') throw error;
    throw new InvalidOption(`${error.option} (${flag.long})`, error.accepted, error.value);
  }
}
