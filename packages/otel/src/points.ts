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
      if (cell.protocols === undefined) yield pointOf(cell, route, status, PLAIN_PROTOCOL);
      else yield* pointsByProtocol(cell, cell.protocols, route, status);
    }
  }
}

/** Read all at once: a part that grew before it was subtracted would have the rest of its cell shrink. */
function pointsByProtocol(cell: Cell, parts: ReadonlyMap<Protocol, Cell>, route: Route, status: number): Point[] {
  const rest = pointOf(cell, route, status, PLAIN_PROTOCOL);
  const points: Point[] = [];
  let { requests, timings } = rest;
  for (const [protocol, part] of parts) {
    requests -= part.requests;
    timings = difference(timings, part.timings);
    // Of the zeros, the cell knows.
    const { attributes } = pointOf(part, route, status, protocol);
    points.push({ ...rest, attributes, requests: part.requests, timings: part.timings });
  }
  return [...points, { ...rest, requests, timings }];
}

function pointOf(cell: Cell, route: Route, status: number, protocol: Protocol): Point {
  const { createdAt, requests, timings, timedFrom } = cell;
  return {
    attributes: attributesOf(cell, route, status, protocol),
    status,
    requests,
    from: createdAt,
    timings,
    timedFrom,
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

function difference(all: Float64Array | undefined, part: Float64Array | undefined): Float64Array | undefined {
  return part === undefined ? all : all?.map((count, i) => count - (part[i] as number));
}
