import type { Release } from '../release/release.js';
import { podLabels } from '../release/workload.js';

// What the app does by default at SIGTERM: `health.drainSeconds`, then `health.closeSeconds`.
const DRAIN_SECONDS = 5;
const CLOSE_SECONDS = 20;

/** What tells the pods of one version from the pods of the other: a variable, and the label that it is read from. */
const TELLING = {
  argo: {
    variable: 'ROLLOUTS_POD_TEMPLATE_HASH',
    label: 'rollouts-pod-template-hash',
    why: 'Tells canary from stable for the life of the pod. A role would change at promotion.',
  },
  flagger: {
    variable: 'FLAGGER_SELECTOR_LABEL',
    label: 'app',
    why: 'Tells primary from canary: Flagger gives the pods of its copy this label with `-primary` at the end.',
  },
} as const;

/** Why there is a {@link progressDeadline}. */
export const DEADLINE_REASON: string =
  'A canary that does not become ready in this time, for example because of its schema, fails. It is longer than its start-up probe allows.';

/** Returns the seconds after which pods that make no progress fail. */
export function progressDeadline({ analysis }: Release): number {
  return Math.max(600, Math.ceil(4 * analysis.startSeconds));
}

/**
 * Returns the pod template of a release. It is the same under a Rollout and a Deployment, except for what tells its
 * pods apart.
 */
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

/** Returns the reasons for its values, by paths below `spec.template`. */
export function podReasons(
  { autoscale, push }: Release,
  at: string,
  controller: keyof typeof TELLING,
): Record<string, string> {
  const container = `${at}.spec.containers.0`;
  return {
    [`${at}.spec.terminationGracePeriodSeconds`]: `At SIGTERM the app turns unready, keeps serving for ${DRAIN_SECONDS} s and closes within ${CLOSE_SECONDS} s. No preStop sleep is
needed; one would have to be added to this number.`,
    ...(autoscale === undefined
      ? {}
      : {
          [`${container}.resources`]: 'The autoscaler takes its percentage of this request: measure what a pod needs.',
        }),
    [`${container}.env`]:
      'The identity of the pod, for its metrics and traces. Set its version in the image: ENV APP_VERSION.',
    [`${container}.env.2`]: TELLING[controller].why,
    ...(push
      ? {
          [`${container}.env.3`]: 'The label job of its series.',
          [`${container}.env.5`]:
            'The OTLP receiver of that Prometheus. With a Collector in between, use its address followed by /v1/metrics.',
        }
      : {}),
    [`${container}.startupProbe`]: 'At least twice the time that a pod takes to start.',
    [`${container}.livenessProbe`]:
      'Checks no dependency, and stays 200 while the pod drains: a minute without a response means a blocked event loop.',
    [`${container}.readinessProbe`]:
      'Served from memory; the checks behind it have already failed three times in a row.',
  };
}

/** Returns a variable of the container that Kubernetes sets at the start of the pod. */
function fieldVariable(name: string, fieldPath: string): object {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

/** Returns what the exporter of the pod reads: its name, where it sends its metrics and how often. */
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
