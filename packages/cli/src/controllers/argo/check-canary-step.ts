import { isMapping } from '@coalmine/options';
import { secondsIn } from '../../go/duration.js';
import { showValue } from '../fault.js';
import { isPatch } from '../patch.js';
import { has, listAt, type Mapping, mappingAt, numberAt, textAt, valueAt } from '../read.js';
import type { Refuse } from '../refuse.js';
import type { Path } from '../yaml.js';
import { checkArguments, checkRun } from './check-run.js';

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

/** Checks a step of a canary strategy as Argo Rollouts does. */
export function checkStep(step: Mapping, path: Path, canary: Mapping, refuse: Refuse): void {
  const routing = mappingAt(canary, 'trafficRouting');
  const isRouted = has(canary, 'trafficRouting');
  const actions = ACTIONS.filter((action) => has(step, action));
  if (actions.length === 0 && !isPatch(step)) {
    refuse('missing-field', path, 'has no action', `add one of ${ACTIONS.join(', ')}`, { fields: ACTIONS });
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
      `is ${showValue(duration)}, which is not a duration`,
      'write a duration such as 5m',
      { consequence: 'the time of the experiment never ends' },
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
      refuse('refused-value', at, `is ${showValue(spec)}`, 'write canary or stable', { consequence });
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
      { fields: kinds.length === 0 ? ['exact', 'regex', 'prefix'] : undefined },
    );
  }
}

/** Whether traffic is routed by a plugin. */
export function hasPlugins(routing: Mapping): boolean {
  return Object.keys(mappingAt(routing, 'plugins')).length > 0;
}

/** Returns the seconds of a pause; negative or `NaN` if the controller refuses the text. */
export function pauseSeconds(duration: unknown): number {
  if (typeof duration === 'number') return duration;
  const text = String(duration);
  return /^[-+]?[0-9]+$/.test(text) ? Number(text) : secondsIn(text);
}
