import { describe, expect, it } from 'vitest';
import type { Fault } from '../fault.js';
import type { Mapping } from '../read.js';
import { createRefuse } from '../refuse.js';
import { checkCanaryStrategy } from './check-canary-strategy.js';

/** Returns what is wrong with a canary strategy. */
function faultsOf(canary: Mapping): readonly string[] {
  const faults: Fault[] = [];
  checkCanaryStrategy(canary, ['canary'], createRefuse(faults));
  return faults.map(({ rule, message }) => `${rule} ${message}`);
}

const SERVICES = { stableService: 'stable', canaryService: 'canary' };
const PING_PONG = { pingPong: { pingService: 'ping', pongService: 'pong' } };

describe('a canary strategy', () => {
  it.each<[Mapping, boolean]>([
    [{}, false],
    [{ maxSurge: 0 }, false],
    [{ maxUnavailable: 0 }, false],
    [{ maxSurge: 0, maxUnavailable: 0 }, true],
    [{ maxSurge: '0%', maxUnavailable: '0' }, true],
    [{ maxSurge: 'some', maxUnavailable: 0 }, true],
    [{ maxSurge: '1', maxUnavailable: 0 }, false],
    [{ maxSurge: '5%', maxUnavailable: 0 }, false],
  ])('can replace no pod with %j: %s', (canary, isStuck) => {
    expect(faultsOf(canary)).toEqual(
      isStuck ? ['refused-together canary.maxSurge is 0, like maxUnavailable, so no pod can be replaced'] : [],
    );
  });

  it('has steps, an analysis and an antiAffinity, each checked', () => {
    expect(faultsOf({ steps: ['x', { setWeight: 200 }], analysis: {}, antiAffinity: {} })).toEqual([
      'refused-value canary.steps[1].setWeight is 200',
      'missing-field canary.analysis lacks templates, so the analysis has no metric',
      expect.stringContaining('missing-field canary.antiAffinity lacks'),
    ]);
  });
});

describe('the Services of a canary', () => {
  const ABSENT = (names: string, router: string) => [
    `missing-field canary lacks ${names}, which traffic routing by ${router} needs`,
  ];

  it.each<[string, Mapping, readonly string[]]>([
    ['are two', SERVICES, []],
    [
      'are not one',
      { stableService: 'a', canaryService: 'a' },
      ['refused-together canary.stableService is a, like canaryService'],
    ],
    ['may be missing without a router', { stableService: '', canaryService: '' }, []],
    ['are there for a router', { ...SERVICES, trafficRouting: { smi: {} } }, []],
    ['are missing for a router', { trafficRouting: { smi: {} } }, ABSENT('stableService and canaryService', 'smi')],
    [
      'are missing in part',
      { stableService: 'a', trafficRouting: { traefik: {} } },
      ABSENT('canaryService', 'traefik'),
    ],
    [
      'are empty for a router',
      { ...SERVICES, canaryService: '', trafficRouting: { smi: {} } },
      ['refused-value canary.canaryService is empty, and traffic routing by smi needs the Service'],
    ],
    [
      'are needed by alb',
      { trafficRouting: { alb: { ingress: 'a' } } },
      ABSENT('stableService and canaryService', 'alb'),
    ],
    [
      'are needed by Istio',
      { trafficRouting: { istio: { virtualService: {} } } },
      ABSENT('stableService and canaryService', 'istio'),
    ],
    [
      'are not needed by Istio with a DestinationRule',
      { trafficRouting: { istio: { virtualService: {}, destinationRule: {} } } },
      [],
    ],
    ['are not needed by a plugin', { trafficRouting: { plugins: { mine: {} } } }, []],
  ])('%s', (_, canary, faults) => {
    expect(faultsOf(canary)).toEqual(faults);
  });
});

describe('ping and pong', () => {
  it.each<[string, Mapping, readonly string[]]>([
    ['are two', PING_PONG, []],
    ['work with Istio', { ...PING_PONG, trafficRouting: { istio: { virtualService: {} } } }, []],
    ['work with alb', { ...PING_PONG, trafficRouting: { alb: { ingress: 'a', rootService: 'r' } } }, []],
    ['work with a plugin', { ...PING_PONG, trafficRouting: { plugins: { mine: {} } } }, []],
    [
      'are one',
      { pingPong: { pingService: 'a', pongService: 'a' } },
      ['refused-together canary.pingPong.pingService is a, like pongService'],
    ],
    [
      'are nothing',
      { pingPong: { pingService: '', pongService: '' } },
      ['refused-together canary.pingPong.pingService is empty'],
    ],
    ['are missing, which the schema says', { pingPong: {} }, []],
    [
      'are one and nothing',
      { pingPong: { pingService: 'a', pongService: '' } },
      ['refused-value canary.pingPong.pongService is empty'],
    ],
    [
      'are nothing and one',
      { pingPong: { pingService: '', pongService: 'a' } },
      ['refused-value canary.pingPong.pingService is empty'],
    ],
    [
      'do not work with another router',
      { ...SERVICES, ...PING_PONG, trafficRouting: { smi: {} } },
      ['refused-together canary.pingPong works only with traffic routing by alb, istio or a plugin'],
    ],
    [
      'need a rootService with alb',
      { ...PING_PONG, trafficRouting: { alb: { ingress: 'a' } } },
      ['missing-field canary.trafficRouting.alb lacks rootService, which pingPong needs'],
    ],
  ])('%s', (_, canary, faults) => {
    expect(faultsOf(canary)).toEqual(faults);
  });
});

describe('the traffic of a canary', () => {
  it.each<[string, Mapping, readonly string[]]>([
    [
      'is not routed, so nothing waits for it',
      { scaleDownDelaySeconds: 30, dynamicStableScale: true },
      [
        'refused-together canary.scaleDownDelaySeconds needs trafficRouting',
        'refused-together canary.dynamicStableScale needs trafficRouting',
      ],
    ],
    ['is not routed, and nothing depends on it', { dynamicStableScale: false }, []],
    ['is routed with a delay', { scaleDownDelaySeconds: 30, trafficRouting: {} }, []],
    ['is routed with a scale', { dynamicStableScale: true, trafficRouting: {} }, []],
    [
      'is routed with both',
      { scaleDownDelaySeconds: 30, dynamicStableScale: true, trafficRouting: {} },
      ['refused-together canary.dynamicStableScale excludes scaleDownDelaySeconds'],
    ],
  ])('%s', (_, canary, faults) => {
    expect(faultsOf(canary)).toEqual(faults);
  });

  it.each<[string, Mapping, readonly string[]]>([
    ['nginx', { nginx: { stableIngress: 'a' }, maxTrafficWeight: 1000 }, []],
    ['a plugin', { plugins: { mine: {} }, maxTrafficWeight: 1000 }, []],
    [
      'smi, with another weight',
      { smi: {}, maxTrafficWeight: 1000 },
      ['refused-together canary.trafficRouting.maxTrafficWeight works only with nginx and plugins'],
    ],
    ['nginx, of several', { nginx: { stableIngresses: ['a'] } }, []],
    [
      'nginx, of one and several',
      { nginx: { stableIngress: 'a', stableIngresses: ['b'] } },
      ['refused-together canary.trafficRouting.nginx has both stableIngress and stableIngresses'],
    ],
    ['nginx, of an empty one and several', { nginx: { stableIngress: '', stableIngresses: ['b'] } }, []],
    [
      'nginx, of an empty one',
      { nginx: { stableIngress: '' } },
      ['refused-value canary.trafficRouting.nginx.stableIngress is empty'],
    ],
    [
      'nginx, of none',
      { nginx: {} },
      ['missing-field canary.trafficRouting.nginx lacks stableIngress or stableIngresses'],
    ],
    ['alb, of none', { alb: {} }, ['missing-field canary.trafficRouting.alb lacks ingress or ingresses']],
    [
      'Istio, of none',
      { istio: {} },
      ['missing-field canary.trafficRouting.istio lacks virtualService or virtualServices'],
    ],
    [
      'Istio, of one and several',
      { istio: { virtualService: {}, virtualServices: [] } },
      ['refused-together canary.trafficRouting.istio has both virtualService and virtualServices'],
    ],
    ['App Mesh, of none', { appMesh: {} }, ['missing-field canary.trafficRouting.appMesh lacks virtualService']],
    ['App Mesh, of one', { appMesh: { virtualService: {} } }, []],
    [
      'Ambassador, of none',
      { ambassador: { mappings: [] } },
      ['refused-value canary.trafficRouting.ambassador.mappings is empty'],
    ],
    ['Ambassador, of one', { ambassador: { mappings: ['a'] } }, []],
  ])('is routed by %s', (_, trafficRouting, faults) => {
    expect(faultsOf({ ...SERVICES, trafficRouting })).toEqual(faults);
  });
});
