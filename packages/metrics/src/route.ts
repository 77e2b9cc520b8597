import type { Cell } from './cell.js';
import type { Objective } from './objective.js';

/** A method on a route pattern, with its cells resolved: the handle that the hot path records on. */
export class Route {
  /** A known HTTP method, or `_OTHER`. */
  readonly method: string;
  /** The pattern, mount prefixes included; never a path. */
  readonly pattern: string;
  readonly objective: Objective;
  /** By status code. */
  readonly cells: Map<number, Cell> = new Map();

  constructor(method: string, pattern: string, objective: Objective) {
    this.method = method;
    this.pattern = pattern;
    this.objective = objective;
  }
}
