import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Mapping } from './read.js';
import { checkReferences } from './references.js';

const read = (text: string): Mapping => parse(text) as Mapping;
const messagesOf = (object: string, ...others: readonly string[]): readonly string[] =>
  checkReferences(read(object), others.map(read)).map(({ message }) => message);

const rollout = (strategy: string, more = ''): string =>
  `{ kind: Rollout, metadata: { name: shop, namespace: prod }, spec: { strategy: { ${strategy} }${more} } }`;
const CANARY_SERVICES = 'canary: { stableService: shop-stable, canaryService: shop-canary }';
const service = (name: string, more = ''): string =>
  `{ kind: Service, metadata: { name: ${name} }, spec: { selector: { app: shop${more} } } }`;
const PODS = ', template: { metadata: { labels: { app: shop } } }';

describe('the objects that a Rollout names', () => {
  it('are assumed to be in the cluster if the files have none of their kind', () => {
    expect(messagesOf(rollout(CANARY_SERVICES))).toEqual([]);
  });

  it('are missing if the files have others of their kind', () => {
    expect(messagesOf(rollout(CANARY_SERVICES), service('shop-stable'))).toEqual([
      'spec.strategy.canary.canaryService names shop-canary, but these files have no Service of this name: unless the Service is in the cluster, the Rollout does not start',
    ]);
  });

  it('may be in no namespace yet, but not in another one', () => {
    const elsewhere = '{ kind: Service, metadata: { name: shop-canary, namespace: stage } }';
    expect(messagesOf(rollout(CANARY_SERVICES), service('shop-stable'), service('shop-canary'))).toEqual([]);
    expect(messagesOf(rollout(CANARY_SERVICES), service('shop-stable'), elsewhere)).toHaveLength(1);
  });

  it('are Services that select its pods, whatever hash a Service selects now', () => {
    const both = (more: string): readonly string[] =>
      messagesOf(rollout(CANARY_SERVICES, PODS), service('shop-stable'), service('shop-canary', more));
    expect(both(', rollouts-pod-template-hash: 7d9c')).toEqual([]);
    expect(both(', tier: web')).toEqual([
      'the Service shop-canary selects tier: web, but the pods of the Rollout have no such label: Argo Rollouts refuses the Rollout (InvalidSpec)',
    ]);
  });

  it('are Ingresses that send requests to the Service of stable', () => {
    const routing = `canary: { stableService: shop-stable, trafficRouting: { nginx: { stableIngress: shop } } }`;
    const ingress = (backend: string): string =>
      `{ kind: Ingress, metadata: { name: shop }, spec: { rules: [{ http: { paths: [{ backend: { service: { name: ${backend} } } }] } }] } }`;
    expect(messagesOf(rollout(routing), ingress('shop-stable'))).toEqual([]);
    expect(messagesOf(rollout(routing), ingress('shop'))).toEqual([
      'the Ingress shop has no backend shop-stable: Argo Rollouts refuses the Rollout (InvalidSpec)',
    ]);
    const alb = `canary: { stableService: shop-stable, trafficRouting: { alb: { ingress: shop, rootService: root } } }`;
    expect(messagesOf(rollout(alb), ingress('root'))).toEqual([]);
    expect(messagesOf(rollout(alb), ingress('shop-stable'))).toHaveLength(1);
  });

  it('are VirtualServices, which may be in the namespace after a dot', () => {
    const routing = (name: string): string =>
      rollout(`canary: { trafficRouting: { istio: { virtualService: { name: ${name} } } } }`);
    const other = '{ kind: VirtualService, metadata: { name: other } }';
    expect(messagesOf(routing('shop'), other)).toHaveLength(1);
    expect(messagesOf(routing('shop.mesh'), other)).toEqual([]);
  });

  it('are Deployments whose pods its selector selects', () => {
    const of = (app: string): string =>
      rollout(
        'canary: {}',
        `, selector: { matchLabels: { app: ${app} } }, workloadRef: { kind: Deployment, name: shop }`,
      );
    const deployment =
      '{ kind: Deployment, metadata: { name: shop }, spec: { template: { metadata: { labels: { app: shop } } } } }';
    expect(messagesOf(of('shop'), deployment)).toEqual([]);
    expect(messagesOf(of('cart'), deployment)).toEqual([
      'the pods of the Deployment shop have other labels than spec.selector selects: Argo Rollouts refuses the Rollout (InvalidSpec)',
    ]);
  });
});

describe('the objects that a Canary names', () => {
  const canary = (spec: string): string =>
    `{ kind: Canary, metadata: { name: shop, namespace: prod }, spec: { ${spec} } }`;

  it('are its target, its autoscaler and its Ingress', () => {
    const target = 'targetRef: { kind: Deployment, name: shop }';
    expect(messagesOf(canary(target), '{ kind: Deployment, metadata: { name: shop } }')).toEqual([]);
    expect(messagesOf(canary(target), '{ kind: Deployment, metadata: { name: cart } }')).toEqual([
      'spec.targetRef.name names shop, but these files have no Deployment of this name: unless the Deployment is in the cluster, the Canary does not start',
    ]);
    const ingress = `${target}, ingressRef: { kind: Ingress, name: shop }`;
    expect(messagesOf(canary(ingress), '{ kind: Ingress, metadata: { name: shop } }')).toEqual([
      'the Ingress shop has no backend shop: the Canary never starts',
    ]);
  });

  it('are MetricTemplates, which it finds in its own namespace or in the named one', () => {
    const template = (namespace: string): string =>
      `{ kind: MetricTemplate, metadata: { name: errors${namespace === '' ? '' : `, namespace: ${namespace}`} } }`;
    const metrics = (more = ''): string =>
      canary(`analysis: { metrics: [{ name: a }, { templateRef: { name: errors${more} } }] }`);
    expect(messagesOf(metrics(), template('prod'))).toEqual([]);
    expect(messagesOf(metrics(), template(''))).toEqual([]);
    expect(messagesOf(metrics(', namespace: flagger'), template('flagger'))).toEqual([]);
    expect(messagesOf(metrics(), template('flagger'))).toEqual([
      'spec.analysis.metrics[1].templateRef makes Flagger look for the MetricTemplate errors in prod, but these files have it in flagger: unless one is in the cluster, every check fails',
    ]);
    expect(messagesOf(metrics(', namespace: prod'), template('flagger'))[0]).toContain(
      'spec.analysis.metrics[1].templateRef.namespace makes Flagger look',
    );
  });
});
