import { performance } from 'node:perf_hooks';
import type { Metrics } from '@coalmine/metrics';

/**
 * Shows for how many seconds the event loop of this thread was busy, and for how many it waited. Their rates say how
 * much of its time a pod has used, however its clients connect. Returns a function that removes the metric again.
 *
 * Source: OpenTelemetry semantic conventions, `nodejs.eventloop.time`.
 */
export function showLoopTime(metrics: Metrics): () => void {
  return metrics.totals(
    'nodejs_eventloop_time_seconds_total',
    'Seconds that the event loop was active, running callbacks, and idle, waiting for events',
    () => {
      const { active, idle } = performance.eventLoopUtilization();
      return [
        { labels: { nodejs_eventloop_state: 'active' }, value: active / 1000 },
        { labels: { nodejs_eventloop_state: 'idle' }, value: idle / 1000 },
      ];
    },
  );
}
