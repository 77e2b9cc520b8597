import { isMapping } from '@coalmine/options';
import { showValue } from '../fault.js';
import { isDnsLabel, isLabelValue, isPort, isQualifiedName } from '../names.js';
import { has, listAt, type Mapping, mappingAt, numberAt, textAt, valueAt } from '../read.js';
import type { Refuse } from '../refuse.js';
import type { Path } from '../yaml.js';

// The sources of an environment variable, and the fields of pods that a source may name.
const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];
const POD_FIELD =
  /^(?:metadata\.(?:name|namespace|uid)|metadata\.(?:labels|annotations)\['[^']+'\]|spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIPs?|podIPs?))$/;

const PROBE_NUMBERS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
];
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

/** Checks a pod template for requirements that its schema does not express. */
export function checkPodTemplate(template: Mapping, path: Path, refuse: Refuse): void {
  for (const [key, value] of Object.entries(mappingAt(template, 'metadata', 'labels'))) {
    if (isQualifiedName(key) && (typeof value !== 'string' || isLabelValue(value))) continue;
    const at = [...path, 'metadata', 'labels', key];
    refuse(
      'refused-value',
      at,
      `is ${showValue(value)}, which is not a label`,
      'write only letters, digits, -, _ and ., 63 at most',
    );
  }
  if (!has(template, 'spec')) {
    return refuse('missing-field', path, 'lacks spec', 'add spec with the containers', { fields: ['spec'] });
  }
  const spec = mappingAt(template, 'spec');
  const at = [...path, 'spec'];
  const policy = textAt(spec, 'restartPolicy');
  if (policy !== '' && policy !== 'Always') {
    refuse('refused-value', [...at, 'restartPolicy'], `is ${showValue(policy)}`, 'restartPolicy: Always');
  }
  if (has(spec, 'activeDeadlineSeconds')) {
    refuse('refused-value', [...at, 'activeDeadlineSeconds'], 'is for pods that end', 'remove activeDeadlineSeconds');
  }
  if (has(spec, 'containers') && listAt(spec, 'containers').length === 0) {
    refuse('refused-value', [...at, 'containers'], 'is empty', 'add a container');
  }
  const volumes = listAt(spec, 'volumes').map((volume) => textAt(volume, 'name'));
  for (const [i, name] of volumes.entries()) {
    if (name === '' || volumes.indexOf(name) === i) continue;
    refuse('refused-value', [...at, 'volumes', i], `repeats name ${showValue(name)}`, 'remove one of the two');
  }
  for (const field of ['containers', 'initContainers']) {
    for (const [i, container] of listAt(spec, field).entries()) {
      if (isMapping(container)) checkContainer(container, [...at, field, i], refuse);
    }
  }
}

function checkContainer(container: Mapping, path: Path, refuse: Refuse): void {
  const name = textAt(container, 'name');
  const image = valueAt(container, 'image');
  if (typeof valueAt(container, 'name') === 'string' && !isDnsLabel(name)) {
    refuse(
      'refused-value',
      [...path, 'name'],
      `is ${showValue(name)}`,
      'write only lower-case letters, digits and -, 63 at most',
    );
  }
  if (!has(container, 'image')) {
    refuse('missing-field', path, 'lacks image', 'add image', { fields: ['image'] });
  } else if ((typeof image === 'string' && image.trim() !== image) || image === '') {
    refuse('refused-value', [...path, 'image'], `is ${showValue(image)}`, 'write the name of an image');
  }
  for (const [i, port] of listAt(container, 'ports').entries()) {
    checkPort(numberAt(port, 'containerPort'), [...path, 'ports', i, 'containerPort'], refuse);
  }
  for (const [i, variable] of listAt(container, 'env').entries()) {
    if (has(variable, 'valueFrom'))
      checkSource(mappingAt(variable, 'valueFrom'), [...path, 'env', i, 'valueFrom'], refuse);
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (!has(container, probe)) continue;
    const handlers = HANDLERS.filter((each) => has(container, probe, each));
    if (handlers.length === 0) {
      refuse('missing-field', [...path, probe], `lacks ${HANDLERS.join(', ')}`, 'add one of them', {
        fields: HANDLERS,
      });
    } else if (handlers.length > 1) {
      refuse('refused-together', [...path, probe], `has ${handlers.join(' and ')}`, 'keep one of them');
    }
    checkProbeNumbers(mappingAt(container, probe), [...path, probe], refuse);
  }
}

function checkProbeNumbers(probe: Mapping, path: Path, refuse: Refuse): void {
  for (const field of PROBE_NUMBERS) {
    const value = numberAt(probe, field) ?? 0;
    if (value < 0) refuse('refused-value', [...path, field], `is ${value}`, 'write 0 or more');
  }
  const successes = numberAt(probe, 'successThreshold') ?? 1;
  if (path.at(-1) !== 'readinessProbe' && successes > 1) {
    const what = `is ${successes}, but only a readinessProbe may need several successes`;
    refuse('refused-value', [...path, 'successThreshold'], what, 'successThreshold: 1');
  }
}

/** Checks the source of an environment variable. */
function checkSource(source: Mapping, path: Path, refuse: Refuse): void {
  const sources = SOURCES.filter((each) => has(source, each));
  if (sources.length === 0) {
    refuse('missing-field', path, `lacks ${SOURCES.join(', ')}`, 'add one of them', { fields: SOURCES });
  } else if (sources.length > 1) {
    refuse('refused-together', path, `has ${sources.join(' and ')}`, 'keep one of them');
  }
  const field = valueAt(source, 'fieldRef', 'fieldPath');
  if (typeof field === 'string' && !POD_FIELD.test(field)) {
    const at = [...path, 'fieldRef', 'fieldPath'];
    refuse(
      'refused-value',
      at,
      `is ${showValue(field)}`,
      "write a field of pods such as metadata.name or metadata.labels['app']",
    );
  }
}

function checkPort(port: number | undefined, path: Path, refuse: Refuse): void {
  if (port === undefined || isPort(port)) return;
  refuse('refused-value', path, `is ${port}`, 'write a port from 1 to 65535');
}
