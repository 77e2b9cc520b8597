import {
  AnalysisTemplate,
  ClusterAnalysisTemplate,
  Rollout,
} from '@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1';
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import { VirtualService } from '@kubernetes-models/istio/networking.istio.io/v1beta1';
import {
  PodMonitor,
  PrometheusRule,
  ServiceMonitor,
} from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { IngressRoute, TraefikService } from '@kubernetes-models/traefik/traefik.io/v1alpha1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1';
import { Service } from 'kubernetes-models/v1';
import { flaggerErrors } from './flagger-schema.js';

/** An object for a cluster. */
export interface Kubernetes {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

type Model = new (value: never) => { validate(): void };

const MODELS: Readonly<Record<string, Model | undefined>> = {
  'argoproj.io/v1alpha1 AnalysisTemplate': AnalysisTemplate,
  'argoproj.io/v1alpha1 ClusterAnalysisTemplate': ClusterAnalysisTemplate,
  'argoproj.io/v1alpha1 Rollout': Rollout,
  'apps/v1 Deployment': Deployment,
  'autoscaling/v2 HorizontalPodAutoscaler': HorizontalPodAutoscaler,
  'v1 Service': Service,
  'networking.k8s.io/v1 Ingress': Ingress,
  'gateway.networking.k8s.io/v1 HTTPRoute': HTTPRoute,
  // An older version has the same fields.
  'networking.istio.io/v1 VirtualService': VirtualService,
  'traefik.io/v1alpha1 TraefikService': TraefikService,
  'traefik.io/v1alpha1 IngressRoute': IngressRoute,
  'monitoring.coreos.com/v1 PodMonitor': PodMonitor,
  'monitoring.coreos.com/v1 ServiceMonitor': ServiceMonitor,
  'monitoring.coreos.com/v1 PrometheusRule': PrometheusRule,
};

/** Checks an object against the schema of its kind. Throws what a cluster would refuse, or that the kind has no schema here. */
export function validate(object: Kubernetes): void {
  const { apiVersion, kind, metadata, spec } = object;
  if (apiVersion === 'flagger.app/v1beta1' && (kind === 'Canary' || kind === 'MetricTemplate')) {
    const errors = flaggerErrors(kind, spec);
    if (errors.length > 0) throw new Error(`${kind} ${metadata.name}: ${errors.join('; ')}`);
    return;
  }
  const Model = MODELS[`${apiVersion} ${kind}`];
  if (Model === undefined) throw new Error(`there is no schema of ${apiVersion} ${kind}`);
  const known = kind === 'VirtualService' ? { ...object, apiVersion: 'networking.istio.io/v1beta1' } : object;
  new Model(known as never).validate();
}
