import { InvalidOption, warn } from '@coalmine/options';
import { type Cell, createNumbers } from './cell.js';
import type { CellNumbers } from './cell-numbers.js';
import { Exclusions } from './exclusions.js';
import type { TraceContext } from './exemplar.js';
import { type Exchange, InFlight } from './in-flight.js';
import { LabelledCell } from './labelled-cell.js';
import type { Labels, Names } from './names.js';
import { completeObjective, type Objective } from './objective.js';
import { partOf } from './protocol.js';
import { OVERFLOW, Route, UNMATCHED } from './route.js';
import { RouteLabels } from './route-labels.js';

// RFC 9110 section 9, PATCH of RFC 5789 and QUERY, as in the OpenTelemetry HTTP semantic conventions. Any other method
// is `_OTHER`, otherwise a scanner could create labels.
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

/**
 * Whether a catch-all refused a request. A scanner sends as many of these as it likes, so they count in no share of slow
 * requests. A client that left (499) was not refused.
 */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 499;
}

/** The status that the histogram of durations shows: the code, its class (`2xx`), or none. */
export type DurationStatus = 'code' | 'class' | 'none';

/** The parsed settings of a recorder. */
export interface RecorderSettings {
  readonly names: Names;
  readonly labels: Labels;
  readonly bounds: readonly number[];
  readonly objective: Objective;
  readonly maxRoutes: number;
  readonly durationStatus: DurationStatus;
  /** Whether counters and histograms show since when they count, as `_created` samples of OpenMetrics. */
  readonly created: boolean;
  /** Monotonic clock in milliseconds. */
  readonly now: () => number;
}

/**
 * Routes, with what they have counted, and the exchanges in flight. The recorder has the numbers, and does not know
 * how they are shown.
 */
export class Recorder {
  readonly settings: RecorderSettings;
  readonly inFlight: InFlight = new InFlight();
  readonly exclusions: Exclusions;
  /** The numbers of its cells. */
  readonly numbers: CellNumbers;
  /** Counts the calls of {@link route} that returned the overflow route. */
  readonly dropped: LabelledCell;
  /** The labels of its routes. */
  readonly labels: RouteLabels;
  /** Runs before every read of the numbers. */
  beforeCollect: () => void = () => {};
  /** Routes in the order in which they became known. */
  readonly routes: Route[] = [];
  /** The first route of each pattern; the others follow it. */
  readonly #byPattern = new Map<string, Route>();
  #patterns = 0;
  /** Patterns past the limit, for the warning to name; `undefined` once the warning has been emitted. */
  #folded: Set<string> | undefined = new Set();
  #shortestPatience: number;

  constructor(settings: RecorderSettings) {
    this.settings = settings;
    this.numbers = createNumbers(settings.bounds);
    this.exclusions = new Exclusions(settings, this.numbers);
    this.dropped = new LabelledCell(this.numbers, { ...settings.labels });
    this.labels = new RouteLabels(settings);
    this.#shortestPatience = settings.objective.patience;
    this.route('GET', UNMATCHED);
  }

  /**
   * Returns the handle of a method on a pattern, and creates its series at zero if the pattern is new. Throws `InvalidOption`
   * if the pattern or the objective of a new route cannot be used.
   */
  route(method: string, pattern: string, objective: Objective = this.settings.objective): Route {
    const label = KNOWN_METHODS.has(method) ? method : '_OTHER';
    const first = this.#byPattern.get(pattern);
    if (first === undefined)
      return this.#first(label, parsePattern(pattern), completeObjective(objective, this.settings.objective));
    let last = first;
    for (let route: Route | undefined = first; route !== undefined; route = route.sibling) {
      if (route.method === label) return route;
      last = route;
    }
    // The same texts as those of the first route, so that they are in memory once.
    last.sibling = this.#open(label, first.pattern, first.text, completeObjective(objective, this.settings.objective));
    return last.sibling;
  }

  /** Counts a request and, if given, its duration in seconds. The exchange has its trace and its part. */
  record(route: Route, status: number, seconds: number | undefined, exchange?: Exchange): void {
    const { bounds } = this.settings;
    const cell = route.open(status, this.numbers);
    const part = partIn(cell, exchange);
    const context = exchange?.trace?.context;
    const isFailed = status >= 500;
    count(cell, part, status, context);
    if (isFailed) route.count('failed', context);
    if (seconds === undefined) return;
    const isTimed = !(route.isCatchAll && isRefusal(status));
    const isSlow = isTimed && seconds > route.objective.latency;
    if (isTimed) route.timed++;
    if (isSlow) route.count('slow', context);
    part?.observe(seconds, bounds);
    const bucket = cell.observe(seconds, bounds);
    if (context !== undefined) cell.exemplifyBucket(context, bucket, seconds, !isFailed && !isSlow);
  }

  /**
   * Counts a request that was refused because of how its client asked. It is no failure of the service, whatever its
   * status.
   */
  refuse(route: Route, status: number, exchange?: Exchange): void {
    const cell = route.open(status, this.numbers);
    count(cell, partIn(cell, exchange), status, exchange?.trace?.context);
  }

  /** Returns how many exchanges have been in flight for longer than the patience of their route. */
  overdue(): number {
    return this.inFlight.overdue(this.settings.now(), this.#shortestPatience);
  }

  #fold(pattern: string): void {
    if (this.#folded === undefined) return;
    // All patterns that become known in one go, such as the routes of an app, make one warning.
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

  /** Returns the route of a new pattern, or the overflow route if there are too many patterns. */
  #first(method: string, pattern: string, objective: Objective): Route {
    if (pattern !== UNMATCHED && pattern !== OVERFLOW) {
      if (this.#patterns >= this.settings.maxRoutes) {
        this.dropped.requests++;
        this.#fold(pattern);
        return this.route(method, OVERFLOW);
      }
      this.#patterns++;
    }
    const route = this.#open(method, pattern, this.labels.patternText(pattern), objective);
    this.#byPattern.set(pattern, route);
    return route;
  }

  #open(method: string, pattern: string, text: string, objective: Objective): Route {
    const route = new Route(method, pattern, objective, text);
    this.routes.push(route);
    this.#shortestPatience = Math.min(this.#shortestPatience, objective.patience);
    return route;
  }
}

function parsePattern(pattern: string): string {
  if (typeof pattern !== 'string') throw new InvalidOption('pattern', "a text such as '/items/:id'", pattern);
  return pattern;
}

/** Counts a request in the cell of its status, and in its part. Only an error becomes an exemplar. */
function count(cell: Cell, part: Cell | undefined, status: number, context: TraceContext | undefined): void {
  cell.count(status >= 400 ? context : undefined);
  if (part !== undefined) part.requests++;
}

/** Returns the part of a cell that counts an exchange as well, or `undefined` if the cell has no parts. */
function partIn(cell: Cell, exchange: Exchange | undefined): Cell | undefined {
  const protocol = exchange?.protocol;
  const sentStatus = exchange?.sentStatus;
  if (protocol === undefined && sentStatus === undefined && cell.parts === undefined) return undefined;
  return cell.under(partOf(protocol, sentStatus));
}
