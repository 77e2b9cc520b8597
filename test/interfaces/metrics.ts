import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NameMap } from '@coalmine/metrics';
import { createClusterMetrics, createInstrument } from '@coalmine/node';
import { Registry } from 'prom-client';

/** A metric with its labels, as a query finds it. */
export interface MetricInterface {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** Returns every metric of a service that uses everything, in the order of its exposition. */
export async function readMetrics(names?: NameMap | 'otel'): Promise<readonly MetricInterface[]> {
  const instrument = createInstrument({
    registry: new Registry(),
    ...(names === undefined ? {} : { metrics: { names } }),
    traffic: { exclude: { signed: { keys: { monitor: 'a secret of more than 32 characters' } } } },
    warmup: { minSeconds: 0 },
    health: {
      checks: { disk: () => true },
      schema: {
        source: {
          name: 'app',
          isLinear: true,
          compare: (a, b) => Number(a) - Number(b),
          read: async () => ({ applied: ['2'] }),
        },
        supports: { min: 1, max: 2 },
      },
    },
  });
  const server = createServer(
    instrument.handler((request, response) => {
      instrument.route(response, '/items/:id');
      response.end(request.url);
    }),
  );
  instrument.attach(server);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    // The first scrape counts as an excluded request, so that the second scrape shows the labels of excluded requests.
    for (const path of ['/items/1', '/readyz', '/metrics']) await (await fetch(`${address}${path}`)).text();
    const text = await (await fetch(`${address}/metrics`)).text();
    return [...metricsIn(text), ...metricsIn(await clusterText())];
  } finally {
    await instrument.close();
    server.closeAllConnections();
    server.close();
  }
}

/** Returns the exposition with the metrics of the primary of a cluster. */
async function clusterText(): Promise<string> {
  const cluster = createClusterMetrics();
  try {
    const port = await cluster.listen({ port: 0, host: '127.0.0.1' });
    return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  } finally {
    await cluster.close();
  }
}

function metricsIn(text: string): readonly MetricInterface[] {
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => {
    const samples = text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?(?:\\{(.*)\\})? `, 'gm'));
    const labels = [...samples].flatMap(([, labels = '']) =>
      [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label),
    );
    return { name, type, labels: [...new Set(labels)].filter((label) => label !== 'le') };
  });
}
