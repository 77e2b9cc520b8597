import { warn } from '@coalmine/options';
import { Cell } from './cell.js';
import { Exclusions } from './exclusions.js';
import type { TraceContext } from './exemplar.js';
import { type Exchange, InFlight } from './in-flight.js';
import type { Labels, Names } from './names.js';
import type { Objective } from './objective.js';
import { partOf } from './protocol.js';
import { Route } from './route.js';

/** Where a request is counted that no route matched. */
export const UNMATCHED = '(unmatched)';
/** Where a route is counted that came after `maxRoutes` others. */
export const OVERFLOW = '(overflow)';

/**
 * Statuses whose counters exist at zero as soon as a route does, so that `rate()` sees the first of them. Histograms do not:
 * each is many series, and a verdict asks the three counters of the route.
 */
const ZERO_STATUSES = [200, 500, 503, 504];

// RFC 9110 section 9, PATCH of RFC 5789 and QUERY, as in the OpenTelemetry HTTP semantic conventions:
// anything else is `_OTHER`, or a scanner could mint labels.
const KNOWN_METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'QUERY',
]);

/** What the histogram of durations says of the status: the code, its class (`2xx`), or nothing. */
export type DurationStatus = 'code' | 'class' | 'none';

/** Everything a recorder is made of, parsed. */
export interface RecorderSettings {
  readonly names: Names;
  readonly labels: Labels;
  readonly bounds: readonly number[];
  readonly objective: Objective;
  readonly maxRoutes: number;
  readonly durationStatus: DurationStatus;
  /** Whether counters and histograms say since when they count, as `_created` samples of OpenMetrics. */
  readonly created: boolean;
  /** Monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** Routes, their cells and the exchanges in flight: the numbers, with no opinion on how they are shown. */
export class Recorder {
  readonly settings: RecorderSettings;
  readonly inFlight: InFlight = new InFlight();
  readonly exclusions: Exclusions;
  /** Calls of {@link route} that were answered with the overflow route. */
  readonly dropped: Cell;
  /** Runs before every read of the numbers. */
  beforeCollect: () => void = () => {};
  /** Routes in the order in which they became known. */
  readonly routes: Route[] = [];
  readonly #byPattern = new Map<string, Map<string, Route>>();
  #patterns = 0;
  /** Patterns past the cap that the warning is to name; `undefined` once it has been emitted. */
  #folded: Set<string> | undefined = new Set();
  #shortestPatience: number;

  constructor(settings: RecorderSettings) {
    this.settings = settings;
    this.exclusions = new Exclusions(settings);
    this.dropped = new Cell({ ...settings.labels });
    this.#shortestPatience = settings.objective.patience;
    this.route('GET', UNMATCHED);
  }

  /** The handle of a method on a pattern, its zero series created when it is new. */
  route(method: string, pattern: string, objective: Objective = this.settings.objective): Route {
    const label = KNOWN_METHODS.has(method) ? method : '_OTHER';
    let byMethod = this.#byPattern.get(pattern);
    if (byMethod === undefined) {
      if (pattern !== UNMATCHED && pattern !== OVERFLOW) {
        if (this.#patterns >= this.settings.maxRoutes) {
          this.dropped.requests++;
          this.#fold(pattern);
          return this.route(method, OVERFLOW);
        }
        this.#patterns++;
      }
      byMethod = new Map();
      this.#byPattern.set(pattern, byMethod);
    }
    return byMethod.get(label) ?? this.#open(label, pattern, objective, byMethod);
  }

  /** Counts a request and, where given, its duration in seconds. The exchange tells of its trace and its part. */
  record(route: Route, status: number, seconds: number | undefined, exchange?: Exchange): void {
    const { bounds } = this.settings;
    const cell = route.cells.get(status) ?? this.#openCell(route, status);
    const part = partIn(cell, exchange);
    const context = exchange?.trace?.context;
    const isFailed = status >= 500;
    count(cell, part, status, context);
    if (isFailed) tick(route.failed, context);
    if (seconds === undefined) return;
    const isSlow = seconds > route.objective.latency;
    route.timed.requests++;
    if (isSlow) tick(route.slow, context);
    part?.observe(seconds, bounds);
    const bucket = cell.observe(seconds, bounds);
    if (context !== undefined) cell.exemplifyBucket(context, bucket, seconds, !isFailed && !isSlow);
  }

  /** Counts a request that was refused because of how its client asked: no failure of the service, whatever the status. */
  refuse(route: Route, status: number, exchange?: Exchange): void {
    const cell = route.cells.get(status) ?? this.#openCell(route, status);
    count(cell, partIn(cell, exchange), status, exchange?.trace?.context);
  }

  /** The cells of all routes, of one status and above. */
  *cells(leastStatus: number): Generator<Cell, void, undefined> {
    for (const { cells } of this.routes) {
      for (const [status, cell] of cells) if (status >= leastStatus) yield cell;
    }
  }

  /** The cells of one of the counters that each route has without a status. */
  *counters(which: 'timed' | 'slow' | 'failed'): Generator<Cell, void, undefined> {
    for (const route of this.routes) yield route[which];
  }

  /** Exchanges in flight for longer than the patience of their route. */
  overdue(): number {
    return this.inFlight.overdue(this.settings.now(), this.#shortestPatience);
  }

  #fold(pattern: string): void {
    if (this.#folded === undefined) return;
    // All that are found in one go, as those of an app are, make one warning.
    if (this.#folded.size === 0) queueMicrotask(() => this.#warnOfFolded());
    this.#folded.add(pattern);
  }

  #warnOfFolded(): void {
    const [...folded] = this.#folded ?? [];
    this.#folded = undefined;
    const named = folded.slice(0, 5).join(', ');
    const others = folded.length > 5 ? ` and ${folded.length - 5} others` : '';
    warn(
      'COALMINE_ROUTES_FOLDED',
      `There are more routes than metrics.maxRoutes (${this.settings.maxRoutes}): ${named}${others} will be counted as ${OVERFLOW}, and so will every further route. Raise metrics.maxRoutes to tell them apart.`,
      this,
    );
  }

  #open(method: string, pattern: string, objective: Objective, byMethod: Map<string, Route>): Route {
    const { names, labels } = this.settings;
    const route = new Route(method, pattern, objective, {
      [names.labels.method]: method,
      [names.labels.route]: pattern,
      ...labels,
    });
    byMethod.set(method, route);
    this.routes.push(route);
    this.#shortestPatience = Math.min(this.#shortestPatience, objective.patience);
    for (const status of ZERO_STATUSES) this.#openCell(route, status);
    return route;
  }

  #openCell(route: Route, status: number): Cell {
    const { names, labels: constant } = this.settings;
    const { error_type: errorType } = names.labels;
    const cell = new Cell({
      [names.labels.method]: route.method,
      [names.labels.route]: route.pattern,
      [names.labels.status_code]: String(status),
      ...(errorType === undefined || status < 500 ? {} : { [errorType]: String(status) }),
      ...constant,
    });
    route.cells.set(status, cell);
    return cell;
  }
}

/** Counts a request in the cell of its status, and in its part. */
function count(cell: Cell, part: Cell | undefined, status: number, context: TraceContext | undefined): void {
  cell.requests++;
  if (part !== undefined) part.requests++;
  if (status >= 400 && context !== undefined) cell.exemplify(context);
}

/** Counts a request whose trace, if it has one, becomes the exemplar of the counter. */
function tick(cell: Cell, context: TraceContext | undefined): void {
  cell.requests++;
  if (context !== undefined) cell.exemplify(context);
}

/** Returns the part of a cell that counts an exchange too, or `undefined` if the cell is not told apart. */
function partIn(cell: Cell, exchange: Exchange | undefined): Cell | undefined {
  const protocol = exchange?.protocol;
  const sentStatus = exchange?.sentStatus;
  if (protocol === undefined && sentStatus === undefined && cell.parts === undefined) return undefined;
  return cell.under(partOf(protocol, sentStatus));
}
