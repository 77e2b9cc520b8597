import type { Release } from '../release/release.js';
import { podLabels } from '../release/workload.js';

// What the app does by default at SIGTERM: `health.drainSeconds`, then `health.closeSeconds`.
const DRAIN_SECONDS = 5;
const CLOSE_SECONDS = 20;

/** What tells the pods of one version from those of the other: a variable, and the label that it is read from. */
const TELLING = {
  argo: {
    variable: 'ROLLOUTS_POD_TEMPLATE_HASH',
    label: 'rollouts-pod-template-hash',
    why: 'Tells canary from stable for the life of the pod. A role would not: it changes at promotion.',
  },
  flagger: {
    variable: 'FLAGGER_SELECTOR_LABEL',
    label: 'app',
    why: 'Tells primary from canary: Flagger gives the pods of its copy this label with `-primary` at the end.',
  },
} as const;

/** Why there is a {@link progressDeadline}. */
export const DEADLINE_REASON: string =
  'A canary that does not become ready within it, be it for its schema, is given up: more than its start-up probe allows.';

/** Seconds after which pods that make no progress are given up. */
export function progressDeadline({ analysis }: Release): number {
  return Math.max(600, Math.ceil(4 * analysis.startSeconds));
}

/** The pod template of a release, the same under a Rollout and a Deployment but for what tells its pods apart. */
export function podTemplate(release: Release, controller: keyof typeof TELLING): object {
  const { image, port, adminPort, analysis, autoscale } = release;
  const { variable, label } = TELLING[controller];
  const probe = adminPort === undefined ? 'http' : 'admin';
  const at = (path: string): object => ({ httpGet: { path, port: probe } });
  return {
    metadata: { labels: podLabels(release) },
    spec: {
      terminationGracePeriodSeconds: DRAIN_SECONDS + CLOSE_SECONDS + 5,
      containers: [
        {
          name: 'app',
          image,
          ...(autoscale === undefined ? {} : { resources: { requests: { cpu: autoscale.cpuRequest } } }),
          env: [
            fieldVariable('POD_NAME', 'metadata.name'),
            fieldVariable('POD_NAMESPACE', 'metadata.namespace'),
            fieldVariable(variable, `metadata.labels['${label}']`),
            ...(release.push ? pushVariables(release) : []),
          ],
          ports: [
            { name: 'http', containerPort: port },
            ...(adminPort === undefined ? [] : [{ name: 'admin', containerPort: adminPort }]),
          ],
          startupProbe: {
            ...at('/startupz'),
            periodSeconds: 2,
            failureThreshold: Math.max(30, Math.ceil(analysis.startSeconds)),
          },
          livenessProbe: { ...at('/livez'), periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 6 },
          readinessProbe: { ...at('/readyz'), periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 2 },
        },
      ],
    },
  };
}

/** The reasons for what stands in it, by paths below `spec.template`. */
export function podReasons(
  { autoscale, push }: Release,
  at: string,
  controller: keyof typeof TELLING,
): Record<string, string> {
  const container = `${at}.spec.containers.0`;
  return {
    [`${at}.spec.terminationGracePeriodSeconds`]: `At SIGTERM the app turns unready, serves on for ${DRAIN_SECONDS} s and closes within ${CLOSE_SECONDS} s. No preStop sleep is
needed; one would have to be added to this number.`,
    ...(autoscale === undefined
      ? {}
      : { [`${container}.resources`]: 'What the autoscaler takes its percentage of: measure what a pod needs.' }),
    [`${container}.env`]:
      'Who the pod is, for its metrics and traces. Its version is best said in the image: ENV APP_VERSION.',
    [`${container}.env.2`]: TELLING[controller].why,
    ...(push
      ? {
          [`${container}.env.3`]: 'The label job of its series.',
          [`${container}.env.5`]:
            'The OTLP receiver of that Prometheus. Where a Collector stands between, its address with /v1/metrics behind it.',
        }
      : {}),
    [`${container}.startupProbe`]: 'At least twice the time that a pod takes to start.',
    [`${container}.livenessProbe`]:
      'Looks at no dependency, and stays 200 while the pod drains: a minute without an answer is a blocked event loop.',
    [`${container}.readinessProbe`]: 'Answered from memory; the checks behind it have counted to three already.',
  };
}

/** A variable of the container that Kubernetes fills in at the start of the pod. */
function fieldVariable(name: string, fieldPath: string): object {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

/** What the exporter of the pod reads: who it is, where it sends its metrics and how often. */
function pushVariables({ name, prometheus, analysis }: Release): readonly object[] {
  return [
    { name: 'OTEL_SERVICE_NAME', value: name },
    { name: 'OTEL_METRIC_EXPORT_INTERVAL', value: String(Math.round(1000 * analysis.scrapeSeconds)) },
    {
      name: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
      value: `${prometheus.replace(/\/$/, '')}/api/v1/otlp/v1/metrics`,
    },
  ];
}
