import { type Counted, type CountedSides, wordsOfCounts } from '../analyze/account/words.js';
import type { AnalysisResult, MetricResult } from '../analyze/result.js';
import { RECORDED, readCounts, recordsCounts } from '../queries/counts.js';
import { hasGeneratedConditions } from './reasons.js';

/** What else a sentence about requests needs. */
type Known = Pick<Counted, 'release' | 'weight'>;

/**
 * Returns a result with the requests behind its metrics in words, as far as the run has recorded them. Nothing else in
 * it changes.
 */
export function withRecordedRequests(result: AnalysisResult, known: Known): AnalysisResult {
  const [window, life] = [RECORDED.window, RECORDED.life].map((name) =>
    result.metrics.find((metric) => metric.name === name && metric.dryRun && recordsCounts(metric.query)),
  );
  const metrics = result.metrics.map((metric): MetricResult => {
    const decisive = metric.measurements.findLast(({ phase }) => phase === metric.phase);
    const [value] = decisive?.values ?? [];
    if (decisive === undefined || value === undefined || !hasGeneratedConditions(metric)) return metric;
    const words = wordsOfCounts(
      metric.name,
      {
        ...known,
        isBad: metric.phase === 'Failed',
        window: countedAt(window, decisive.at),
        life: countedAt(life, decisive.at),
      },
      value,
    );
    return words === undefined ? metric : { ...metric, words };
  });
  return { ...result, metrics };
}

/** Returns the requests that were counted at about a time. */
function countedAt(recorded: MetricResult | undefined, at: number): CountedSides {
  const [nearest] = (recorded?.measurements ?? [])
    .filter((measurement) => Math.abs(measurement.at - at) <= NEAR_SECONDS)
    .sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at));
  return readCounts(nearest?.values ?? []);
}

// A run measures all metrics together, but each interval begins with the end of a query, so slow queries drift apart.
// This is half of the default interval.
const NEAR_SECONDS = 15;
