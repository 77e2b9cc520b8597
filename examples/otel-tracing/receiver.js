import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

// New traces replace the oldest traces.
const MOST_TRACES = 50_000;
const STATUSES = ['unset', 'ok', 'error'];

/**
 * Starts a receiver of OTLP over HTTP, as JSON, on loopback: a small stand-in for a backend. `GET /traces/<trace id>` returns
 * the spans of a trace, and `GET /metrics/<name>` the last values of a metric that each process sent, by their scope.
 */
export async function startReceiver() {
  const traces = new Map();
  const metrics = new Map();
  const server = createServer((request, response) => {
    answer(request).then(
      ([status, body]) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      (error) => response.writeHead(400).end(JSON.stringify({ message: error.message })),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    address: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };

  /** @returns {Promise<[status: number, body: unknown]>} */
  async function answer(request) {
    const [, kind, name = ''] = request.url.split('/');
    switch (`${request.method} ${kind}`) {
      case 'POST v1':
        if (!/^application\/json\b/.test(request.headers['content-type']))
          return [415, { message: 'JSON alone is read' }];
        keep(/** @type {any} */ (await json(request)));
        return [200, {}];
      case 'GET traces':
        return traces.has(name) ? [200, traces.get(name)] : [404, { message: `no trace ${name}` }];
      case 'GET metrics':
        return [200, [...metrics.values()].filter((metric) => metric.name === name)];
      default:
        return [404, { message: `nothing at ${request.url}` }];
    }
  }

  function keep({ resourceSpans = [], resourceMetrics = [] }) {
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) keepSpan(spanOf(span, resource));
    }
    for (const { resource, scopeMetrics } of resourceMetrics) {
      for (const { scope, metrics: sent } of scopeMetrics)
        for (const metric of sent) keepMetric(resource, scope, metric);
    }
  }

  function keepSpan(span) {
    traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span]);
    if (traces.size > MOST_TRACES) traces.delete(traces.keys().next().value);
  }

  function keepMetric(resource, scope, { name, sum, gauge, histogram }) {
    const { dataPoints = [] } = sum ?? gauge ?? histogram ?? {};
    const points = dataPoints.map((point) => ({ attributes: plain(point.attributes), value: numberOf(point) }));
    const from = plain(resource.attributes);
    metrics.set(JSON.stringify([name, scope.name, from]), { name, scope: scope.name, resource: from, points });
  }
}

function spanOf(
  { traceId, spanId, parentSpanId, name, status, startTimeUnixNano, endTimeUnixNano, attributes },
  resource,
) {
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    seconds: Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e9,
    status: { code: STATUSES[status?.code ?? 0], message: status?.message },
    attributes: plain(attributes),
    resource: plain(resource.attributes),
  };
}

/** Returns the value of a point, or the count of a histogram. */
function numberOf({ asDouble, asInt, count }) {
  return Number(asDouble ?? asInt ?? count);
}

/** Returns the attributes as an object. */
function plain(attributes = []) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueIn(value)]));
}

function valueIn({ stringValue, boolValue, intValue, doubleValue, arrayValue }) {
  if (arrayValue !== undefined) return (arrayValue.values ?? []).map(valueIn);
  return stringValue ?? boolValue ?? doubleValue ?? Number(intValue);
}
