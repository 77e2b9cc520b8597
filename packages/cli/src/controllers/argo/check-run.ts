import { showValue } from '../fault.js';
import { listAt, type Mapping, textAt } from '../read.js';
import type { Refuse } from '../refuse.js';
import type { Path } from '../yaml.js';

// The fields of the Rollout that an argument may use.
const METADATA = /^metadata\.(?:name|namespace|uid|labels|annotations|(?:labels|annotations)\['[^']+'\])$/;

/** Checks an analysis that a Rollout runs. */
export function checkRun(run: Mapping, path: Path, refuse: Refuse): void {
  const templates = listAt(run, 'templates');
  if (templates.length === 0) {
    refuse(
      'missing-field',
      path,
      'lacks templates, so the analysis has no metric',
      'add templates: [{ templateName: … }]',
      { fields: ['templates'] },
    );
  }
  for (const [i, template] of templates.entries()) {
    if (textAt(template, 'templateName') === '') {
      refuse('missing-field', [...path, 'templates', i], 'lacks templateName', 'add templateName', {
        fields: ['templateName'],
      });
    }
  }
  checkArguments(run, path, refuse);
}

/** Checks the arguments of an analysis that a Rollout runs. */
export function checkArguments(run: Mapping, path: Path, refuse: Refuse): void {
  for (const [i, argument] of listAt(run, 'args').entries()) {
    const field = textAt(argument, 'valueFrom', 'fieldRef', 'fieldPath');
    if (field.startsWith('metadata') && !METADATA.test(field)) {
      const at = [...path, 'args', i, 'valueFrom', 'fieldRef', 'fieldPath'];
      refuse(
        'refused-value',
        at,
        `is ${field}`,
        "write metadata.name, metadata.namespace, metadata.uid, metadata.labels['…'] or metadata.annotations['…']",
      );
    }
    const hash = textAt(argument, 'valueFrom', 'podTemplateHashValue');
    if (hash !== '' && !['Latest', 'Stable'].includes(hash)) {
      const at = [...path, 'args', i, 'valueFrom', 'podTemplateHashValue'];
      const consequence = 'the argument is an empty text';
      refuse('refused-value', at, `is ${showValue(hash)}`, 'write Latest or Stable', { consequence });
    }
  }
}
