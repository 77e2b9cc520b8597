import type { Path, SourceObject } from './source.js';

/** A metric, as a Canary has it. */
export interface Metric {
  readonly name?: string;
  readonly interval?: string;
  readonly thresholdRange?: { readonly min?: number; readonly max?: number };
  readonly templateRef?: { readonly name?: string };
  readonly templateVariables?: Readonly<Record<string, unknown>>;
  readonly query?: string;
}

/** A metric of a Canary. */
export interface MetricUse {
  readonly canary: SourceObject;
  readonly path: Path;
  readonly metric: Metric;
  readonly analysisSeconds: number;
}

/** What Flagger takes where nothing is said. */
export const METRIC_INTERVAL: string = '1m';
