import { type Cells, type Compared, each, increaseOf, more, overSpans } from './cells.js';
import { indent, number } from './evidence.js';
import { PERSISTENCE } from './persistence.js';
import { increaseInLongSpan, OF_THE_APP, ofOldPods } from './series.js';

/** Returns PromQL for the number of routes that fail and work on stable; empty if there is none. */
export function failuresOf(compared: Compared): string {
  const { names, objective } = compared.release;
  const least = PERSISTENCE.timesErrorRatio * objective.errorRatio;
  return overSpans(compared.release, more(cellsOf(compared, names.failed, names.requests), least));
}

/** Returns PromQL for the number of routes that are over their objective and not on stable; empty if there is none. */
export function slownessOf(compared: Compared): string {
  const { names, objective } = compared.release;
  const least = PERSISTENCE.timesOverShare * objective.overShare;
  const slow = more(cellsOf(compared, names.slow, names.timed), least);
  return overSpans(compared.release, `${slow}\nunless (\n${indent(oldPodsAreWell(compared))}\n)`);
}

/** Returns PromQL for the routes that are not slow on the old pods of the canary: an autoscaler may start pods again and again. */
function oldPodsAreWell({ release, canary }: Compared): string {
  const { names, objective, analysis } = release;
  const { method, route } = names.labels;
  const sum = (metric: string): string => {
    const counted = increaseInLongSpan(analysis, metric, `${canary},${route}${OF_THE_APP}`);
    return `sum by (${method}, ${route}) (${ofOldPods(release, canary, counted)})`;
  };
  return `${sum(names.slow)}\n< ${number(objective.overShare)} * ${sum(names.timed)}`;
}

/**
 * Returns PromQL for the number of routes whose mean duration is more than `factor` times that of stable; empty if
 * there is none.
 */
export function slowdownOf(compared: Compared, factor: number): string {
  const { release, canary, stable } = compared;
  const { names, analysis } = release;
  const { method, route } = names.labels;
  const sum = (side: string, what: 'sum' | 'count'): string =>
    `sum by (${method}, ${route}) (${increaseOf(compared, `${names.duration}_${what}`, `${side},${route}${OF_THE_APP}`)})`;
  const mean = (side: string): string => `${sum(side, 'sum')}\n/ ${sum(side, 'count')}`;
  return overSpans(
    release,
    each(
      `${sum(canary, 'count')} >= bool ${analysis.minRequests}`,
      `${mean(canary)}\n> bool ${number(factor)}\n* ${mean(stable)}`,
    ),
  );
}

function cellsOf(compared: Compared, bad: string, all: string): Cells {
  const { release, canary, stable } = compared;
  const { method, route } = release.names.labels;
  const sum = (metric: string, side: string): string =>
    `sum by (${method}, ${route}) (${increaseOf(compared, metric, `${side},${route}${OF_THE_APP}`)})`;
  return {
    canary: { bad: sum(bad, canary), all: sum(all, canary) },
    stable: { bad: sum(bad, stable), all: sum(all, stable) },
    per: '',
  };
}
