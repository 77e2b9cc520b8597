import { nearestFirstOf } from '../../controllers/nearness.js';
import { isJudged, type SourceObject } from '../../controllers/objects.js';
import { checkReferences } from '../../controllers/references.js';
import { refusalsOf } from '../../controllers/refusals.js';
import type { TemplateRule } from '../rules.js';
import type { Findings } from './findings.js';

// Rules that describe a refusal at the same place more exactly.
const EXACT: readonly TemplateRule[] = [
  'invalid-duration',
  'invalid-condition',
  'interval-missing',
  'limit-beyond-count',
  'repeated-name',
  'no-weights',
  'invalid-address',
  'refused-count',
  'wrong-namespace',
  'wrong-scope',
  'missing-template',
  'conflicting-defaults',
];

// Rules that do so, but not for a value of another type, which they do not read.
const EXACT_FOR_TYPES: readonly TemplateRule[] = ['empty-spec', 'provider-count'];

/** Reports what an API server or a controller refuses, and conflicts between the objects of these files. */
export function lintRefusals(objects: readonly SourceObject[], findings: Findings): void {
  const nearestFirst = nearestFirstOf(objects);
  for (const object of objects) {
    const others = isJudged(object) ? nearestFirst(object).map(({ written }) => written) : [];
    for (const { rule, path, message, repair } of [
      ...refusalsOf(object.written),
      ...checkReferences(object.written, others),
    ]) {
      const place = object.keyAt(path);
      const exact = rule === 'wrong-type' ? EXACT : [...EXACT, ...EXACT_FOR_TYPES];
      const isSaid = rule !== 'unknown-field' && [place, object.at(path)].some((each) => findings.has(exact, each));
      if (!isSaid) findings.report(rule, place, message, repair);
    }
  }
}
