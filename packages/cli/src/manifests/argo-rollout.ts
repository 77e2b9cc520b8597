import { PERSISTENCE } from '../queries/persistence.js';
import type { Release } from '../release/release.js';
import { podLabels, type ScaleDown, type Workload } from '../release/workload.js';
import { argumentsOf } from './argo-templates.js';
import { autoscaler, replicasOf } from './autoscaler.js';
import type { Manifest } from './manifest.js';
import { DEADLINE_REASON, podReasons, podTemplate, progressDeadline } from './pod.js';
import { metadataOfRole } from './roles.js';
import { routesOf } from './routes.js';
import { timingOf } from './timing.js';

/** Returns the Rollout of a release, with its Services and routes. */
export function argoRollout(release: Release): readonly Manifest[] {
  const isCanary = release.strategy === 'canary';
  const services = isCanary ? ['stable', 'canary'] : ['active', 'preview'];
  return [
    rollout(release, isCanary ? canary(release) : blueGreen(release)),
    ...autoscaler(release, { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: release.name }),
    ...services.map((role) => service(release, role)),
    ...(isCanary ? routesOf(release) : []),
  ];
}

interface Strategy {
  readonly value: object;
  /** By paths below `spec.strategy`. */
  readonly why: Readonly<Record<string, string>>;
}

function rollout(release: Release, { value, why }: Strategy): Manifest {
  const { name, namespace, workload } = release;
  return {
    value: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { name, namespace },
      spec: {
        ...replicasOf(release),
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: progressDeadline(release),
        progressDeadlineAbort: true,
        ...(workload === undefined ? { selector: { matchLabels: podLabels(release) } } : workloadRef(workload)),
        strategy: value,
        ...(workload === undefined ? { template: podTemplate(release, 'argo') } : {}),
      },
    },
    why: {
      'spec.progressDeadlineSeconds': DEADLINE_REASON,
      ...Object.fromEntries(Object.entries(why).map(([path, text]) => [`spec.strategy.${path}`, text])),
      ...(workload === undefined
        ? podReasons(release, 'spec.template', 'argo')
        : {
            'spec.workloadRef': `The pods come from its template, with the probes of docs/health.md. Its name and port are read from
there: the Services below ask for the port named http.`,
            'spec.workloadRef.scaleDown': SCALE_DOWN_REASONS[workload.scaleDown],
          }),
    },
  };
}

const SCALE_DOWN_REASONS: Readonly<Record<ScaleDown, string>> = {
  never: 'Its pods keep running in addition to the pods of the Rollout: scale it down yourself.',
  onsuccess: 'Scaled to 0 once the pods of the Rollout are healthy.',
  progressively: 'One pod is removed for each pod that the Rollout starts.',
};

function workloadRef({ deployment, scaleDown }: Workload): object {
  return { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment, scaleDown } };
}

function canary(release: Release): Strategy {
  const { name, weights, router } = release;
  const analysed = (role: string, weight?: number): object => ({
    templates: [templateRef(release, role)],
    args: analysisArguments(release, role, weight),
  });
  return {
    value: {
      canary: {
        canaryService: `${name}-canary`,
        stableService: `${name}-stable`,
        ...(release.recordingRules === undefined
          ? {}
          : { canaryMetadata: metadataOfRole('canary'), stableMetadata: metadataOfRole('stable') }),
        ...trafficRouting(release),
        maxSurge: '25%',
        maxUnavailable: 0,
        analysis: { ...analysed('guard'), startingStep: 1 },
        steps: weights.flatMap((weight) => [{ setWeight: weight }, { analysis: analysed('gate', weight) }]),
      },
    },
    why: {
      ...(release.recordingRules === undefined
        ? {}
        : { 'canary.canaryMetadata': 'The recording rules tell the pods of both sides by this label.' }),
      ...(router === 'linkerd' || router === 'gateway'
        ? { 'canary.trafficRouting': 'Needs the Gateway API plugin of Argo Rollouts, which must be installed.' }
        : {}),
      'canary.analysis': 'From the second step on: before the end of the first step there are no pods to measure.',
      'canary.steps':
        router === 'basic'
          ? 'Without a router the weight is a number of pods, rounded up: of 3 pods, 5 % is one.'
          : 'Each weight lasts until the gate has its evidence. After the last weight the release is promoted.',
    },
  };
}

function blueGreen(release: Release): Strategy {
  const { name } = release;
  const { count, intervalSeconds } = release.analysis;
  const { settled, persisted, errors } = timingOf(release);
  const last = persisted(PERSISTENCE.spans);
  const longest = Math.max(settled + count * intervalSeconds, last.delay + last.count * last.interval);
  const analysed = (role: string): object => ({
    templates: [templateRef(release, role)],
    args: analysisArguments(release, role),
  });
  return {
    value: {
      blueGreen: {
        activeService: `${name}-active`,
        previewService: `${name}-preview`,
        prePromotionAnalysis: analysed('preview'),
        postPromotionAnalysis: analysed('gate'),
        scaleDownDelaySeconds: Math.max(600, Math.ceil(longest + 10 * errors)),
      },
    },
    why: {
      'blueGreen.prePromotionAnalysis': 'Starts once all pods of the preview are ready.',
      'blueGreen.postPromotionAnalysis': 'Runs with all users on the new version; a failure switches back.',
      'blueGreen.scaleDownDelaySeconds':
        'Longer than the analysis after the switch may take; otherwise there is nothing to switch back to.',
    },
  };
}

function analysisArguments(release: Release, role: string, weight?: number): readonly object[] {
  const values: Record<string, object> = {
    'canary-hash': { valueFrom: { podTemplateHashValue: 'Latest' } },
    'stable-hash': { valueFrom: { podTemplateHashValue: 'Stable' } },
    namespace: { value: release.namespace },
    'canary-weight': { value: String(weight) },
  };
  return argumentsOf(release, role).map(({ name }) => ({ name, ...values[name] }));
}

function templateRef({ name, cluster }: Release, role: string): object {
  return { templateName: `${name}-${role}`, ...(cluster ? { clusterScope: true } : {}) };
}

function service(release: Release, role: string): Manifest {
  const { name, namespace } = release;
  return {
    value: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `${name}-${role}`, namespace },
      spec: { selector: podLabels(release), ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
    why: { 'spec.selector': `The controller adds the template hash of the ${role} pods.` },
  };
}

function trafficRouting({ name, namespace, router }: Release): object {
  const routing: Record<Release['router'], object | undefined> = {
    basic: undefined,
    nginx: { nginx: { stableIngress: name } },
    istio: { istio: { virtualService: { name, routes: ['primary'] } } },
    linkerd: gatewayPlugin(name, namespace),
    gateway: gatewayPlugin(name, namespace),
    traefik: { traefik: { weightedTraefikServiceName: name } },
  };
  return routing[router] === undefined ? {} : { trafficRouting: routing[router] };
}

// https://rollouts-plugin-trafficrouter-gatewayapi.readthedocs.io
function gatewayPlugin(httpRoute: string, namespace: string): object {
  return { plugins: { 'argoproj-labs/gatewayAPI': { httpRoute, namespace } } };
}
