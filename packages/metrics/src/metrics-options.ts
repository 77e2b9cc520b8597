import { booleanOption, choiceOption, functionOption, integerOption, objectOption } from '@coalmine/options';
import { parseBounds } from './bounds.js';
import type { RegistryLike } from './clients.js';
import { type Labels, type NameMap, parseLabels, parseNames } from './names.js';
import { type ObjectiveOptions, parseObjective } from './objective.js';
import type { DurationStatus, RecorderSettings } from './recorder.js';

export interface MetricsOptions {
  /** The registry of the metrics. @defaultValue the global registry of the installed client */
  readonly registry?: RegistryLike;
  readonly objective?: ObjectiveOptions;
  /**
   * Upper bounds of the buckets in seconds, ascending; the objective is added when it is missing.
   * @defaultValue a tenth, a quarter and a half of the objective, the objective, and the patience
   */
  readonly buckets?: readonly number[];
  /**
   * The status that the histogram of durations shows: its code, its class (`2xx`) under the same label, or none. Each
   * value of a label is a histogram of its own. @defaultValue `'code'`
   */
  readonly durationStatus?: DurationStatus;
  /**
   * Whether OpenMetrics expositions say since when each counter and histogram counts. Prometheus stores every
   * `_created` sample as one more series. @defaultValue `false`
   */
  readonly created?: boolean;
  /** Constant labels on every series of Coalmine. @defaultValue none */
  readonly labels?: Labels;
  /**
   * How many route patterns have series of their own; later patterns are counted as `(overflow)`. @defaultValue `1000`
   */
  readonly maxRoutes?: number;
  /** Other names, or `'otel'` for the names of OpenTelemetry. @defaultValue the names of docs/metrics.md */
  readonly names?: NameMap | 'otel';
  /** Monotonic clock in milliseconds. @defaultValue `performance.now` */
  readonly now?: () => number;
}

const METRICS_OPTIONS = [
  'registry',
  'objective',
  'buckets',
  'durationStatus',
  'created',
  'labels',
  'maxRoutes',
  'names',
  'now',
] as const;

/** Returns the settings that the options give. Throws `InvalidOption`. */
export function parseMetricsOptions(given: MetricsOptions): RecorderSettings {
  const options = objectOption('options', given, METRICS_OPTIONS);
  const now = functionOption('now', options.now) ?? (() => performance.now());
  const objective = parseObjective(options.objective);
  const names = parseNames(options.names);
  return {
    names,
    labels: parseLabels(options.labels, names),
    bounds: parseBounds(options.buckets, objective),
    durationStatus: choiceOption('durationStatus', options.durationStatus, ['code', 'class', 'none'], 'code'),
    created: booleanOption('created', options.created, false),
    objective,
    maxRoutes: integerOption('maxRoutes', options.maxRoutes, 1000, 1),
    now,
  };
}
