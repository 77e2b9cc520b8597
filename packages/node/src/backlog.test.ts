import { once } from 'node:events';
import { type AddressInfo, connect, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ServerBacklog } from './backlog.js';

/** Listens, tells its address, and accepts nothing until the memory that it shares says so. */
const STALLED = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen(0, workerData.host, () => {
    parentPort.postMessage(server.address());
    Atomics.wait(workerData.memory, 0, 0);
    server.close();
  });
`;

/** Returns a server whose queue holds some connections. */
async function queueOf(length: number, host: string): Promise<Server> {
  const memory = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(STALLED, { eval: true, workerData: { memory, host } });
  const [address] = (await once(worker, 'message')) as [AddressInfo];
  onTestFinished(async () => {
    Atomics.store(memory, 0, 1);
    Atomics.notify(memory, 0);
    await worker.terminate();
  });
  for (let i = 0; i < length; i++) {
    const client = connect(address.port, host).on('error', () => {});
    onTestFinished(() => void client.destroy());
    await once(client, 'connect');
  }
  return { address: () => address } as Server;
}

/** Resolves when the look at the queue is over. */
async function look(): Promise<void> {
  await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('FSReqCallback'));
  await new Promise(setImmediate);
}

const isLinux = process.platform === 'linux';

describe.runIf(isLinux)('connections that wait in the queue of a server', () => {
  it.each(['127.0.0.1', '::1'])('arrived evenly between two looks, on %s', async (host) => {
    const backlog = new ServerBacklog(await queueOf(18, host));
    // The queue was empty at the poll at 900, and the connection is there at 1000.
    expect(backlog.accept(1000, 5, 900)).toBe(950);
    await look();
    // From 900 to 1000 came the first connection and the 18 in the queue.
    const others = Array.from({ length: 18 }, (_, i) => i + 2);
    expect(others.map((number) => backlog.accept(1010, 4 + number, 0))).toEqual(
      others.map((number) => 900 + 5 * number),
    );
    // The next one came after the look.
    expect(backlog.accept(1015, 24, 0)).toBeUndefined();
  });

  it('came at the middle of a long time in which nobody looked', async () => {
    const backlog = new ServerBacklog(await queueOf(0, '127.0.0.1'));
    expect(backlog.accept(1000, 5, 980)).toBeUndefined();
    expect(backlog.accept(1001, 6, 0)).toBe(990.5);
    await look();
    expect(backlog.accept(1021, 7, 0)).toBeUndefined();
    expect(backlog.accept(1022, 8, 0)).toBe(1011.5);
  });

  it('were none at the last poll if the turn before accepted no connection', async () => {
    const backlog = new ServerBacklog(await queueOf(3, '127.0.0.1'));
    backlog.accept(1000, 5, 900);
    await look();
    expect(backlog.accept(1100, 6, 1090)).toBe(940);
    expect(backlog.accept(1200, 8, 1190)).toBe(960);
    expect(backlog.accept(1300, 10, 1290)).toBe(980);
    expect(backlog.accept(1400, 12, 1390)).toBeUndefined();
    // The poll of a turn that directly follows another says nothing.
    expect(backlog.accept(1500, 13, 1499)).toBe((1390 + 1500) / 2);
  });

  it('that a look has found are not found again by the next look', async () => {
    const backlog = new ServerBacklog(await queueOf(3, '127.0.0.1'));
    backlog.accept(1000, 5, 900);
    await look();
    expect(backlog.accept(1300, 7, 1270)).toBe(940);
    await look();
    // Two had been accepted by 1300, and three still wait: only the fifth is new.
    expect([8, 9, 10].map((turn) => backlog.accept(1300, turn, 0))).toEqual([960, 980, 1285]);
  });

  it('are known from the latest time, even if a look ends later', async () => {
    const backlog = new ServerBacklog(await queueOf(0, '127.0.0.1'));
    backlog.accept(1000, 5, 900);
    expect(backlog.accept(1200, 8, 1190)).toBeUndefined();
    await look();
    expect(backlog.accept(1205, 9, 0)).toBeUndefined();
  });

  it('are looked at every quarter of a second at most', async () => {
    const backlog = new ServerBacklog(await queueOf(2, '127.0.0.1'));
    backlog.accept(1000, 5, 900);
    await look();
    backlog.accept(1249, 6, 0);
    await look();
    // Nothing is known since the look at 1000: the third and last of its connections.
    expect(backlog.accept(1249, 7, 0)).toBe(975);
    expect(backlog.accept(1249, 8, 0)).toBe((1000 + 1249) / 2);
    backlog.accept(1250, 9, 0);
    await look();
    // Five had been accepted by 1250, and the two still wait: the sixth and the seventh.
    expect(backlog.accept(1251, 10, 0)).toBe(1000 + (250 * (6 - 3)) / 5);
  });
});

describe('a server that does not listen', () => {
  it('has no queue', () => {
    const backlog = new ServerBacklog({ address: () => null } as Server);
    expect(backlog.accept(1000, 5, 990)).toBeUndefined();
    expect(backlog.accept(1100, 6, 0)).toBe(isLinux ? 1045 : undefined);
  });

  it('has no queue at the path of a pipe', () => {
    const backlog = new ServerBacklog({ address: () => '/run/a.sock' } as Server);
    expect(backlog.accept(1000, 5, 990)).toBeUndefined();
  });
});
