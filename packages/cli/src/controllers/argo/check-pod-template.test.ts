import { describe, expect, it } from 'vitest';
import type { Fault } from '../fault.js';
import type { Mapping } from '../read.js';
import { createRefuse } from '../refuse.js';
import { checkPodTemplate } from './check-pod-template.js';

/** Returns what is wrong with a pod template. */
function faultsOf(template: Mapping): readonly string[] {
  const faults: Fault[] = [];
  checkPodTemplate(template, ['pod'], createRefuse(faults));
  return faults.map(({ rule, message }) => `${rule} ${message}`);
}

const APP = { name: 'app', image: 'shop:v1' };
/** Returns what is wrong with the pods that have these fields. */
const faultsOfPod = (spec: Mapping): readonly string[] => faultsOf({ spec: { containers: [APP], ...spec } });
/** Returns what is wrong with the container that has these fields. */
const faultsOfContainer = (container: Mapping): readonly string[] =>
  faultsOfPod({ containers: [{ ...APP, ...container }] }).map((fault) => fault.replace('pod.spec.containers[0]', '…'));

describe('the template of pods', () => {
  it.each<[string, Mapping, readonly string[]]>([
    ['with labels', { metadata: { labels: { app: 'shop', 'a.b/c': '' } }, spec: {} }, []],
    ['with a number as label, which the schema refuses', { metadata: { labels: { app: 5 } }, spec: {} }, []],
    [
      'with a bad label',
      { metadata: { labels: { app: 'a b', '-x': 'y' } }, spec: {} },
      [
        'refused-value pod.metadata.labels.app is a b, which is not a label',
        'refused-value pod.metadata.labels.-x is y, which is not a label',
      ],
    ],
    ['without pods', {}, ['missing-field pod lacks spec']],
  ])('%s', (_, template, faults) => {
    expect(faultsOf(template)).toEqual(faults);
  });
});

describe('pods', () => {
  it.each<[string, Mapping, readonly string[]]>([
    ['that restart always', { restartPolicy: 'Always' }, []],
    ['that do not restart', { restartPolicy: 'Never' }, ['refused-value pod.spec.restartPolicy is Never']],
    ['that end', { activeDeadlineSeconds: 60 }, ['refused-value pod.spec.activeDeadlineSeconds is for pods that end']],
    ['without a container', { containers: [] }, ['refused-value pod.spec.containers is empty']],
    ['of a patch, without containers', { containers: undefined }, []],
    ['with two volumes', { volumes: [{ name: 'a' }, { name: 'b' }, {}, {}] }, []],
    [
      'with a volume twice',
      { volumes: [{ name: 'a' }, { name: 'b' }, { name: 'b' }] },
      ['refused-value pod.spec.volumes[2] repeats name b'],
    ],
    [
      'with a bad container that runs first',
      { initContainers: ['x', { name: 'init' }] },
      ['missing-field pod.spec.initContainers[1] lacks image'],
    ],
  ])('%s', (_, pod, faults) => {
    expect(faultsOfPod(pod)).toEqual(faults);
  });
});

describe('a container', () => {
  it.each<[string, Mapping, readonly string[]]>([
    ['that is fine', { ports: [{ containerPort: 1 }, { containerPort: 65535 }, {}] }, []],
    ['with a bad name', { name: 'App' }, ['refused-value ….name is App']],
    ['with a number as name, which the schema refuses', { name: 5 }, []],
    ['with an empty image', { image: '' }, ['refused-value ….image is ""']],
    ['with space at its image', { image: 'shop:v1 ' }, ['refused-value ….image is shop:v1 ']],
    ['with a number as image, which the schema refuses', { image: 5 }, []],
    [
      'with ports that do not exist',
      { ports: [{ containerPort: 0 }, { containerPort: 65536 }] },
      ['refused-value ….ports[0].containerPort is 0', 'refused-value ….ports[1].containerPort is 65536'],
    ],
  ])('%s', (_, container, faults) => {
    expect(faultsOfContainer(container)).toEqual(faults);
  });

  const PROBED = { httpGet: { port: 80 } };
  it.each<[string, Mapping, readonly string[]]>([
    ['one way', { livenessProbe: PROBED, readinessProbe: { exec: {} }, startupProbe: { grpc: {} } }, []],
    ['no way', { livenessProbe: {} }, ['missing-field ….livenessProbe lacks exec, httpGet, tcpSocket, grpc']],
    [
      'two ways',
      { startupProbe: { ...PROBED, tcpSocket: {} } },
      ['refused-together ….startupProbe has httpGet and tcpSocket'],
    ],
    [
      'at a negative time',
      { readinessProbe: { ...PROBED, periodSeconds: -1, failureThreshold: -2 } },
      ['refused-value ….readinessProbe.periodSeconds is -1', 'refused-value ….readinessProbe.failureThreshold is -2'],
    ],
    ['until several successes', { readinessProbe: { ...PROBED, successThreshold: 2 } }, []],
    ['until one success', { livenessProbe: { ...PROBED, successThreshold: 1 } }, []],
    [
      'until several successes, to live',
      { livenessProbe: { ...PROBED, successThreshold: 2 } },
      ['refused-value ….livenessProbe.successThreshold is 2, but only a readinessProbe may need several successes'],
    ],
  ])('is probed %s', (_, container, faults) => {
    expect(faultsOfContainer(container)).toEqual(faults);
  });

  it.each<[Mapping, readonly string[]]>([
    [{ secretKeyRef: {} }, []],
    [{}, ['missing-field … lacks fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef']],
    [{ fieldRef: {}, secretKeyRef: {} }, ['refused-together … has fieldRef and secretKeyRef']],
    ...['metadata.name', 'metadata.uid', "metadata.labels['a']", 'spec.nodeName', 'status.hostIP', 'status.podIPs'].map(
      (fieldPath): [Mapping, readonly string[]] => [{ fieldRef: { fieldPath } }, []],
    ),
    ...['metadata.labels', "metadata.labels['']", 'spec.hostname', 'status.phase', 'x.status.podIP'].map(
      (fieldPath): [Mapping, readonly string[]] => [
        { fieldRef: { fieldPath } },
        [`refused-value ….fieldRef.fieldPath is ${fieldPath}`],
      ],
    ),
  ])('may have a variable from %j', (valueFrom, faults) => {
    const found = faultsOfContainer({
      env: [
        { name: 'A', value: '1' },
        { name: 'B', valueFrom },
      ],
    });
    expect(found.map((fault) => fault.replace('….env[1].valueFrom', '…'))).toEqual(faults);
  });
});
