import { Cell } from './cell.js';
import type { Labels } from './names.js';
import type { Objective } from './objective.js';

/** The route of a request that matched no route. */
export const UNMATCHED = '(unmatched)';
/** The route of a request whose route came after `maxRoutes` others. */
export const OVERFLOW = '(overflow)';

/** A method on a route pattern, with its cells resolved: the handle for recording requests. */
export class Route {
  /** A known HTTP method, or `_OTHER`. */
  readonly method: string;
  /** The pattern, mount prefixes included; never a path. */
  readonly pattern: string;
  readonly objective: Objective;
  /** Whether it stands for all paths that no other route knows, or for all paths below one. */
  readonly isCatchAll: boolean;
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
    this.isCatchAll = pattern === UNMATCHED || pattern.includes('*');
    this.timed = new Cell(labels);
    this.slow = new Cell(labels);
    this.failed = new Cell(labels);
  }
}
