import { Cell } from './cell.js';
import type { CellNumbers } from './cell-numbers.js';
import { epochSeconds } from './epoch-seconds.js';
import { type Exemplar, exemplarOf, type TraceContext } from './exemplar.js';
import type { Objective } from './objective.js';

/** The route of a request that matched no route. */
export const UNMATCHED = '(unmatched)';
/** The route of a request whose route came after `maxRoutes` others. */
export const OVERFLOW = '(overflow)';

/**
 * Statuses whose counters exist at zero as soon as a route does, so that `rate()` sees the first increase. Histograms
 * do not: each is many series, and a verdict asks the three counters of the route.
 */
const ZERO_STATUSES: readonly number[] = [200, 500, 503, 504];

/** The counters that each route has without a status. */
export type RouteCounter = 'timed' | 'slow' | 'failed';

/**
 * A method on a route pattern: the handle for recording requests.
 *
 * Most statuses of most routes never come. A status gets memory when it counts for the first time, and what shows the
 * counters shows the zeros.
 */
export class Route {
  /** A known HTTP method, or `_OTHER`. */
  readonly method: string;
  /** The pattern, mount prefixes included; never a path. */
  readonly pattern: string;
  readonly objective: Objective;
  /** Whether it stands for all paths that no other route knows, or for all paths below one. */
  readonly isCatchAll: boolean;
  /** The label of its pattern as exposition text: one text for all methods of the pattern. */
  readonly text: string;
  /** Epoch seconds at which the route became known. */
  readonly knownFrom: number = epochSeconds();
  /** Requests whose duration counts. */
  timed = 0;
  /** Timed requests that took longer than the objective of this route. */
  slow = 0;
  /** Requests that the service failed: 5xx of every kind. */
  failed = 0;
  /** The exemplars of its counters; absent until there is one. */
  exemplars: { slow: Exemplar | undefined; failed: Exemplar | undefined } | undefined;
  /** Epoch seconds of the last reset of a counter or of the statuses; absent until there is one. */
  resets: Partial<Record<RouteCounter | 'statuses', number>> | undefined;
  /** The next route of the same pattern, with another method. Only the recorder writes this field. */
  sibling: Route | undefined;
  /** The first of its cells; the others follow it. Only this module writes the field. */
  firstCell: StatusCell | undefined;

  constructor(method: string, pattern: string, objective: Objective, text: string) {
    this.method = method;
    this.pattern = pattern;
    this.objective = objective;
    this.isCatchAll = pattern === UNMATCHED || pattern.includes('*');
    this.text = text;
  }

  /** Counts a slow or a failed request. Its trace, if it is given, becomes the exemplar of the counter. */
  count(which: 'slow' | 'failed', context: TraceContext | undefined): void {
    this[which]++;
    if (context === undefined) return;
    this.exemplars ??= { slow: undefined, failed: undefined };
    this.exemplars[which] = exemplarOf(context, 1, epochSeconds());
  }

  /** Returns the epoch seconds at which a counter was zero, or the statuses that have counted nothing since. */
  zeroFrom(which: RouteCounter | 'statuses'): number {
    return this.resets?.[which] ?? this.knownFrom;
  }

  /** Sets one of its counters to zero. */
  reset(which: RouteCounter, createdAt: number): void {
    this.resets = { ...this.resets, [which]: createdAt };
    this[which] = 0;
    if (which !== 'timed' && this.exemplars !== undefined) this.exemplars[which] = undefined;
  }

  /** Sets the counts of the statuses to zero, from `leastStatus` on. */
  resetStatuses(leastStatus: number, createdAt: number): void {
    this.resets = { ...this.resets, statuses: createdAt };
    for (const cell of cellsOf(this)) if (cell.status >= leastStatus) cell.reset(createdAt);
  }

  /** Returns the cell of a status, if the status has counted anything. */
  cell(status: number): Cell | undefined {
    let cell = this.firstCell;
    while (cell !== undefined && cell.status !== status) cell = cell.next;
    return cell;
  }

  /** Returns the cell of a status, in which a request can be counted. A new cell has its numbers in `numbers`. */
  open(status: number, numbers: CellNumbers): Cell {
    return this.cell(status) ?? add(this, status, numbers);
  }

  /** Returns every status that has series, whether the status has counted anything or not. */
  statuses(): readonly number[] {
    const others: number[] = [];
    for (let cell = this.firstCell; cell !== undefined; cell = cell.next) {
      if (!ZERO_STATUSES.includes(cell.status)) others.push(cell.status);
    }
    // Most routes share one list: a scrape asks thousands of routes three times.
    return others.length === 0 ? ZERO_STATUSES : [...ZERO_STATUSES, ...others];
  }

  /** Yields the statuses that have counted anything, with their cells. */
  *counted(): Generator<readonly [status: number, cell: Cell], void, undefined> {
    for (const cell of cellsOf(this)) yield [cell.status, cell];
  }
}

// Functions, because a private member would make the classes of ESM and of CommonJS differ for TypeScript.

function* cellsOf({ firstCell }: Route): Generator<StatusCell, void, undefined> {
  for (let cell = firstCell; cell !== undefined; cell = cell.next) yield cell;
}

function add(route: Route, status: number, numbers: CellNumbers): Cell {
  const added = new StatusCell(
    numbers,
    ZERO_STATUSES.includes(status) ? route.zeroFrom('statuses') : epochSeconds(),
    status,
  );
  let last: StatusCell | undefined;
  for (const cell of cellsOf(route)) last = cell;
  if (last === undefined) route.firstCell = added;
  else last.next = added;
  return added;
}

/** A cell in the list of its route: a route has few, and a list takes less memory than a map. */
export class StatusCell extends Cell {
  readonly status: number;
  next: StatusCell | undefined;

  constructor(numbers: CellNumbers, createdAt: number, status: number) {
    super(numbers, createdAt);
    this.status = status;
    this.next = undefined;
  }
}
