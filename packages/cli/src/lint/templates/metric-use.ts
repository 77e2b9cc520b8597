import type { Metric } from '../../controllers/flagger/canary.js';
import type { Path, SourceObject } from '../../controllers/objects.js';

/** A metric of a Canary. */
export interface MetricUse {
  readonly canary: SourceObject;
  readonly path: Path;
  readonly metric: Partial<Metric>;
  readonly analysisSeconds: number;
}
