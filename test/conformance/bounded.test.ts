import { METHODS } from 'node:http';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import { FRAMEWORKS, type PlainRoute, type Service } from './frameworks.js';

const ROUTES: readonly PlainRoute[] = [
  { method: 'GET', pattern: '/items/:id', handle: (_, response) => response.end() },
];
const NEWEST = FRAMEWORKS.filter(({ name }) => ['fastify5', 'express53', 'node:http'].includes(name));

describe.each(NEWEST)('$name under a scanner', ({ start }) => {
  let service: Service;
  afterEach(() => service.close());

  it('keeps its series and its memory after requests with 40,000 paths and agents and 10,000 methods', async () => {
    service = await start(ROUTES);
    const methods = METHODS.filter((method) => method !== 'CONNECT');
    const scan = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, i) => {
        const n = from + i;
        const method = n < 10_000 ? methods[n % methods.length] : 'GET';
        return `${method} /scan/${n}?q=${n} HTTP/1.1\r\nHost: host-${n}\r\nUser-Agent: scanner/${n}\r\nX-Forwarded-For: ${n}\r\n\r\n`;
      });
    await sendAll(service.port, scan(0, 10_000));
    await send(service.port, '/items/1');
    // The second scrape is the first that has the duration of a scrape.
    await service.scrape();
    const [series, heap] = [(await service.scrape()).series(), usedHeap()];

    for (let from = 10_000; from < 50_000; from += 10_000) await sendAll(service.port, scan(from, from + 10_000));
    for (let n = 0; n < 100; n++) await send(service.port, `/items/${n}`);

    const after = await service.scrape();
    expect(after.series()).toEqual(series);
    const grown = (usedHeap() - heap) / 1024 / 1024;
    expect(grown).toBeLessThan(1.6);
    expect(after.sum('http_requests_total')).toBe(50_101);
    expect(after.value('coalmine_series_dropped_total')).toBe(0);
    expect(new Set(after.samples('http_requests_total').map(({ labels }) => labels.route))).toEqual(
      new Set(['(unmatched)', '/items/:id']),
    );
  });

  it('folds the routes past maxRoutes into one, counts them, and says so once', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): void => {
      if ((warning as NodeJS.ErrnoException).code === 'COALMINE_ROUTES_FOLDED') warnings.push(warning.message);
    };
    process.on('warning', listen);
    const many = Array.from({ length: 12 }, (_, i): PlainRoute => ({ ...ROUTES[0], pattern: `/r${i}` }) as PlainRoute);
    service = await start(many, { metrics: { maxRoutes: 10 } });
    for (let i = 0; i < 12; i++) await send(service.port, `/r${i}`);
    const exposition = await service.scrape();
    process.off('warning', listen);
    expect(warnings).toEqual([
      'There are more routes than metrics.maxRoutes (10): /r10, /r11 will be counted as (overflow), and so will every further route. Raise metrics.maxRoutes to tell them apart.',
    ]);
    expect(exposition.value('http_requests_total', { route: '(overflow)', status_code: 200 })).toBe(2);
    expect(exposition.value('coalmine_series_dropped_total')).toBeGreaterThanOrEqual(2);
    expect(new Set(exposition.samples('http_requests_total').map(({ labels }) => labels.route)).size).toBe(12);
  });
});

/** Sends raw requests, pipelined on one connection in batches, and waits for as many responses. */
async function sendAll(port: number, requests: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let answers = 0;
  let tail = '';
  let notify = (): void => {};
  socket.on('data', (chunk: string) => {
    const text = tail + chunk;
    answers += text.split('HTTP/1.1 ').length - 1;
    // The rest may be the start of a head that continues in the next chunk.
    tail = text.slice(-8);
    notify();
  });
  const BATCH = 200;
  for (let i = 0; i < requests.length; i += BATCH) {
    const batch = requests.slice(i, i + BATCH);
    socket.write(batch.join(''));
    while (answers < i + batch.length) await new Promise<void>((resolve) => (notify = resolve));
  }
  socket.destroy();
}

function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
