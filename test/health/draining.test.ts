import { createServer, type Server } from 'node:http';
import { createHealth } from '@coalmine/health';
import { createInstrument } from '@coalmine/node';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../conformance/frameworks.js';
import { until } from '../support/client.js';

const all: Served[] = [];
afterEach(async () => {
  await Promise.all(all.splice(0).map((served) => served.close()));
});

function logger(): { lines: string[]; info(message: string): void; warn(message: string): void } {
  const lines: string[] = [];
  return { lines, info: (message) => lines.push(message), warn: (message) => lines.push(message) };
}

async function served(server: Server): Promise<Served> {
  const made = await serve(server);
  all.push(made);
  return made;
}

describe('draining', () => {
  it('aborts health.signal, with why, and tells each listener once', async () => {
    const health = createHealth({ drainSeconds: 0, signals: [] }, { log: false });
    const causes: string[] = [];
    health.onDrain((cause) => causes.push(`first: ${cause}`));
    health.onDrain((cause) => causes.push(`withdrawn: ${cause}`))();
    expect(health.signal.aborted).toBe(false);
    await health.drain();
    await health.drain();
    expect(health.signal.reason).toMatchObject({ name: 'Draining', message: 'draining because of drain()' });
    health.onDrain((cause) => causes.push(`late: ${cause}`));
    expect(causes).toEqual(['first: drain()', 'late: drain()']);
  });

  it('waits for what a listener does, and survives one that fails', async () => {
    const health = createHealth({ drainSeconds: 0, closeSeconds: 5, signals: [] }, { log: false });
    const warnings: (string | undefined)[] = [];
    const hear = (warning: Error & { code?: string }): unknown => warnings.push(warning.code);
    process.on('warning', hear);
    let isDone = false;
    health.onDrain(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      isDone = true;
    });
    health.onDrain(() => {
      throw new Error('no such consumer');
    });
    await health.drain();
    expect(isDone).toBe(true);
    await until(() => warnings.length > 0, 'the warning');
    process.off('warning', hear);
    expect(warnings).toEqual(['COALMINE_DRAIN_LISTENER_FAILED']);
  });

  it('is told to the log: because of what, for how long, and how many connections were cut', async () => {
    const log = logger();
    const instrument = createInstrument({
      registry: new Registry(),
      log,
      health: { drainSeconds: 0.1, closeSeconds: 0.1, signals: [] },
    });
    const server = createServer(instrument.handler(() => {}));
    instrument.attach(server);
    const { port } = await served(server);
    const endless = fetch(`http://127.0.0.1:${port}/endless`).catch(() => 'cut');
    await until(() => server.listenerCount('request') > 0, 'the server');
    await fetch(`http://127.0.0.1:${port}/livez`).then((response) => response.text());
    await instrument.health?.drain();
    expect(await endless).toBe('cut');
    expect(log.lines).toEqual([
      'coalmine: draining because of drain(): not ready any more, serves on for 0.1 s',
      expect.stringMatching(/^coalmine: closed 0\.\d s after drain\(\), 1 connection was cut$/),
    ]);
    await instrument.close();
  });
});

describe('readiness', () => {
  it('is told to the log once per change, with the check and its cause, whether anybody asks or not', async () => {
    const log = logger();
    let answer: Error | true = new Error('connect postgres://app:s3cret@db:5432\n    at connect (db.js:1:2)');
    const database = (): true => {
      if (answer !== true) throw answer;
      return answer;
    };
    const health = createHealth({ checks: { database }, signals: [] }, { log });
    health.start();
    const lines = async (count: number): Promise<void> => {
      const deadline = Date.now() + 20_000;
      while (log.lines.length < count && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await lines(1);
    answer = true;
    await lines(2);
    health.close();
    expect(log.lines).toEqual([
      'coalmine: not ready because of database (connect postgres://***@db:5432)',
      'coalmine: ready',
    ]);
  });

  it('is nothing to tell of a process that is ready from the start', async () => {
    const [quiet, witness] = [logger(), logger()];
    const health = createHealth({ signals: [] }, { log: quiet });
    const other = createHealth({ checks: { it: () => false }, signals: [] }, { log: witness });
    health.start();
    other.start();
    const deadline = Date.now() + 20_000;
    while (witness.lines.length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect([quiet.lines, witness.lines]).toEqual([[], ['coalmine: not ready because of it (returned false)']]);
    health.close();
    other.close();
  });
});
