import type { Answer } from '../../prometheus.js';
import { NotKnown } from '../../promql/elements.js';
import { evaluate } from '../../promql/evaluate.js';
import type { Promql } from '../../promql/promql.js';
import { seriesIn, type World } from './world.js';

const known = new WeakMap<Promql, Map<World | undefined, Answer | undefined>>();

/**
 * Returns the result of a query in a world, or with nothing scraped if there is no world. Returns `undefined` if the
 * query has a part that is not known here. Results are cached, because several rules ask for the same result.
 */
export function answerOf(tree: Promql, parts: readonly Promql[], world: World | undefined): Answer | undefined {
  const answers = known.get(tree) ?? new Map<World | undefined, Answer | undefined>();
  known.set(tree, answers);
  if (!answers.has(world)) answers.set(world, compute(tree, parts, world));
  return answers.get(world);
}

function compute(tree: Promql, parts: readonly Promql[], world: World | undefined): Answer | undefined {
  const select = world === undefined ? () => [] : seriesIn(world, parts);
  try {
    const value = evaluate(tree, select);
    return typeof value === 'number' ? { type: 'scalar', value } : { type: 'vector', values: value };
  } catch (error) {
    if (error instanceof NotKnown) return undefined;
    throw error;
  }
}

/** Whether a result has no element. */
export function isEmpty(answer: Answer | undefined): boolean {
  return answer?.type === 'vector' && answer.values.length === 0;
}

/** Returns the numbers of a result. */
export function valuesIn(answer: Answer | undefined): readonly number[] {
  if (answer?.type === 'scalar') return [answer.value];
  return answer?.type === 'vector' ? answer.values.map(({ value = Number.NaN }) => value) : [];
}

export const NOTHING: Answer = { type: 'vector', values: [] };

export function vectorOf(...values: readonly number[]): Answer {
  return { type: 'vector', values: values.map((value) => ({ labels: {}, value })) };
}
