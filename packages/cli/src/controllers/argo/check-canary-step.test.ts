import { describe, expect, it } from 'vitest';
import type { Fault } from '../fault.js';
import type { Mapping } from '../read.js';
import { createRefuse } from '../refuse.js';
import { checkStep, hasPlugins, pauseSeconds } from './check-canary-step.js';

/** Returns what is wrong with a step of a canary strategy. */
function faultsOf(step: Mapping, routing?: Mapping): readonly string[] {
  const faults: Fault[] = [];
  checkStep(step, ['step'], routing === undefined ? {} : { trafficRouting: routing }, createRefuse(faults));
  return faults.map(({ rule, message }) => `${rule} ${message}`);
}

const MANAGED = { managedRoutes: [{ name: 'first' }, { name: 'second' }] };

describe('a step', () => {
  it.each<[string, Mapping, readonly string[], Mapping?]>([
    ['with a weight', { setWeight: 5 }, []],
    ['with a weight of 0', { setWeight: 0 }, []],
    ['with a weight of 100', { setWeight: 100 }, []],
    ['with all of a larger weight', { setWeight: 1000 }, [], { maxTrafficWeight: 1000 }],
    ['with too large a weight', { setWeight: 101 }, ['refused-value step.setWeight is 101']],
    ['with a negative weight', { setWeight: -1 }, ['refused-value step.setWeight is -1']],
    [
      'with more than a smaller weight',
      { setWeight: 11 },
      ['refused-value step.setWeight is 11'],
      { maxTrafficWeight: 10 },
    ],
    ['without an action', { name: 'x' }, ['missing-field step has no action']],
    ['that is a patch', { $patch: 'delete' }, []],
    ['with two actions', { setWeight: 5, pause: {} }, ['refused-together step has setWeight and pause in one step']],
    ['with two actions that go together', { setWeight: 5, setCanaryScale: {} }, [], {}],
    [
      'with a scale and no router',
      { setCanaryScale: {} },
      ['refused-together step.setCanaryScale needs trafficRouting'],
    ],
    ['with a pause', { pause: {} }, []],
    ['with a pause of null', { pause: { duration: null } }, []],
    ['with a pause of no time', { pause: { duration: 0 } }, []],
    ['with a pause of a text', { pause: { duration: '5m' } }, []],
    [
      'with a pause of another text',
      { pause: { duration: 'soon' } },
      ['refused-value step.pause.duration is soon, which is not a duration'],
    ],
    [
      'with a negative pause',
      { pause: { duration: -1 } },
      ['refused-value step.pause.duration is -1, which is not a duration'],
    ],
    ['with an analysis', { analysis: { templates: [{ templateName: 'a' }] } }, []],
    [
      'with an empty analysis',
      { analysis: {} },
      ['missing-field step.analysis lacks templates, so the analysis has no metric'],
    ],
  ])('%s', (_, step, faults, routing) => {
    expect(faultsOf(step, routing)).toEqual(faults);
  });
});

describe('an experiment', () => {
  it.each<[string, Mapping, readonly string[], Mapping?]>([
    ['with a time', { duration: '5m' }, []],
    [
      'with no real time',
      { duration: 'soon' },
      [
        'refused-value step.experiment.duration is soon, which is not a duration: the time of the experiment never ends',
      ],
    ],
    ['of both sides', { templates: [{ specRef: 'canary' }, { specRef: 'stable' }] }, []],
    [
      'of another side',
      { templates: [{ specRef: 'stable' }, { specRef: 'preview' }] },
      [
        'refused-value step.experiment.templates[1].specRef is preview: the experiment cannot be created, and the step never ends',
      ],
    ],
    [
      'with a weight and no router',
      { templates: [{ weight: 5 }] },
      ['refused-together step.experiment.templates[0].weight needs trafficRouting by smi, alb, istio or a plugin'],
    ],
    [
      'with a weight and another router',
      { templates: [{ weight: 5 }] },
      ['refused-together step.experiment.templates[0].weight needs trafficRouting by smi, alb, istio or a plugin'],
      { nginx: {} },
    ],
    ['with a weight and Istio', { templates: [{ weight: 5 }] }, [], { istio: {} }],
    ['with a weight and a plugin', { templates: [{ weight: 5 }] }, [], { plugins: { mine: {} } }],
    [
      'with an argument of no field',
      { analyses: [{ args: [{ valueFrom: { podTemplateHashValue: 'Old' } }] }] },
      [
        'refused-value step.experiment.analyses[0].args[0].valueFrom.podTemplateHashValue is Old: the argument is an empty text',
      ],
    ],
  ])('%s', (_, experiment, faults, routing) => {
    expect(faultsOf({ experiment }, routing)).toEqual(faults);
  });
});

describe('a route', () => {
  it.each<[string, Mapping, Mapping | undefined, readonly string[]]>([
    ['of a header', { setHeaderRoute: { name: 'second' } }, { istio: {}, ...MANAGED }, []],
    ['of a header by a plugin', { setHeaderRoute: { name: 'first' } }, { plugins: { mine: {} }, ...MANAGED }, []],
    ['of a mirror', { setMirrorRoute: { name: 'first' } }, { istio: {}, ...MANAGED }, []],
    [
      'of a header without a router',
      { setHeaderRoute: { name: 'first' } },
      undefined,
      ['refused-together step.setHeaderRoute needs trafficRouting by istio, alb, apisix or a plugin'],
    ],
    [
      'of a mirror by a router that cannot',
      { setMirrorRoute: { name: 'first' } },
      { alb: {}, ...MANAGED },
      ['refused-together step.setMirrorRoute needs trafficRouting by istio or a plugin'],
    ],
    [
      'that nobody manages',
      { setHeaderRoute: { name: 'first' } },
      { apisix: {} },
      ['refused-together step.setHeaderRoute needs trafficRouting.managedRoutes'],
    ],
    [
      'that is not among the managed ones',
      { setHeaderRoute: { name: 'third' } },
      { alb: {}, ...MANAGED },
      ['refused-together step.setHeaderRoute.name names third, which is not among trafficRouting.managedRoutes'],
    ],
    [
      'without a name',
      { setHeaderRoute: {} },
      { alb: {}, ...MANAGED },
      ['refused-together step.setHeaderRoute names "", which is not among trafficRouting.managedRoutes'],
    ],
  ])('%s', (_, step, routing, faults) => {
    expect(faultsOf(step, routing)).toEqual(faults);
  });

  it.each<[string, Mapping, Mapping, readonly string[]]>([
    ['one way', { istio: {} }, { exact: 'a' }, []],
    ['one other way', { istio: {} }, { exact: '', prefix: 'a' }, []],
    ['no way', { istio: {} }, {}, ['missing-field … lacks exact, regex or prefix']],
    ['two ways', { istio: {} }, { regex: 'a', prefix: 'b' }, ['refused-together … has regex and prefix']],
    ['exactly, by alb', { alb: {} }, { exact: 'a' }, []],
    [
      'by a prefix, by alb',
      { alb: {} },
      { prefix: 'a' },
      ['refused-value … has more than exact, and alb knows only exact'],
    ],
    [
      'two ways, by alb',
      { alb: {} },
      { exact: 'a', regex: 'b' },
      ['refused-value … has more than exact, and alb knows only exact'],
    ],
  ])('that matches a header in %s', (_, router, headerValue, faults) => {
    const step = { setHeaderRoute: { name: 'first', match: [{ headerName: 'a' }, { headerValue }] } };
    const at = 'step.setHeaderRoute.match[1].headerValue';
    expect(faultsOf(step, { ...router, ...MANAGED }).map((fault) => fault.replace(at, '…'))).toEqual(faults);
  });

  it('of a mirror matches a method and a path in one way each', () => {
    const match = [{ method: { exact: 'GET' }, path: { exact: '/', prefix: '/' } }, { method: {} }];
    expect(faultsOf({ setMirrorRoute: { name: 'first', match } }, { istio: {}, ...MANAGED })).toEqual([
      'refused-together step.setMirrorRoute.match[0].path has exact and prefix',
      'missing-field step.setMirrorRoute.match[1].method lacks exact, regex or prefix',
    ]);
  });
});

it.each([
  [30, 30],
  ['30', 30],
  ['-30', -30],
  ['+30', 30],
  ['1h', 3600],
  ['1.5', Number.NaN],
  ['', Number.NaN],
  [true, Number.NaN],
])('a pause of %j has %s seconds', (duration, seconds) => {
  expect(pauseSeconds(duration)).toBe(seconds);
});

it('plugins are there if there is one', () => {
  expect([{}, { plugins: {} }, { plugins: { mine: {} } }].map(hasPlugins)).toEqual([false, false, true]);
});
