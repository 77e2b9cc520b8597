import { secondsIn } from '../../go/duration.js';
import { showValue } from '../fault.js';
import { isPatch } from '../patch.js';
import { has, isMapping, listAt, type Mapping, mappingAt, numberAt, textAt, valueAt } from '../read.js';
import type { Path } from '../yaml.js';
import { checkAntiAffinity } from './check-anti-affinity.js';
import { checkArguments, checkRun, type Refuse } from './check-run.js';

const ACTIONS = [
  'setWeight',
  'pause',
  'experiment',
  'analysis',
  'setCanaryScale',
  'setHeaderRoute',
  'setMirrorRoute',
  'plugin',
] as const;

/** The actions that exclude each other in a step. */
const EXCLUSIVE = ['setWeight', 'pause', 'experiment', 'analysis'];

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
        absent,
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
      ['rootService'],
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
    refuse('missing-field', [...at, 'appMesh'], 'lacks virtualService', 'add virtualService', ['virtualService']);
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
      refuse('missing-field', [...at, router], `lacks ${one} or ${several}`, `add ${one}`, [one, several]);
    }
  }
}

function checkStep(step: Mapping, path: Path, canary: Mapping, refuse: Refuse): void {
  const routing = mappingAt(canary, 'trafficRouting');
  const isRouted = has(canary, 'trafficRouting');
  const actions = ACTIONS.filter((action) => has(step, action));
  if (actions.length === 0 && !isPatch(step)) {
    refuse('missing-field', path, 'has no action', `add one of ${ACTIONS.join(', ')}`, ACTIONS);
  }
  const together = actions.filter((action) => EXCLUSIVE.includes(action));
  if (together.length > 1) {
    refuse('refused-together', path, `has ${together.join(' and ')} in one step`, 'write a step for each');
  }
  const most = numberAt(routing, 'maxTrafficWeight') ?? 100;
  const weight = numberAt(step, 'setWeight');
  if (weight !== undefined && (weight < 0 || weight > most)) {
    refuse('refused-value', [...path, 'setWeight'], `is ${weight}`, `write a weight from 0 to ${most}`);
  }
  const pause = valueAt(step, 'pause', 'duration');
  if (pause !== undefined && pause !== null && !(pauseSeconds(pause) >= 0)) {
    refuse(
      'refused-value',
      [...path, 'pause', 'duration'],
      `is ${showValue(pause)}, which is not a duration`,
      'write seconds, or a duration such as 5m',
    );
  }
  if (has(step, 'setCanaryScale') && !isRouted) {
    refuse(
      'refused-together',
      [...path, 'setCanaryScale'],
      'needs trafficRouting',
      'use setWeight, or add trafficRouting',
    );
  }
  checkRoutes(step, path, canary, refuse);
  const duration = textAt(step, 'experiment', 'duration');
  if (duration !== '' && Number.isNaN(secondsIn(duration))) {
    refuse(
      'refused-value',
      [...path, 'experiment', 'duration'],
      `is ${showValue(duration)}, which is no duration`,
      'write a duration such as 5m',
      undefined,
      'the time of the experiment never ends',
    );
  }
  for (const [i, template] of listAt(step, 'experiment', 'templates').entries()) {
    const takesWeight = ['alb', 'smi', 'istio'].some((name) => has(routing, name)) || hasPlugins(routing);
    if (has(template, 'weight') && !takesWeight) {
      refuse(
        'refused-together',
        [...path, 'experiment', 'templates', i, 'weight'],
        'needs trafficRouting by smi, alb, istio or a plugin',
        'remove weight',
      );
    }
    const spec = textAt(template, 'specRef');
    if (spec !== '' && !['canary', 'stable'].includes(spec)) {
      const at = [...path, 'experiment', 'templates', i, 'specRef'];
      const consequence = 'the experiment cannot be created, and the step never ends';
      refuse('refused-value', at, `is ${showValue(spec)}`, 'write canary or stable', undefined, consequence);
    }
  }
  for (const [i, analysis] of listAt(step, 'experiment', 'analyses').entries()) {
    if (isMapping(analysis)) checkArguments(analysis, [...path, 'experiment', 'analyses', i], refuse);
  }
  if (has(step, 'analysis')) checkRun(mappingAt(step, 'analysis'), [...path, 'analysis'], refuse);
}

function checkRoutes(step: Mapping, path: Path, canary: Mapping, refuse: Refuse): void {
  const routing = mappingAt(canary, 'trafficRouting');
  const managed = listAt(routing, 'managedRoutes').map((route) => textAt(route, 'name'));
  for (const [action, routers] of [
    ['setHeaderRoute', ['istio', 'alb', 'apisix']],
    ['setMirrorRoute', ['istio']],
  ] as const) {
    if (!has(step, action)) continue;
    const at = [...path, action];
    if (!routers.some((name) => has(routing, name)) && !hasPlugins(routing)) {
      refuse(
        'refused-together',
        at,
        `needs trafficRouting by ${routers.join(', ')} or a plugin`,
        `remove ${action}, or use one of these routers`,
      );
    } else if (!has(routing, 'managedRoutes')) {
      refuse(
        'refused-together',
        at,
        'needs trafficRouting.managedRoutes',
        'list the route under trafficRouting.managedRoutes',
      );
    } else if (!managed.includes(textAt(step, action, 'name'))) {
      refuse(
        'refused-together',
        has(step, action, 'name') ? [...at, 'name'] : at,
        `names ${showValue(textAt(step, action, 'name'))}, which is not among trafficRouting.managedRoutes`,
        `write one of ${managed.join(', ')}`,
      );
    }
  }
  for (const [i, match] of listAt(step, 'setHeaderRoute', 'match').entries()) {
    const at = [...path, 'setHeaderRoute', 'match', i];
    if (!has(match, 'headerValue')) continue;
    checkMatch(mappingAt(match, 'headerValue'), [...at, 'headerValue'], has(routing, 'alb'), refuse);
  }
  for (const [i, match] of listAt(step, 'setMirrorRoute', 'match').entries()) {
    for (const field of ['method', 'path']) {
      if (has(match, field))
        checkMatch(mappingAt(match, field), [...path, 'setMirrorRoute', 'match', i, field], false, refuse);
    }
  }
}

function checkMatch(match: Mapping, path: Path, isExact: boolean, refuse: Refuse): void {
  const kinds = ['exact', 'regex', 'prefix'].filter((kind) => textAt(match, kind) !== '');
  if (isExact && (kinds.length !== 1 || kinds[0] !== 'exact')) {
    refuse('refused-value', path, 'has more than exact, and alb knows only exact', 'write only exact');
  } else if (kinds.length !== 1) {
    refuse(
      kinds.length === 0 ? 'missing-field' : 'refused-together',
      path,
      kinds.length === 0 ? 'lacks exact, regex or prefix' : `has ${kinds.join(' and ')}`,
      'write one of exact, regex, prefix',
      kinds.length === 0 ? ['exact', 'regex', 'prefix'] : undefined,
    );
  }
}

function hasPlugins(routing: Mapping): boolean {
  return Object.keys(mappingAt(routing, 'plugins')).length > 0;
}

/** Returns the pods of an amount. A text that is neither a number nor a share counts as 0. */
function amountOf(amount: unknown): number {
  if (typeof amount === 'number') return amount;
  const text = String(amount);
  if (PERCENT.test(text)) return Number(text.slice(0, -1));
  return /^[-+]?[0-9]+$/.test(text) ? Number(text) : 0;
}

/** Returns the seconds of a pause; negative or `NaN` if the controller refuses the text. */
function pauseSeconds(duration: unknown): number {
  if (typeof duration === 'number') return duration;
  const text = String(duration);
  return /^[-+]?[0-9]+$/.test(text) ? Number(text) : secondsIn(text);
}
