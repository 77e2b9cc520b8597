import { isMapping } from '@coalmine/options';
import { isAskable, withScheme } from '../address.js';
import { isExcerpt } from '../excerpt.js';
import { type Fault, showValue } from '../fault.js';
import { has, listAt, type Mapping, mappingAt, numberAt, textAt, valueAt } from '../read.js';
import { createRefuse } from '../refuse.js';
import type { Path } from '../yaml.js';
import { checkServices } from './check-canary-services.js';

// Fields that Flagger reads as whole numbers, although the CRD accepts any number.
const WHOLE: readonly Path[] = [
  ['progressDeadlineSeconds'],
  ['service', 'port'],
  ['analysis', 'iterations'],
  ['analysis', 'threshold'],
  ['analysis', 'maxWeight'],
  ['analysis', 'stepWeight'],
  ['analysis', 'stepWeightPromotion'],
  ['analysis', 'mirrorWeight'],
  ['analysis', 'primaryReadyThreshold'],
  ['analysis', 'canaryReadyThreshold'],
  ['analysis', 'sessionAffinity', 'maxAge'],
];

/** The providers whose routers do not read `match`. */
const WITHOUT_MATCH = /^(?:linkerd|smi|osm|kuma|traefik|skipper|apisix|knative)\b/;

/** Returns why Flagger cannot run a Canary that fits its schema. */
export function checkCanary(canary: Mapping): readonly Fault[] {
  const faults: Fault[] = [];
  const spec = mappingAt(canary, 'spec');
  const provider = textAt(spec, 'provider');
  const refuse = createRefuse(faults);
  if (!has(canary, 'spec')) {
    const message =
      'the Canary lacks spec: the API server accepts the Canary, and Flagger ends with a panic at every start';
    return [{ rule: 'missing-field', path: [], fields: ['spec'], message, repair: 'add spec' }];
  }
  checkWhole();
  if (!isExcerpt('Canary', canary)) {
    checkTarget();
    checkServices(spec, refuse);
    checkRouter();
  }
  checkAnalysis();
  return faults;

  function checkWhole(): void {
    const paths = [
      ...WHOLE,
      ...listAt(spec, 'analysis', 'stepWeights').map((_, i) => ['analysis', 'stepWeights', i]),
      ...listAt(spec, 'analysis', 'webhooks').map((_, i) => ['analysis', 'webhooks', i, 'retries']),
    ];
    for (const path of paths) {
      const value = path.reduce<unknown>(
        (of, key) => (of as Record<string | number, unknown> | undefined)?.[key],
        spec,
      );
      if (typeof value !== 'number' || Number.isInteger(value)) continue;
      refuse(
        'refused-value',
        ['spec', ...path],
        `is ${value}, but Flagger reads whole numbers: Flagger can no longer read any Canary of the cluster`,
        `write ${Math.round(value)}`,
      );
    }
  }

  function checkTarget(): void {
    const { apiVersion, kind } = mappingAt(spec, 'targetRef');
    const isKnative = kind === 'Service' && apiVersion === 'serving.knative.dev/v1';
    if (isKnative !== (provider === 'knative')) {
      const [what, repair] = isKnative
        ? [
            `is a Service of Knative, but the provider is ${provider === '' ? "Flagger's default" : provider}`,
            'provider: knative',
          ]
        : [
            'is not a Service of Knative, but the provider is knative',
            'write apiVersion: serving.knative.dev/v1 and kind: Service',
          ];
      refuse('refused-together', ['spec', 'targetRef'], `${what}: Flagger refuses the Canary`, repair);
    }
    if (isKnative && has(spec, 'autoscalerRef')) {
      refuse(
        'refused-together',
        ['spec', 'autoscalerRef'],
        'cannot be combined with a Service of Knative: Flagger refuses the Canary',
        'remove autoscalerRef',
      );
    }
  }

  /** Checks what the router of the provider needs to start. */
  function checkRouter(): void {
    const needs = (isMissing: boolean, path: Path, field: string): void => {
      if (!isMissing) return;
      refuse(
        'missing-field',
        path,
        `lacks ${field}, which provider ${provider} needs: the Canary never starts`,
        `add ${field}`,
        { fields: [field] },
      );
    };
    if (['nginx', 'skipper'].includes(provider)) needsName('ingressRef');
    if (provider === 'apisix') needsName('routeRef');
    if (provider.startsWith('gatewayapi')) {
      needs(
        listAt(spec, 'service', 'gatewayRefs').length === 0 && has(spec, 'service'),
        ['spec', 'service'],
        'gatewayRefs',
      );
    }
    if (provider.startsWith('appmesh')) {
      needs(textAt(spec, 'service', 'meshName') === '' && has(spec, 'service'), ['spec', 'service'], 'meshName');
    }
    const isDelegated = valueAt(spec, 'service', 'delegation') === true;
    const isReached = listAt(spec, 'service', 'hosts').length + listAt(spec, 'service', 'gateways').length > 0;
    if (provider === 'istio' && isDelegated && isReached) {
      refuse(
        'refused-together',
        ['spec', 'service', 'delegation'],
        'excludes hosts and gateways: the Canary never starts',
        'remove hosts and gateways, or delegation',
      );
    }

    function needsName(field: string): void {
      needs(!has(spec, field), ['spec'], field);
      if (has(spec, field, 'name') && textAt(spec, field, 'name') === '') {
        refuse(
          'refused-value',
          ['spec', field, 'name'],
          `is empty, but provider ${provider} needs a name: the Canary never starts`,
          'write a name',
        );
      }
    }
  }

  function checkAnalysis(): void {
    const path = ['spec', 'analysis'];
    const analysis = mappingAt(spec, 'analysis');
    const affinity = mappingAt(analysis, 'sessionAffinity');
    const [cookie, primary] = [textAt(affinity, 'cookieName'), textAt(affinity, 'primaryCookieName')];
    if (has(affinity, 'cookieName') && cookie === primary) {
      refuse(
        'refused-together',
        [...path, 'sessionAffinity', 'cookieName'],
        `is ${showValue(cookie)}, like primaryCookieName: Flagger refuses the Canary`,
        'write two different names',
      );
    }
    checkWeights(analysis, path);
    checkSpecialTraffic(analysis, path);
    for (const [i, webhook] of listAt(analysis, 'webhooks').entries()) {
      const url = textAt(webhook, 'url');
      if (url === '' || isAskable(url)) continue;
      refuse(
        'invalid-address',
        [...path, 'webhooks', i, 'url'],
        `is ${showValue(url)}, which has no scheme and host: every call fails`,
        `url: ${withScheme(url)}`,
      );
    }
    for (const [i, metric] of listAt(analysis, 'metrics').entries()) {
      if (!isMapping(metric)) continue;
      if (has(metric, 'templateRef', 'name') && textAt(metric, 'templateRef', 'name') === '') {
        refuse(
          'refused-value',
          [...path, 'metrics', i, 'templateRef', 'name'],
          'is empty: every check fails',
          'write the name of a MetricTemplate',
        );
      }
    }
  }

  /** Checks tests by headers and mirrored requests, which not all routers have. */
  function checkSpecialTraffic(analysis: Mapping, path: Path): void {
    const iterations = numberAt(analysis, 'iterations') ?? 0;
    if (listAt(analysis, 'match').length > 0 && iterations > 0 && WITHOUT_MATCH.test(provider)) {
      refuse(
        'refused-together',
        [...path, 'match'],
        `has no effect with provider ${provider}: all users get the canary, from the first iteration`,
        'use stepWeight in place of match and iterations',
      );
    }
    const isMirroring = valueAt(analysis, 'mirror') === true && iterations === 0;
    if (isMirroring && !['', 'istio', 'kubernetes'].includes(provider)) {
      refuse(
        'refused-together',
        [...path, 'mirror'],
        `has no effect with provider ${provider} and weights: Flagger tries to mirror requests again and again, and the weight of the canary stays at 0`,
        provider.startsWith('gatewayapi') ? 'remove mirror, or use iterations' : 'remove mirror',
      );
    }
  }

  function checkWeights(analysis: Mapping, path: Path): void {
    const steps = listAt(analysis, 'stepWeights');
    const weights = steps.every((step) => typeof step === 'number') ? (steps as readonly number[]) : [];
    for (const [i, weight] of weights.entries()) {
      const before = weights[i - 1] ?? 0;
      if (weight > before && weight <= 100) continue;
      const what = weight > 100 ? `is ${weight}, above 100` : `is ${weight}, which is not above ${before}`;
      refuse(
        'refused-value',
        [...path, 'stepWeights', i],
        `${what}: the weight of the canary does not advance`,
        'write weights from 1 to 100, each above the one before',
      );
    }
    for (const field of ['stepWeight', 'maxWeight', 'stepWeightPromotion', 'mirrorWeight']) {
      const weight = numberAt(analysis, field);
      if (weight === undefined || !Number.isInteger(weight)) continue;
      if (weight < 0 || weight > 100)
        refuse(
          'refused-value',
          [...path, field],
          `is ${weight}, but a weight is a share of 100`,
          'write a weight from 1 to 100',
        );
    }
    for (const field of ['iterations', 'stepWeight']) {
      if (numberAt(analysis, field) === 0 && weights.length === 0) {
        refuse(
          'refused-value',
          [...path, field],
          'is 0: the canary gets no traffic that could be judged',
          'write 1 or more',
        );
      }
    }
  }
}
