import type { Answer } from '../../prometheus.js';
import { NotKnown } from '../../promql/elements.js';
import { evaluate } from '../../promql/evaluate.js';
import type { Promql } from '../../promql/promql.js';
import { seriesIn, type World } from './world.js';

/** What a query answers of a world, of nothing scraped where there is none. `undefined` where it asks for what is not known here. */
export function answerOf(tree: Promql, parts: readonly Promql[], world: World | undefined): Answer | undefined {
  const select = world === undefined ? () => [] : seriesIn(world, parts);
  try {
    const value = evaluate(tree, select);
    return typeof value === 'number' ? { type: 'scalar', value } : { type: 'vector', values: value };
  } catch (error) {
    if (error instanceof NotKnown) return undefined;
    throw error;
  }
}

/** Whether an answer has no element. */
export function isEmpty(answer: Answer | undefined): boolean {
  return answer?.type === 'vector' && answer.values.length === 0;
}

/** The numbers of an answer. */
export function valuesIn(answer: Answer | undefined): readonly number[] {
  if (answer?.type === 'scalar') return [answer.value];
  return answer?.type === 'vector' ? answer.values.map(({ value = Number.NaN }) => value) : [];
}
