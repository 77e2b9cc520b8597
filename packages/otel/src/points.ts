import { type Cell, type Metrics, type Part, PLAIN_PART, type Route, UNMATCHED } from '@coalmine/metrics';
import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTES } from './attributes.js';

/** The durations of one set of attributes. */
export interface TimedPoint {
  /** The same object for the same set at every reading. */
  readonly attributes: Attributes;
  /** As in a cell: counts by bucket, then the sum in seconds. */
  readonly timings: Float64Array | undefined;
  /** Epoch seconds at which the counts were zero. */
  readonly timedFrom: number;
}

/** The count of one set of attributes. */
export interface CountPoint {
  /** The same object for the same set at every reading. */
  readonly attributes: Attributes;
  readonly requests: number;
  /** Epoch seconds at which the count was zero. */
  readonly from: number;
}

/** A number for one set of attributes. */
export interface ScalarPoint {
  readonly attributes: Attributes;
  readonly value: number;
  /** Epoch seconds at which the number was zero, if known. */
  readonly from?: number;
}

/** The count of a route with one status, and the durations. */
export interface Point extends CountPoint, TimedPoint {
  readonly status: number;
}

/** Yields the points of every route, by status and part. */
export function* pointsOf({ routes }: Pick<Metrics, 'routes'>): Generator<Point, void, undefined> {
  for (const route of routes()) {
    for (const [status, cell] of route.cells) {
      if (cell.parts === undefined) yield pointOf(cell, cell, route, status, PLAIN_PART);
      for (const [part, counted] of cell.parts ?? []) yield pointOf(cell, counted, route, status, part);
    }
  }
}

/** Yields the counts of each route in one of its counters without a status. */
export function* countsOf(
  { routes }: Pick<Metrics, 'routes'>,
  which: 'timed' | 'slow' | 'failed',
): Generator<CountPoint, void, undefined> {
  for (const route of routes()) {
    const { requests, createdAt } = route[which];
    yield { attributes: once(route[which], () => routeAttributesOf(route)), requests, from: createdAt };
  }
}

/** Returns the count of one part of a cell. The cell knows since when there are zeros. */
function pointOf(cell: Cell, counted: Cell, route: Route, status: number, part: Part): Point {
  return {
    // The plain part has the same set, whether it is counted apart or not.
    attributes: attributesOf(part === PLAIN_PART ? cell : counted, route, status, part),
    status,
    requests: counted.requests,
    from: cell.createdAt,
    timings: counted.timings,
    timedFrom: cell.timedFrom,
  };
}

/** Yields the durations that were kept out, by reason. */
export function* withheldPointsOf({ withheld, labels }: Metrics): Generator<TimedPoint, void, undefined> {
  for (const cell of withheld()) {
    const attributes = once(cell, () => selectVarying(cell.labels, labels));
    yield { attributes, timings: cell.timings, timedFrom: cell.timedFrom };
  }
}

/** Returns the labels that differ between the samples of one metric; constant labels are on the resource. */
export function selectVarying(labels: Readonly<Record<string, string | number>>, constant: object): Attributes {
  const own = Object.entries(labels).filter(([name]) => !(name in constant));
  return Object.fromEntries(own.map(([name, value]) => [CONVENTIONAL[name] ?? name, value]));
}

/** The names in the semantic conventions of labels that come from there. */
const CONVENTIONAL: Readonly<Record<string, string>> = { nodejs_eventloop_state: ATTRIBUTES.eventLoopState };

/** Source: OpenTelemetry semantic conventions, `http.server.request.duration`. */
function attributesOf(cell: Cell, route: Route, status: number, part: Part): Attributes {
  const { protocol, sentStatus } = part;
  return once(cell, () => ({
    ...routeAttributesOf(route),
    [ATTRIBUTES.status]: sentStatus ?? status,
    ...(status < 500 ? {} : { [ATTRIBUTES.errorType]: String(status) }),
    [ATTRIBUTES.scheme]: protocol.scheme,
    [ATTRIBUTES.protocolVersion]: protocol.version,
  }));
}

function routeAttributesOf({ method, pattern }: Route): Attributes {
  // The conventions leave out a route that is not known.
  return { [ATTRIBUTES.method]: method, ...(pattern === UNMATCHED ? {} : { [ATTRIBUTES.route]: pattern }) };
}

const known = new WeakMap<Cell, Attributes>();

function once(cell: Cell, make: () => Attributes): Attributes {
  const same = known.get(cell);
  if (same !== undefined) return same;
  const made = make();
  known.set(cell, made);
  return made;
}
