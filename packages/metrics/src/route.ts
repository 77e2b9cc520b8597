import { Cell } from './cell.js';
import type { Labels } from './names.js';
import type { Objective } from './objective.js';

/** A method on a route pattern, with its cells resolved: the handle for recording requests. */
export class Route {
  /** A known HTTP method, or `_OTHER`. */
  readonly method: string;
  /** The pattern, mount prefixes included; never a path. */
  readonly pattern: string;
  readonly objective: Objective;
  /** By status code. */
  readonly cells: Map<number, Cell> = new Map();
  /** Requests whose duration counts. */
  readonly timed: Cell;
  /** Timed requests that took longer than the objective of this route. */
  readonly slow: Cell;
  /** Requests that the service failed: 5xx of every kind. */
  readonly failed: Cell;

  /** `labels` are the labels of its counters without a status. */
  constructor(method: string, pattern: string, objective: Objective, labels: Labels) {
    this.method = method;
    this.pattern = pattern;
    this.objective = objective;
    this.timed = new Cell(labels);
    this.slow = new Cell(labels);
    this.failed = new Cell(labels);
  }
}
