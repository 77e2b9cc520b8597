import { seconds } from '../queries/series.js';
import { MOST } from '../release/kubernetes.js';
import type { Release } from '../release/release.js';
import { podLabels } from '../release/workload.js';
import type { Manifest } from './manifest.js';
import { ROLE_LABEL } from './roles.js';
import { alerts, recordingRules } from './rules.js';
import { verdictRules } from './verdict-rules.js';

/** How Prometheus finds the pods. */
export type Scrape = 'pod-monitor' | 'service-monitor' | 'scrape-config';
export const SCRAPES: readonly Scrape[] = ['pod-monitor', 'service-monitor', 'scrape-config'];

/**
 * Returns what Prometheus needs of a release: the scrape, which tells the pods apart, and the rules. If the pods push,
 * it is only the rules.
 */
export function prometheus(release: Release, scrape: Scrape): readonly Manifest[] {
  if (scrape === 'scrape-config') return [scrapeConfig(release)];
  const rules: Manifest = {
    value: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: metadata(release),
      spec: rulesOf(release),
    },
  };
  if (release.push) return [{ ...rules, why: { '': PUSHED } }];
  return scrape === 'pod-monitor' ? [podMonitor(release), rules] : [...serviceMonitor(release), rules];
}

/** Returns the rules as a file for `rule_files`. */
export function ruleFile(release: Release): Manifest {
  return { value: rulesOf(release) };
}

function rulesOf(release: Release): object {
  return {
    groups: [
      { name: `${release.name}-canary`, rules: recordingRules(release) },
      ...(release.recordingRules === undefined ? [] : [verdictRules(release, release.recordingRules)]),
      { name: `${release.name}-coalmine`, rules: alerts(release) },
    ],
  };
}

// That of the canary and of what Flagger makes of it, where a label may be so long.
function selector(release: Release): object {
  return {
    matchExpressions: Object.entries(podLabels(release)).map(([key, value]) => ({
      key,
      operator: 'In',
      values: [value, `${value}-primary`].filter((each) => each.length <= MOST),
    })),
  };
}

const HASH = 'rollouts-pod-template-hash';
const PUSHED = `The pods push, so nothing is scraped. Prometheus takes OTLP with --web.enable-otlp-receiver, and
otlp.promote_resource_attributes makes the labels of its series: docs/push.md.`;
const ONCE =
  'One monitor for all pods: two monitors, for the Services of canary and stable, would scrape the same pods twice after a promotion.';
const TOLD_APART =
  'The operator drops all other labels of pods. The hash stays for the life of a pod; a role would change at promotion.';
const UNDER_FLAGGER = 'Pods of a Deployment, such as the pods under Flagger, have their hash under another name.';

interface Relabeling {
  readonly from: string;
  readonly to: string;
  readonly regex?: string;
}

/** Labels that the operator sets by itself. */
const OF_OPERATOR: readonly Relabeling[] = [
  { from: '__meta_kubernetes_namespace', to: 'namespace' },
  { from: '__meta_kubernetes_pod_name', to: 'pod' },
  { from: `__meta_kubernetes_pod_label_${HASH.replaceAll('-', '_')}`, to: HASH.replaceAll('-', '_') },
];

/** Returns the labels by which the queries tell pods apart; the hash comes from whichever label has one. */
function relabelings({ labels, recordingRules }: Release): readonly Relabeling[] {
  const hash = (label: string): Relabeling => ({
    from: `__meta_kubernetes_pod_label_${label}`,
    to: labels.hash,
    regex: '(.+)',
  });
  return [
    { from: '__meta_kubernetes_namespace', to: labels.namespace },
    { from: '__meta_kubernetes_pod_name', to: labels.pod },
    hash('rollouts_pod_template_hash'),
    hash('pod_template_hash'),
    ...(recordingRules === 'argo'
      ? [{ from: `__meta_kubernetes_pod_label_${ROLE_LABEL.replaceAll('-', '_')}`, to: labels.role }]
      : []),
  ];
}

function endpoint(release: Release): object {
  const { adminPort, metricsPath, analysis } = release;
  const isGiven = ({ from, to }: Relabeling): boolean =>
    OF_OPERATOR.some((each) => each.from === from && each.to === to);
  return {
    port: adminPort === undefined ? 'http' : 'admin',
    path: metricsPath,
    interval: seconds(analysis.scrapeSeconds),
    relabelings: relabelings(release)
      .filter((each) => !isGiven(each))
      .map(({ from, to, ...rest }) => ({ sourceLabels: [from], ...rest, targetLabel: to })),
  };
}

function podMonitor(release: Release): Manifest {
  return {
    value: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: metadata(release),
      spec: {
        selector: selector(release),
        podTargetLabels: [HASH],
        podMetricsEndpoints: [endpoint(release)],
      },
    },
    why: {
      '': `Also scrapes pods before they are ready. ${ONCE}`,
      'spec.podTargetLabels': TOLD_APART,
      'spec.podMetricsEndpoints.0.relabelings': UNDER_FLAGGER,
    },
  };
}

function serviceMonitor(release: Release): readonly Manifest[] {
  const { name, namespace, port, adminPort } = release;
  const [named, target] = adminPort === undefined ? ['http', port] : ['admin', adminPort];
  const labels = { 'coalmine/metrics': name };
  return [
    {
      value: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: `${name}-metrics`, namespace, labels },
        spec: {
          clusterIP: 'None',
          publishNotReadyAddresses: true,
          selector: podLabels(release),
          ports: [{ name: named, port: target, targetPort: named }],
        },
      },
      why: {
        '': 'Only for the scrape. Flagger changes the labels of its primary, so it needs the PodMonitor.',
        'spec.publishNotReadyAddresses':
          'A pod must be scraped from its first second; otherwise its first errors are lost.',
      },
    },
    {
      value: {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'ServiceMonitor',
        metadata: metadata(release),
        spec: { selector: { matchLabels: labels }, podTargetLabels: [HASH], endpoints: [endpoint(release)] },
      },
      why: {
        '': ONCE,
        'spec.podTargetLabels': TOLD_APART,
        'spec.endpoints.0.relabelings': UNDER_FLAGGER,
      },
    },
  ];
}

function scrapeConfig(release: Release): Manifest {
  const { name, namespace, adminPort, metricsPath, analysis } = release;
  const meta = '__meta_kubernetes_pod_';
  const selected = Object.keys(podLabels(release)).length;
  return {
    value: {
      scrape_configs: [
        {
          job_name: `${namespace}/${name}`,
          scrape_interval: seconds(analysis.scrapeSeconds),
          metrics_path: metricsPath,
          kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: [namespace] } }],
          relabel_configs: [
            ...Object.entries(podLabels(release)).map(([label, value]) => ({
              source_labels: [`${meta}label_${label.replace(/\W/g, '_')}`],
              regex: `${value.replaceAll('.', '\\.')}(-primary)?`,
              action: 'keep',
            })),
            {
              source_labels: [`${meta}container_port_name`],
              regex: adminPort === undefined ? 'http' : 'admin',
              action: 'keep',
            },
            { source_labels: [`${meta}phase`], regex: 'Pending|Succeeded|Failed', action: 'drop' },
            ...relabelings(release).map(({ from, to, ...rest }) => ({
              source_labels: [from],
              ...rest,
              target_label: to,
            })),
          ],
        },
      ],
    },
    why: {
      [`scrape_configs.0.relabel_configs.${selected + 4}`]:
        'The hash stays for the life of a pod; a role would change at promotion.',
      [`scrape_configs.0.relabel_configs.${selected + 5}`]: UNDER_FLAGGER,
    },
  };
}

function metadata({ name, namespace, operator }: Release): object {
  return { name, namespace, labels: { app: name, ...operator.labels } };
}
