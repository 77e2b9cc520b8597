import { removeComments } from '../promql/comments.js';
import { questionsOf } from '../queries/queries.js';
import type { Question } from '../queries/question.js';
import { seconds } from '../queries/series.js';
import { DESCRIPTION, describeRelease } from '../release/description.js';
import type { Router } from '../release/ingress.js';
import type { Release } from '../release/release.js';
import { podLabels, targetOf } from '../release/workload.js';
import { autoscaler, replicasOf } from './autoscaler.js';
import { flaggerSides } from './flagger-sides.js';
import type { Manifest } from './manifest.js';
import { DEADLINE_REASON, podReasons, podTemplate, progressDeadline } from './pod.js';
import { flaggerProvider } from './provider.js';
import { gatewaysOf, ingress, ingressRoute, istioGateways } from './routes.js';
import { timingOf } from './timing.js';
import { askByName } from './verdict-rules.js';

/** Returns the MetricTemplates and the Canary of a release, with the Deployment that it watches. */
export function flagger(release: Release): readonly Manifest[] {
  const questions = questionsFor(release);
  return [
    ...(release.workload === undefined ? [deployment(release)] : []),
    ...autoscaler(release, { apiVersion: 'apps/v1', kind: 'Deployment', name: targetOf(release) }),
    ...(release.router === 'nginx' ? [ingress(release, release.service)] : []),
    ...(release.router === 'traefik' ? [ingressRoute(release, release.service)] : []),
    canary(release, questions),
    ...questions.map((question) => metricTemplate(release, question)),
  ];
}

// Flagger's names of providers. `basic` is blue-green within Kubernetes, without a split of the traffic.
const PROVIDERS: Readonly<Record<Router, string>> = {
  basic: 'kubernetes',
  nginx: 'nginx',
  istio: 'istio',
  linkerd: 'gatewayapi:v1',
  traefik: 'traefik',
  gateway: 'gatewayapi:v1',
};

/** Returns the questions for Flagger, without doubts: Flagger has no pause, and a doubt must not count as a failure. */
function questionsFor(release: Release): readonly Question[] {
  const { analysis, recordingRules } = release;
  return questionsOf(release, flaggerSides(release, '{{ namespace }}', '{{ target }}'))
    .filter(({ name, kind }) => kind !== 'doubt' && (name !== 'traffic' || analysis.onSilence === 'halt'))
    .map((question) => (recordingRules === undefined ? question : askByName(release, '{{ namespace }}', question)));
}

function metricTemplate(release: Release, { name: metric, why, query }: Question): Manifest {
  const { name, namespace } = release;
  return {
    value: {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'MetricTemplate',
      metadata: { name: `${name}-${metric}`, namespace },
      // Flagger joins the lines of a query, so a comment would swallow the rest.
      spec: { provider: flaggerProvider(release), query: removeComments(query) },
    },
    why: { '': why },
  };
}

function canary(release: Release, questions: readonly Question[]): Manifest {
  const { name, namespace, service, port, router, weights, autoscale, workload } = release;
  const { settled } = timingOf(release);
  const isSplit = router !== 'basic';
  return {
    value: {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      metadata: { name, namespace, annotations: { [DESCRIPTION]: describeRelease(release) } },
      spec: {
        provider: PROVIDERS[router],
        targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: targetOf(release) },
        ...(autoscale === undefined
          ? {}
          : { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name } }),
        ...(router === 'nginx' ? { ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name } } : {}),
        progressDeadlineSeconds: progressDeadline(release),
        service: { name: service, port: 80, targetPort: port, ...routing(release) },
        analysis: {
          interval: seconds(settled),
          threshold: 2,
          ...(isSplit ? { stepWeights: withMiddles(weights), maxWeight: weights.at(-1) } : { iterations: 2 }),
          metrics: questions.map((question) => ({
            name: question.name,
            templateRef: { name: `${name}-${question.name}`, namespace },
            thresholdRange: rangeOf(question),
          })),
        },
      },
    },
    why: {
      'spec.progressDeadlineSeconds': DEADLINE_REASON,
      ...(workload === undefined
        ? {}
        : {
            'spec.targetRef': `Flagger selects its pods by the first of its labels that Flagger knows (-selector-labels): app, name or
app.kubernetes.io/name.`,
          }),
      ...((router === 'istio' || router === 'gateway') && release.ingress.gateways === undefined
        ? { 'spec.service.hosts': 'Name the gateway behind these hosts yourself.' }
        : {}),
      'spec.analysis.interval':
        'Each weight lasts for one interval and is judged at its end: the window contains only this weight, and two more scrapes have come.',
      'spec.analysis.threshold': `Failed checks that roll back, counted over the whole release without a reset: the second rolls back at the tick
after it. A canary without a scrape, or without users, fails its checks: Flagger has no pause.`,
      ...(isSplit
        ? {}
        : {
            'spec.analysis.iterations': `Flagger checks once more after these. No user reaches the canary before it is promoted: send your own requests with
webhooks, starting before the first check.`,
          }),
      'spec.analysis.metrics.0.thresholdRange':
        'Required: without a range any number above 0 is a failure. Both ends are good.',
    },
  };
}

/**
 * Returns weights with one more between each two. Flagger holds a weight for one interval only, and a proof about a
 * route takes three: so there is a proof before the second weight of the release is over.
 */
function withMiddles(weights: readonly number[]): readonly number[] {
  const all = weights.flatMap((weight, i) => [Math.floor(((weights[i - 1] ?? weight) + weight) / 2), weight]);
  return [...new Set(all)];
}

function rangeOf({ good, badAbove }: Question): { min?: number; max?: number } {
  if ('least' in good) return { min: good.least };
  return { max: badAbove ?? good.most };
}

function routing(release: Release): object {
  const { router, host, namespace, service } = release;
  if (router === 'istio') return { hosts: [host], gateways: istioGateways(release) };
  if (router === 'gateway') {
    return { hosts: [host], gatewayRefs: gatewaysOf(release).map((gateway) => ({ namespace, ...gateway })) };
  }
  if (router === 'linkerd')
    return { gatewayRefs: [{ group: 'core', kind: 'Service', name: service, namespace, port: 80 }] };
  return {};
}

function deployment(release: Release): Manifest {
  const { name, namespace } = release;
  return {
    value: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        ...replicasOf(release),
        selector: { matchLabels: podLabels(release) },
        template: podTemplate(release, 'flagger'),
      },
    },
    why: {
      '': 'Flagger copies it to a primary, which serves the users between releases.',
      ...podReasons(release, 'spec.template', 'flagger'),
    },
  };
}
