import { isSelected } from './argo/check-selector.js';
import { type Fault, showPath } from './fault.js';
import { has, listAt, type Mapping, mappingAt, textAt } from './read.js';
import type { Path } from './yaml.js';

const HASH_LABEL = 'rollouts-pod-template-hash';

/** A Service, an Ingress or a workload that another object names. */
interface Named {
  readonly kind: string;
  readonly path: Path;
  readonly name: string;
}

/**
 * Returns conflicts between an object and the Services, Ingresses and workloads in the same files. A kind without any
 * object in the files is assumed to be in the cluster.
 */
export function checkReferences(object: Mapping, others: readonly Mapping[]): readonly Fault[] {
  const faults: Fault[] = [];
  const kind = textAt(object, 'kind');
  const namespace = textAt(object, 'metadata', 'namespace');
  for (const named of kind === 'Rollout'
    ? findNamesInRollout(object)
    : kind === 'Canary'
      ? findNamesInCanary(object)
      : []) {
    const ofKind = others.filter((other) => textAt(other, 'kind') === named.kind);
    const found = ofKind.find((other) => textAt(other, 'metadata', 'name') === named.name && isNear(other));
    if (found !== undefined) {
      const what = mismatch(object, named, found);
      if (what !== undefined) faults.push({ rule: 'refused-together', path: named.path, ...what });
    } else if (ofKind.length > 0) {
      faults.push({
        rule: 'missing-reference',
        path: named.path,
        message: `${showPath(named.path)} names ${named.name}, but these files have no ${named.kind} of this name: unless the ${named.kind} is in the cluster, the ${kind} does not start`,
        repair: `write the name of a ${named.kind}, such as ${textAt(ofKind[0], 'metadata', 'name')}, or add the ${named.kind}`,
      });
    }
  }
  if (kind === 'Canary') faults.push(...findMisplacedTemplates());
  return faults;

  /** Returns faults for MetricTemplates that are in another namespace than the one in which the Canary looks. */
  function findMisplacedTemplates(): readonly Fault[] {
    return listAt(object, 'spec', 'analysis', 'metrics').flatMap((metric, i) => {
      const [name, own] = [textAt(metric, 'templateRef', 'name'), textAt(metric, 'templateRef', 'namespace')];
      const wanted = own === '' ? namespace : own;
      const namesakes = others.filter(
        (other) => textAt(other, 'kind') === 'MetricTemplate' && textAt(other, 'metadata', 'name') === name,
      );
      const spaces = namesakes.map((other) => textAt(other, 'metadata', 'namespace'));
      if (spaces.length === 0 || wanted === '' || spaces.some((space) => space === '' || space === wanted)) return [];
      const path = ['spec', 'analysis', 'metrics', i, 'templateRef', ...(own === '' ? [] : ['namespace'])];
      const message = `${showPath(path)} makes Flagger look for the MetricTemplate ${name} in ${wanted}, but these files have it in ${spaces.join(', ')}: unless one is in the cluster, every check fails`;
      return [{ rule: 'missing-reference' as const, path, message, repair: `write namespace: ${spaces[0]}` }];
    });
  }

  /** Whether an object may be in the same namespace: an object without a namespace can be applied to any. */
  function isNear(other: Mapping): boolean {
    const own = textAt(other, 'metadata', 'namespace');
    return own === '' || namespace === '' || own === namespace;
  }
}

function findNamesInRollout(rollout: Mapping): readonly Named[] {
  const strategy = mappingAt(rollout, 'spec', 'strategy');
  const path = ['spec', 'strategy'];
  const routing = mappingAt(strategy, 'canary', 'trafficRouting');
  const services = [
    ['blueGreen', 'activeService'],
    ['blueGreen', 'previewService'],
    ['canary', 'stableService'],
    ['canary', 'canaryService'],
    ['canary', 'pingPong', 'pingService'],
    ['canary', 'pingPong', 'pongService'],
  ].map((names) => ({ kind: 'Service', path: [...path, ...names], name: textAt(strategy, ...names) }));
  const router = has(routing, 'alb') ? 'alb' : 'nginx';
  const [one, several] = router === 'alb' ? ['ingress', 'ingresses'] : ['stableIngress', 'stableIngresses'];
  const at = [...path, 'canary', 'trafficRouting', router];
  const ingresses = [
    { kind: 'Ingress', path: [...at, one], name: textAt(routing, router, one) },
    ...listAt(routing, router, several).map((name, i) => ({
      kind: 'Ingress',
      path: [...at, several, i],
      name: String(name),
    })),
  ];
  const istio = {
    kind: 'VirtualService',
    path: [...path, 'canary', 'trafficRouting', 'istio', 'virtualService', 'name'],
    name: textAt(routing, 'istio', 'virtualService', 'name'),
  };
  const workload = {
    kind: textAt(rollout, 'spec', 'workloadRef', 'kind'),
    path: ['spec', 'workloadRef', 'name'],
    name: textAt(rollout, 'spec', 'workloadRef', 'name'),
  };
  // A VirtualService of another namespace is written as name.namespace.
  return [...services, ...ingresses, istio, workload].filter(
    ({ name, kind }) => name !== '' && kind !== '' && !(kind === 'VirtualService' && name.includes('.')),
  );
}

function findNamesInCanary(canary: Mapping): readonly Named[] {
  return ['targetRef', 'autoscalerRef', 'ingressRef']
    .map((field) => ({
      kind: textAt(canary, 'spec', field, 'kind'),
      path: ['spec', field, 'name'],
      name: textAt(canary, 'spec', field, 'name'),
    }))
    .filter(({ name, kind }) => name !== '' && kind !== '');
}

/** Returns why the controller refuses a named object, although it exists. */
function mismatch(
  object: Mapping,
  { kind, name, path }: Named,
  found: Mapping,
): { readonly message: string; readonly repair: string } | undefined {
  const isRollout = textAt(object, 'kind') === 'Rollout';
  if (isRollout && kind === 'Service' && has(object, 'spec', 'template')) {
    const labels = mappingAt(object, 'spec', 'template', 'metadata', 'labels');
    const foreign = Object.entries(mappingAt(found, 'spec', 'selector')).find(
      ([key, value]) => key !== HASH_LABEL && labels[key] !== value,
    );
    if (foreign === undefined) return undefined;
    const [key, value] = foreign;
    return {
      message: `the Service ${name} selects ${key}: ${value}, but the pods of the Rollout have no such label: Argo Rollouts refuses the Rollout (InvalidSpec)`,
      repair: `give the pods the label ${key}: ${value}, or the Service another selector`,
    };
  }
  if (isRollout && path.includes('workloadRef')) {
    const labels = mappingAt(found, 'spec', 'template', 'metadata', 'labels');
    if (!has(object, 'spec', 'selector') || isSelected(mappingAt(object, 'spec', 'selector'), labels)) return undefined;
    return {
      message: `the pods of the ${kind} ${name} have other labels than spec.selector selects: Argo Rollouts refuses the Rollout (InvalidSpec)`,
      repair: `give spec.selector the labels of the pods of the ${kind}`,
    };
  }
  if (kind !== 'Ingress') return undefined;
  const service = isRollout ? serviceOf(object, path) : apexOf(object);
  const backends = listAt(found, 'spec', 'rules').flatMap((rule) =>
    listAt(rule, 'http', 'paths').map((each) => textAt(each, 'backend', 'service', 'name')),
  );
  if (service === '' || backends.includes(service)) return undefined;
  const who = isRollout ? 'Argo Rollouts refuses the Rollout (InvalidSpec)' : 'the Canary never starts';
  return {
    message: `the Ingress ${name} has no backend ${service}: ${who}`,
    repair: `send a path of the Ingress to the Service ${service}`,
  };
}

function serviceOf(rollout: Mapping, path: Path): string {
  const canary = mappingAt(rollout, 'spec', 'strategy', 'canary');
  const root = path.includes('alb') ? textAt(canary, 'trafficRouting', 'alb', 'rootService') : '';
  return root === '' ? textAt(canary, 'stableService') : root;
}

function apexOf(canary: Mapping): string {
  const service = textAt(canary, 'spec', 'service', 'name');
  return service === '' ? textAt(canary, 'spec', 'targetRef', 'name') : service;
}
