import { describe, expect, it } from 'vitest';
import { showPath } from '../fault.js';
import { readObjects, type SourceObject } from '../objects.js';
import { isCircular, resolveRun, runsOf } from './runs.js';

const objectsIn = (text: string): readonly SourceObject[] =>
  readObjects([{ file: 'a.yaml', text }]).objects.map((object) => ({ ...object, spec: object.written['spec'] }));

/** Returns templates that name other templates. */
const templatesOf = (names: Readonly<Record<string, readonly string[]>>): readonly SourceObject[] =>
  objectsIn(
    Object.entries(names)
      .map(([name, others]) => {
        const templates = others.map((other) => `{ templateName: ${other} }`).join(', ');
        return `kind: AnalysisTemplate\nmetadata: { name: ${name} }\nspec: { metrics: [], templates: [${templates}] }\n`;
      })
      .join('---\n'),
  );

const ROLLOUT = `kind: Rollout
metadata: { name: shop, namespace: prod }
spec:
  strategy:
    canary:
      analysis: { templates: [{ templateName: a }], startingStep: 0 }
      steps:
      - setWeight: 5
      - analysis: { templates: [{ templateName: b }, { templateName: c, clusterScope: true }] }
      - experiment: { analyses: [{ name: x, templateName: d, args: [{ name: hash, value: z }] }] }
    blueGreen:
      prePromotionAnalysis: { templates: [{ templateName: e }] }
      postPromotionAnalysis: { templates: [{ templateName: f }] }
`;

describe('the analyses of a Rollout', () => {
  const [rollout] = objectsIn(ROLLOUT) as [SourceObject];

  it('are beside all steps, in steps, in experiments, and before and after the switch', () => {
    expect(
      runsOf(rollout).map(({ role, path, references }) => [
        role,
        showPath(path),
        references.map(({ templateName }) => templateName),
      ]),
    ).toEqual([
      ['background', 'spec.strategy.canary.analysis', ['a']],
      ['a step', 'spec.strategy.canary.steps[1].analysis', ['b', 'c']],
      ['an experiment', 'spec.strategy.canary.steps[2].experiment.analyses[0]', ['d']],
      ['prePromotionAnalysis', 'spec.strategy.blueGreen.prePromotionAnalysis', ['e']],
      ['postPromotionAnalysis', 'spec.strategy.blueGreen.postPromotionAnalysis', ['f']],
    ]);
  });

  it('know the place of each reference, and their arguments', () => {
    const [, step, experiment] = runsOf(rollout);
    expect(step?.references.map(({ path }) => showPath(path))).toEqual([
      'spec.strategy.canary.steps[1].analysis.templates[0].templateName',
      'spec.strategy.canary.steps[1].analysis.templates[1].templateName',
    ]);
    expect(experiment?.args).toEqual([{ name: 'hash', value: 'z' }]);
  });

  it('begin before there is a pod only beside all steps, and only from the first step on', () => {
    expect(runsOf(rollout).map(({ isFromStart }) => isFromStart)).toEqual([true, false, false, false, false]);
    const [later] = objectsIn(ROLLOUT.replace('startingStep: 0', 'startingStep: 1')) as [SourceObject];
    expect(runsOf(later)[0]?.isFromStart).toBe(false);
  });
});

it('the analyses of an Experiment are its own', () => {
  const [experiment] = objectsIn(
    'kind: Experiment\nmetadata: { name: x }\nspec: { analyses: [{ name: a, templateName: b }] }\n',
  ) as [SourceObject];
  expect(runsOf(experiment)).toMatchObject([{ role: 'an experiment', path: ['spec', 'analyses', 0] }]);
});

describe('a run', () => {
  it('has the templates that it names, and those that these name', () => {
    const [a, b, c] = templatesOf({ a: ['b'], b: ['c'], c: [] });
    const [run] = runsOf(a as SourceObject);
    const { templates, isWhole, unresolved } = resolveRun(run as never, [a, b, c] as SourceObject[]);
    expect(templates).toEqual([a, b, c]);
    expect({ isWhole, unresolved }).toEqual({ isWhole: true, unresolved: [] });
  });

  it('is not whole if a template is missing, whoever names it', () => {
    const [a, b] = templatesOf({ a: ['b', 'gone'], b: ['away'] });
    const [run] = runsOf(a as SourceObject);
    const first = resolveRun(run as never, [a, b] as SourceObject[]);
    expect(first.isWhole).toBe(false);
    expect(first.unresolved.map(({ reference, resolution }) => [reference.templateName, resolution.kind])).toEqual([
      ['gone', 'unknown'],
    ]);
    const [c, d] = templatesOf({ c: ['d'], d: ['away'] });
    const [other] = runsOf(c as SourceObject);
    expect(resolveRun(other as never, [c, d] as SourceObject[])).toMatchObject({ isWhole: false, unresolved: [] });
    const [background] = runsOf(objectsIn(ROLLOUT)[0] as SourceObject);
    expect(resolveRun(background as never, []).isWhole).toBe(false);
  });

  it('does not exist for a template that names no others', () => {
    const [alone] = objectsIn('kind: AnalysisTemplate\nmetadata: { name: a }\nspec: { metrics: [] }\n');
    expect(runsOf(alone as SourceObject)).toEqual([]);
  });
});

it.each<[names: Readonly<Record<string, readonly string[]>>, isOne: boolean]>([
  [{ a: ['a'] }, true],
  [{ a: ['b'], b: ['c'], c: ['a'] }, true],
  [{ a: ['b'], b: ['c'], c: ['b'] }, false],
  [{ a: ['b', 'c'], b: ['c'], c: [] }, false],
])('the first of the templates %j names itself: %s', (names, isOne) => {
  const templates = templatesOf(names);
  expect(isCircular(templates[0] as SourceObject, templates)).toBe(isOne);
});
