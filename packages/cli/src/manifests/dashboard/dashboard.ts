import type { Release } from '../../release/release.js';
import { podsOf } from '../rules.js';
import { annotations, phasesOfMetrics, stateOfRelease, weight } from './controller.js';
import { evidenceSoFar, measuredNow } from './evidence.js';
import { DATASOURCE, placePanels } from './panel.js';
import { pods, releases } from './releases.js';
import { routes } from './routes.js';

/** Returns a Grafana dashboard that shows the releases of one service as they run. */
export function dashboard(release: Release): object {
  const { name } = release;
  return {
    title: `${name}: canary against stable`,
    uid: `coalmine-${name}`.slice(0, 40),
    tags: ['coalmine', 'canary'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    annotations: { list: annotations(release) },
    templating: { list: variables(release) },
    panels: placePanels({
      'The release': [stateOfRelease(release), weight(release), ...evidenceSoFar(release)],
      Verdict: [measuredNow(release), phasesOfMetrics(release)],
      'By route': routes(release),
      'By release': releases(release),
      Pods: pods(release),
    }),
  };
}

/**
 * Returns the variables. The canary is the release with the younger pods. If only one release serves, it is both canary
 * and stable.
 */
function variables(release: Release): readonly object[] {
  const { names, labels } = release;
  const youngest = `min by (${labels.hash}) (coalmine_pod_ready_timestamp_seconds{${podsOf(release)}})`;
  const hash = { regex: `/${labels.hash}="([^"]+)"/` };
  return [
    { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
    createQueryVariable('canary', 'Canary', `query_result(topk(1, ${youngest}))`, hash),
    createQueryVariable('stable', 'Stable', `query_result(bottomk(1, ${youngest}))`, hash),
    createQueryVariable('hash', 'Releases', `label_values(${names.requests}{${podsOf(release)}}, ${labels.hash})`, {
      multi: true,
      includeAll: true,
      allValue: '.*',
      current: { text: 'All', value: '$__all' },
    }),
  ];
}

function createQueryVariable(name: string, label: string, query: string, more: object): object {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    // When the time range changes.
    refresh: 2,
    ...more,
  };
}
