import { isMapping } from '@coalmine/options';
import { has, listAt, type Mapping, mappingAt, textAt, valueAt } from '../read.js';
import type { Refuse } from '../refuse.js';
import type { Path } from '../yaml.js';
import { checkAntiAffinity } from './check-anti-affinity.js';
import { checkStep, hasPlugins } from './check-canary-step.js';
import { checkRun } from './check-run.js';

const PERCENT = /^[0-9]+%$/;

/** Checks a canary strategy as Argo Rollouts does. */
export function checkCanaryStrategy(canary: Mapping, path: Path, refuse: Refuse): void {
  if (
    amountOf(valueAt(canary, 'maxSurge') ?? '25%') === 0 &&
    amountOf(valueAt(canary, 'maxUnavailable') ?? '25%') === 0
  ) {
    refuse(
      'refused-together',
      [...path, 'maxSurge'],
      'is 0, like maxUnavailable, so no pod can be replaced',
      'maxSurge: 25%',
    );
  }
  checkServices(canary, path, refuse);
  checkRouting(canary, path, refuse);
  for (const [i, step] of listAt(canary, 'steps').entries()) {
    if (isMapping(step)) checkStep(step, [...path, 'steps', i], canary, refuse);
  }
  if (has(canary, 'analysis')) checkRun(mappingAt(canary, 'analysis'), [...path, 'analysis'], refuse);
  checkAntiAffinity(canary, path, refuse);
}

function checkServices(canary: Mapping, path: Path, refuse: Refuse): void {
  const routing = mappingAt(canary, 'trafficRouting');
  const [stable, preview] = [textAt(canary, 'stableService'), textAt(canary, 'canaryService')];
  if (stable !== '' && stable === preview) {
    refuse(
      'refused-together',
      [...path, 'stableService'],
      `is ${stable}, like canaryService`,
      'name two different Services',
    );
  }
  const router = routerOf(canary);
  if (router !== undefined) {
    const missing = ['stableService', 'canaryService'].filter((name) => textAt(canary, name) === '');
    for (const name of missing.filter((each) => has(canary, each))) {
      refuse(
        'refused-value',
        [...path, name],
        `is empty, and traffic routing by ${router} needs the Service`,
        `write the name of a Service`,
      );
    }
    const absent = missing.filter((name) => !has(canary, name));
    if (absent.length > 0) {
      refuse(
        'missing-field',
        path,
        `lacks ${absent.join(' and ')}, which traffic routing by ${router} needs`,
        `add ${absent.join(' and ')}`,
        { fields: absent },
      );
    }
  }
  if (!has(canary, 'pingPong')) return;
  const at = [...path, 'pingPong'];
  const [ping, pong] = [textAt(canary, 'pingPong', 'pingService'), textAt(canary, 'pingPong', 'pongService')];
  if (ping === pong && has(canary, 'pingPong', 'pingService')) {
    refuse(
      'refused-together',
      [...at, 'pingService'],
      ping === '' ? 'is empty' : `is ${ping}, like pongService`,
      'name two different Services',
    );
  } else {
    for (const [name, service] of [
      ['pingService', ping],
      ['pongService', pong],
    ] as const) {
      if (service === '' && has(canary, 'pingPong', name))
        refuse('refused-value', [...at, name], 'is empty', 'write the name of a Service');
    }
  }
  const isRouted = has(routing, 'alb') || has(routing, 'istio') || hasPlugins(routing);
  if (has(canary, 'trafficRouting') && !isRouted) {
    refuse(
      'refused-together',
      at,
      'works only with traffic routing by alb, istio or a plugin',
      'remove pingPong, and name stableService and canaryService',
    );
  }
  if (has(routing, 'alb') && textAt(routing, 'alb', 'rootService') === '') {
    refuse(
      'missing-field',
      [...path, 'trafficRouting', 'alb'],
      'lacks rootService, which pingPong needs',
      'add rootService',
      { fields: ['rootService'] },
    );
  }
}

/** Returns the router that needs stableService and canaryService, if there is one. */
function routerOf(canary: Mapping): string | undefined {
  const routing = mappingAt(canary, 'trafficRouting');
  const isPingPong = has(canary, 'pingPong');
  if (has(routing, 'alb') && !isPingPong) return 'alb';
  if (has(routing, 'istio') && !has(routing, 'istio', 'destinationRule') && !isPingPong) return 'istio';
  return ['smi', 'apisix', 'ambassador', 'nginx', 'appMesh', 'traefik'].find((name) => has(routing, name));
}

function checkRouting(canary: Mapping, path: Path, refuse: Refuse): void {
  const routing = mappingAt(canary, 'trafficRouting');
  const at = [...path, 'trafficRouting'];
  if (!has(canary, 'trafficRouting')) {
    if (has(canary, 'scaleDownDelaySeconds')) {
      refuse(
        'refused-together',
        [...path, 'scaleDownDelaySeconds'],
        'needs trafficRouting',
        'remove scaleDownDelaySeconds, or add trafficRouting',
      );
    }
    if (valueAt(canary, 'dynamicStableScale') === true) {
      refuse(
        'refused-together',
        [...path, 'dynamicStableScale'],
        'needs trafficRouting',
        'remove dynamicStableScale, or add trafficRouting',
      );
    }
    return;
  }
  if (has(canary, 'scaleDownDelaySeconds') && valueAt(canary, 'dynamicStableScale') === true) {
    refuse(
      'refused-together',
      [...path, 'dynamicStableScale'],
      'excludes scaleDownDelaySeconds',
      'keep one of the two',
    );
  }
  if (has(routing, 'maxTrafficWeight') && !has(routing, 'nginx') && !hasPlugins(routing)) {
    refuse(
      'refused-together',
      [...at, 'maxTrafficWeight'],
      'works only with nginx and plugins',
      'remove maxTrafficWeight',
    );
  }
  oneOf('nginx', 'stableIngress', 'stableIngresses');
  oneOf('alb', 'ingress', 'ingresses');
  oneOf('istio', 'virtualService', 'virtualServices');
  if (has(routing, 'appMesh') && !has(routing, 'appMesh', 'virtualService')) {
    refuse('missing-field', [...at, 'appMesh'], 'lacks virtualService', 'add virtualService', {
      fields: ['virtualService'],
    });
  }
  if (has(routing, 'ambassador', 'mappings') && listAt(routing, 'ambassador', 'mappings').length === 0) {
    refuse('refused-value', [...at, 'ambassador', 'mappings'], 'is empty', 'name a Mapping');
  }

  function oneOf(router: string, one: string, several: string): void {
    if (!has(routing, router)) return;
    const hasOne = router === 'istio' ? has(routing, router, one) : textAt(routing, router, one) !== '';
    const hasSeveral = has(routing, router, several);
    if (hasOne && hasSeveral) {
      refuse('refused-together', [...at, router], `has both ${one} and ${several}`, 'keep one of them');
    } else if (!hasOne && !hasSeveral && has(routing, router, one)) {
      refuse('refused-value', [...at, router, one], 'is empty', 'write a name');
    } else if (!hasOne && !hasSeveral) {
      refuse('missing-field', [...at, router], `lacks ${one} or ${several}`, `add ${one}`, { fields: [one, several] });
    }
  }
}

/** Returns the pods of an amount. A text that is neither a number nor a share counts as 0. */
function amountOf(amount: unknown): number {
  if (typeof amount === 'number') return amount;
  const text = String(amount);
  if (PERCENT.test(text)) return Number(text.slice(0, -1));
  return /^[-+]?[0-9]+$/.test(text) ? Number(text) : 0;
}
