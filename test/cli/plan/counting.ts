import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A Prometheus behind a server that asks Prometheus for statistics, and records them. */
export interface Counting {
  readonly address: string;
  /** The number of samples that each query has read, from the statistics of Prometheus. */
  readonly samples: readonly number[];
  close(): Promise<void>;
}

/** Starts a server in front of a Prometheus that adds the given warnings to its responses. */
export async function startCounting(prometheus: string, warnings?: readonly string[]): Promise<Counting> {
  const samples: number[] = [];
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    form.set('stats', 'all');
    const answered = await fetch(`${prometheus}${request.url}`, { method: 'POST', body: form });
    const body = await answered.text();
    const answer = JSON.parse(body) as { data?: { stats?: { samples?: { totalQueryableSamples: number } } } };
    samples.push(answer.data?.stats?.samples?.totalQueryableSamples ?? 0);
    response
      .writeHead(answered.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(warnings === undefined ? answer : { ...answer, warnings }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    samples,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
