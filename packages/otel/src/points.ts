import {
  type Metrics,
  type Part,
  PLAIN_PART,
  type Route,
  type RouteCounter,
  type Timings,
  UNMATCHED,
} from '@coalmine/metrics';
import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTES } from './attributes.js';

/** The durations of one set of attributes. */
export interface TimedPoint {
  /** The same object for the same set at every reading. */
  readonly attributes: Attributes;
  /** Counts by bucket, not cumulative, then the sum in seconds. */
  readonly timings: Timings | undefined;
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
    for (const status of route.statuses()) {
      const cell = route.cell(status);
      // The cell knows since when there are zeros.
      const from = cell?.createdAt ?? route.zeroFrom('statuses');
      const timedFrom = cell?.timedFrom ?? 0;
      for (const [part, counted] of cell?.parts ?? [[PLAIN_PART, cell] as const]) {
        // The plain part has the same set, whether it is counted apart or not.
        const owner = part === PLAIN_PART ? route : (counted ?? route);
        const attributes = once(owner, status, () => attributesOf(route, status, part));
        const { requests = 0, timings } = counted ?? {};
        yield { attributes, status, requests, from, timings, timedFrom };
      }
    }
  }
}

/** Yields the counts of each route in one of its counters without a status. */
export function* countsOf(
  { routes }: Pick<Metrics, 'routes'>,
  which: RouteCounter,
): Generator<CountPoint, void, undefined> {
  for (const route of routes()) {
    const attributes = once(route, which, () => routeAttributesOf(route));
    yield { attributes, requests: route[which], from: route.zeroFrom(which) };
  }
}

/** Yields the durations that were kept out, by reason. */
export function* withheldPointsOf({ withheld, labels }: Metrics): Generator<TimedPoint, void, undefined> {
  for (const series of withheld()) {
    const attributes = once(series, undefined, () => selectVarying(series.labels, labels));
    yield { attributes, timings: series.timings, timedFrom: series.timedFrom };
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
function attributesOf(route: Route, status: number, { protocol, sentStatus }: Part): Attributes {
  return {
    ...routeAttributesOf(route),
    [ATTRIBUTES.status]: sentStatus ?? status,
    ...(status < 500 ? {} : { [ATTRIBUTES.errorType]: String(status) }),
    [ATTRIBUTES.scheme]: protocol.scheme,
    [ATTRIBUTES.protocolVersion]: protocol.version,
  };
}

function routeAttributesOf({ method, pattern }: Route): Attributes {
  // The conventions leave out a route that is not known.
  return { [ATTRIBUTES.method]: method, ...(pattern === UNMATCHED ? {} : { [ATTRIBUTES.route]: pattern }) };
}

const known = new WeakMap<object, Map<unknown, Attributes>>();

/** Returns what `make` has returned for the same owner and the same key. */
function once(owner: object, key: unknown, make: () => Attributes): Attributes {
  let byKey = known.get(owner);
  if (byKey === undefined) {
    byKey = new Map();
    known.set(owner, byKey);
  }
  let attributes = byKey.get(key);
  if (attributes === undefined) {
    attributes = make();
    byKey.set(key, attributes);
  }
  return attributes;
}
