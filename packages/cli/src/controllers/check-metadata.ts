import { isExcerpt } from './excerpt.js';
import { type Fault, showValue } from './fault.js';
import { isDnsLabel, isLabelValue, isQualifiedName, isSubdomain } from './names.js';
import { type Mapping, mappingAt, textAt, valueAt } from './read.js';

/**
 * Returns why an API server refuses the metadata of an object, by the requirements for names, labels and annotations.
 */
export function checkMetadata(kind: string, object: Mapping): readonly Fault[] {
  const faults: Fault[] = [];
  const metadata = mappingAt(object, 'metadata');
  const [name, generateName, namespace] = [
    textAt(metadata, 'name'),
    textAt(metadata, 'generateName'),
    textAt(metadata, 'namespace'),
  ];
  const refused = `the API server refuses the ${kind}`;
  const isNameless = name === '' && generateName === '' && !isExcerpt(kind, object);
  if (isNameless && typeof (valueAt(metadata, 'name') ?? '') === 'string') {
    faults.push({
      rule: 'missing-field',
      path: ['metadata'],
      fields: ['name'],
      message: `metadata lacks name: ${refused}`,
      repair: 'add name',
    });
  }
  if (name !== '' && !isSubdomain(name)) {
    refuse(
      ['metadata', 'name'],
      name,
      'only lower-case letters, digits, - and ., beginning and ending with a letter or a digit',
    );
  }
  if (namespace !== '' && !isDnsLabel(namespace)) {
    refuse(['metadata', 'namespace'], namespace, 'only lower-case letters, digits and -, 63 at most');
  }
  for (const field of ['labels', 'annotations']) {
    for (const [key, value] of Object.entries(mappingAt(metadata, field))) {
      const path = ['metadata', field, key];
      if (!isQualifiedName(key)) refuse(path, key, 'a key such as app or example.com/app');
      else if (field === 'labels' && typeof value === 'string' && !isLabelValue(value)) {
        refuse(path, value, 'only letters, digits, -, _ and ., 63 at most');
      }
    }
  }
  return faults;

  function refuse(path: readonly string[], value: string, wanted: string): void {
    faults.push({
      rule: 'refused-value',
      path,
      message: `${path.slice(0, 2).join('.')} has ${showValue(value)}: ${refused}`,
      repair: `write ${wanted}`,
    });
  }
}
