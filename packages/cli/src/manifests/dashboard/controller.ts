import { OBJECTIVE } from '../../queries/agreement.js';
import type { Release } from '../../release/release.js';
import { targetOf } from '../../release/workload.js';
import { seriesOfController } from '../controller-series.js';
import { podsOf } from '../rules.js';
import { DATASOURCE, lines, type Panel, states } from './panel.js';

// The series are those of Argo Rollouts 1.10.1 (controller/metrics) and Flagger 1.44.0 (pkg/metrics/recorder.go). The
// dashboard queries both, so that nobody has to say which of them runs.

/** Returns the panel with the state of the release as its controller reports it. */
export function stateOfRelease(release: Release): Panel {
  const phase = (phases: string): string => rollout(release, 'rollout_info', `phase=~"${phases}"`);
  const expr = [
    `2 * max(${phase('Abort|Error|Timeout|InvalidSpec')})`,
    `3 * max(${phase('Paused')})`,
    `0 * max(${phase('Progressing')})`,
    `max(${phase('Completed')})`,
    `max(${canary(release, 'flagger_canary_status')})`,
  ].join('\nor ');
  return states(
    'State of the release',
    [{ expr, legend: release.name }],
    [
      [0, 'runs', 'blue'],
      [1, 'done', 'green'],
      [2, 'failed', 'red'],
      [3, 'paused', 'orange'],
    ],
    4,
  );
}

/** Returns the panel with the phase of each metric in the AnalysisRuns of the canary; empty under Flagger. */
export function phasesOfMetrics(release: Release): Panel {
  const runs = `name=~"${release.name}-$canary-.+"`;
  const phase = (name: string): string =>
    `(${seriesOfController(release.namespace, 'analysis_run_metric_phase', `${runs},phase="${name}"`)} == 1)`;
  const phases = ['Running', 'Successful', 'Inconclusive', 'Error', 'Failed'];
  const expr = `max by (metric) (\n  ${phases.map((name, i) => `${i} * ${phase(name)}`).join('\n  or ')}\n)`;
  return states(
    'Metrics of the AnalysisRuns (Argo Rollouts)',
    [{ expr, legend: '{{metric}}' }],
    [
      [0, 'measured', 'blue'],
      [1, 'good', 'green'],
      [2, 'inconclusive', 'orange'],
      [3, 'error', 'purple'],
      [4, 'failed', 'red'],
    ],
    14,
  );
}

/** Returns the panel with the share of the traffic that each release gets, and the share that it was given. */
export function weight(release: Release): Panel {
  const { names, labels } = release;
  const rate = `rate(${names.requests}{${podsOf(release)}}[$__rate_interval])`;
  const replicas = (what: string): string => `max(${rollout(release, `rollout_info_replicas_${what}`)})`;
  return lines({
    title: 'Share of the traffic',
    description:
      'The share that arrives at each release. Flagger exports the weight that it has set. Argo Rollouts exports no weight: its steps are marked, and its share of updated replicas is the weight if no router splits the traffic.',
    unit: 'percent',
    queries: [
      {
        expr: `100 * sum by (${labels.hash}) (${rate})\n/ on () group_left () sum(${rate})`,
        legend: `{{${labels.hash}}}`,
      },
      {
        expr: `max(${weightByFlagger(release)})`,
        legend: 'weight set by Flagger',
      },
      { expr: `100 * ${replicas('updated')} / ${replicas('desired')}`, legend: 'updated replicas (Argo Rollouts)' },
    ],
  });
}

/** Returns the annotations of Grafana for all panels: a new release, its steps, and its verdict. */
export function annotations(release: Release): readonly object[] {
  const { labels } = release;
  const pods = `${OBJECTIVE}{${podsOf(release)}}`;
  const byHash = `group by (${labels.hash})`;
  const events = (reasons: string): string =>
    `sum by (reason) (\n  ${selectGrown((offset) => rollout(release, 'rollout_events_total', `reason=~"${reasons}"`, offset))}\n)`;
  const verdict = (metric: string, reason: string): string =>
    `label_replace(\n  sum(${selectGrown((offset) => canary(release, metric, offset))}),\n  "reason", "${reason}", "", ""\n)`;
  const weights = (offset?: string): string => `max(${weightByFlagger(release, offset)})`;
  return [
    {
      builtIn: 1,
      datasource: { type: 'grafana', uid: '-- Grafana --' },
      enable: true,
      hide: true,
      iconColor: 'rgba(0, 211, 255, 1)',
      name: 'Annotations & Alerts',
      type: 'dashboard',
    },
    annotation('Releases', 'blue', `New release {{${labels.hash}}}`, [
      `${byHash} (${pods})\nunless ${byHash} (last_over_time(${pods}[1h]${EARLIER}))`,
    ]),
    annotation('Steps', 'yellow', '{{reason}}', [
      events('RolloutStepCompleted|TrafficWeightUpdated|RolloutPaused|RolloutResumed|RolloutRetry'),
      `label_replace(\n  abs(${weights()} - ${weights(EARLIER)}) > 0,\n  "reason", "Flagger set another weight", "", ""\n)`,
    ]),
    annotation('Verdicts', 'red', '{{reason}}', [
      events('RolloutAborted|RolloutCompleted|AnalysisRun(Failed|Error|Inconclusive)'),
      verdict('flagger_canary_successes_total', 'Promoted by Flagger'),
      verdict('flagger_canary_failures_total', 'Rolled back by Flagger'),
    ]),
  ];
}

/** The interval at which Grafana looks for annotations. */
const STEP = '1m';
const EARLIER = ` offset ${STEP}`;

function annotation(name: string, iconColor: string, title: string, queries: readonly string[]): object {
  return {
    name,
    datasource: DATASOURCE,
    enable: true,
    iconColor,
    titleFormat: title,
    target: { refId: 'Anno', expr: queries.join('\nor '), interval: STEP },
  };
}

/**
 * Returns counters that grew in the last step. A controller exports a counter from its first event on, so a new series
 * counts as grown.
 */
function selectGrown(counters: (offset?: string) => string): string {
  return `(${counters()} - (${counters(EARLIER)} or 0 * ${counters()})) > 0`;
}

function rollout(release: Release, metric: string, matchers?: string, offset?: string): string {
  const all = [`name="${release.name}"`, ...(matchers === undefined ? [] : [matchers])];
  return seriesOfController(release.namespace, metric, all.join(), offset);
}

function canary(release: Release, metric: string, offset?: string): string {
  return seriesOfController(release.namespace, metric, `name="${targetOf(release)}"`, offset);
}

function weightByFlagger(release: Release, offset?: string): string {
  return seriesOfController(release.namespace, 'flagger_canary_weight', `workload="${targetOf(release)}"`, offset);
}
