import { showValue } from '../fault.js';
import { isLabelValue, isPort, isPortName, isQualifiedName, isServiceName } from '../names.js';
import { has, listAt, type Mapping, mappingAt, numberAt, textAt } from '../read.js';
import type { Refuse } from '../refuse.js';
import type { Path } from '../yaml.js';

const SUFFIX = '-primary';

/** Checks the Services that Flagger creates for a Canary, and where it mirrors requests to. */
export function checkServices(spec: Mapping, refuse: Refuse): void {
  // A Service that is the target needs no other.
  if (textAt(spec, 'targetRef', 'kind') !== 'Service') checkOwnService(spec, refuse);
  for (const side of ['apex', 'primary', 'canary']) {
    checkMetadata(mappingAt(spec, 'service', side), ['spec', 'service', side], refuse);
  }
  checkMirrors(spec, refuse);
}

/** The Services that Flagger creates. */
function checkOwnService(spec: Mapping, refuse: Refuse): void {
  const path = ['spec', 'service'];
  const port = numberAt(spec, 'service', 'port');
  if (!has(spec, 'service')) {
    refuse(
      'missing-field',
      ['spec'],
      'lacks service: Flagger cannot create the Services of the Canary',
      'add service with its port',
      { fields: ['service'] },
    );
  } else if (port !== undefined && Number.isInteger(port) && !isPort(port)) {
    refuse(
      'refused-value',
      [...path, 'port'],
      `is ${port}: Flagger cannot create the Services of the Canary`,
      'write a port from 1 to 65535',
    );
  }
  const { targetPort } = mappingAt(spec, 'service');
  const isTarget =
    typeof targetPort === 'number' ? targetPort === 0 || isPort(targetPort) : isPortName(String(targetPort ?? 'http'));
  if (!isTarget) {
    refuse(
      'refused-value',
      [...path, 'targetPort'],
      `is ${showValue(targetPort)}: Flagger cannot create the Services of the Canary`,
      'write a port from 1 to 65535, or the name of one',
    );
  }
  const portName = textAt(spec, 'service', 'portName');
  if (portName !== '' && !isServiceName(portName.replace(/^\d/, 'a'))) {
    refuse(
      'refused-value',
      [...path, 'portName'],
      `is ${showValue(portName)}: Flagger cannot create the Services of the Canary`,
      'write only lower-case letters, digits and -',
    );
  }
  const [own, target] = [textAt(spec, 'service', 'name'), textAt(spec, 'targetRef', 'name')];
  const name = own === '' ? target : own;
  if (has(spec, 'targetRef', 'name') && !isServiceName(`${name}${SUFFIX}`)) {
    const at = own === '' ? ['spec', 'targetRef', 'name'] : [...path, 'name'];
    refuse(
      'refused-value',
      at,
      `is ${showValue(name)}, and ${name}${SUFFIX} is not a valid name of a Service: Flagger cannot create the Services of the Canary`,
      `write only lower-case letters, digits and -, beginning with a letter, ${63 - SUFFIX.length} at most`,
    );
  }
}

function checkMirrors(spec: Mapping, refuse: Refuse): void {
  for (const [i, mirror] of listAt(spec, 'service', 'mirror').entries()) {
    const backend = mappingAt(mirror, 'backendRef');
    const isService = textAt(backend, 'group') === '' && ['', 'Service'].includes(textAt(backend, 'kind'));
    if (has(mirror, 'backendRef') && isService && !has(backend, 'port')) {
      refuse(
        'missing-field',
        ['spec', 'service', 'mirror', i, 'backendRef'],
        'lacks port, which a Service needs: the API server refuses the Canary',
        'add port',
        { fields: ['port'] },
      );
    }
  }
}

function checkMetadata(metadata: Mapping, path: Path, refuse: Refuse): void {
  for (const field of ['labels', 'annotations']) {
    for (const [key, value] of Object.entries(mappingAt(metadata, field))) {
      const isValue = field === 'annotations' || typeof value !== 'string' || isLabelValue(value);
      if (isQualifiedName(key) && isValue) continue;
      refuse(
        'refused-value',
        [...path, field, key],
        `is ${showValue(isQualifiedName(key) ? value : key)}: Flagger cannot create the Services of the Canary`,
        'write only letters, digits, -, _ and ., 63 at most',
      );
    }
  }
}
