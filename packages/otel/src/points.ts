import { type Cell, type Metrics, PLAIN_PROTOCOL, type Protocol, type Route, UNMATCHED } from '@coalmine/metrics';
import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTES } from './attributes.js';

/** The durations of one set of attributes. */
export interface TimedPoint {
  /** The same object for the same set, whenever it is read. */
  readonly attributes: Attributes;
  /** As in a cell: counts by bucket, then the sum in seconds. */
  readonly timings: Float64Array | undefined;
  /** Epoch seconds of their zero. */
  readonly timedFrom: number;
}

/** What one set of attributes has counted. */
export interface Point extends TimedPoint {
  readonly status: number;
  readonly requests: number;
  /** Epoch seconds of their zero. */
  readonly from: number;
}

/** The points of every route, by status and protocol. */
export function* pointsOf({ routes }: Pick<Metrics, 'routes'>): Generator<Point, void, undefined> {
  for (const route of routes()) {
    for (const [status, cell] of route.cells) {
      if (cell.protocols === undefined) yield pointOf(cell, cell, route, status, PLAIN_PROTOCOL);
      for (const [protocol, part] of cell.protocols ?? []) yield pointOf(cell, part, route, status, protocol);
    }
  }
}

/** A part of a cell; since when there are zeros, the cell knows. */
function pointOf(cell: Cell, part: Cell, route: Route, status: number, protocol: Protocol): Point {
  return {
    // What came by plain HTTP/1.1 is the same set, whether it is told apart or not.
    attributes: attributesOf(protocol === PLAIN_PROTOCOL ? cell : part, route, status, protocol),
    status,
    requests: part.requests,
    from: cell.createdAt,
    timings: part.timings,
    timedFrom: cell.timedFrom,
  };
}

/** The durations that were kept out, by reason. */
export function* withheldPointsOf({ withheld, labels }: Metrics): Generator<TimedPoint, void, undefined> {
  for (const cell of withheld()) {
    const attributes = once(cell, () => varying(cell.labels, labels));
    yield { attributes, timings: cell.timings, timedFrom: cell.timedFrom };
  }
}

/** The labels that tell the samples of one metric apart: of what is constant, the resource speaks. */
export function varying(labels: Readonly<Record<string, string | number>>, constant: object): Attributes {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !(name in constant)));
}

/** Source: OpenTelemetry semantic conventions, `http.server.request.duration`. */
function attributesOf(cell: Cell, { method, pattern }: Route, status: number, protocol: Protocol): Attributes {
  return once(cell, () => ({
    [ATTRIBUTES.method]: method,
    // Left out where no route is known.
    ...(pattern === UNMATCHED ? {} : { [ATTRIBUTES.route]: pattern }),
    [ATTRIBUTES.status]: status,
    ...(status < 500 ? {} : { [ATTRIBUTES.errorType]: String(status) }),
    [ATTRIBUTES.scheme]: protocol.scheme,
    [ATTRIBUTES.protocolVersion]: protocol.version,
  }));
}

const known = new WeakMap<Cell, Attributes>();

function once(cell: Cell, make: () => Attributes): Attributes {
  const same = known.get(cell);
  if (same !== undefined) return same;
  const made = make();
  known.set(cell, made);
  return made;
}
