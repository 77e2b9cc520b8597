import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Check, createCheck } from './check.js';
import { type CheckOptions, parseChecks } from './check-options.js';
import { LoopClock } from './loop-clock.js';

// A service in a thread of its own, which is well while the loop of this test is held.
const SERVICE = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:http').createServer((request, response) => {
    if (request.url === '/well') setTimeout(() => response.end('well'), 10);
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
let service: Worker;
let port: number;
beforeAll(async () => {
  service = new Worker(SERVICE, { eval: true });
  [port] = await once(service, 'message');
});
afterAll(() => service.terminate());

/** Asks over a new connection, which takes several turns of the loop. */
function ask(path: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ port, path, host: '127.0.0.1', agent: false, signal }, (response) => {
      response.on('data', (chunk) => resolve(String(chunk)));
    });
    request.on('error', reject);
  });
}

function hold(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

const checks: Check[] = [];
afterAll(() => {
  for (const check of checks) check.stop();
});

function start(options: CheckOptions): Check {
  const [[name, settings] = ['', undefined]] = parseChecks({ it: options });
  if (settings === undefined) throw new Error('no check');
  const check = createCheck(name, settings);
  checks.push(check);
  check.start();
  return check;
}

describe('while the event loop is held', () => {
  it('a service that is well passes its check, however often the loop is held', async () => {
    let runs = 0;
    let isOver = false;
    const seen = new Set<unknown>();
    const check = start({
      periodSeconds: 0.02,
      timeoutSeconds: 0.1,
      // On a busy machine, results are late without a held loop.
      staleAfterSeconds: 60,
      expiresAfterSeconds: 60,
      failing: { runs: 1 },
      run: async (signal) => {
        await ask('/well', signal);
        runs++;
      },
    });
    while (runs < 1) await setImmediate();
    const watch = (async () => {
      while (!isOver) {
        seen.add(check.result().output ?? check.result().status);
        await setImmediate();
      }
    })();
    for (let i = 0; i < 6; i++) {
      const before = runs;
      hold(250);
      while (runs === before) await setImmediate();
    }
    isOver = true;
    await watch;
    expect([...seen]).toEqual(['pass']);
  });

  it('a result does not age', async () => {
    const check = start({ periodSeconds: 0.05, staleAfterSeconds: 0.2, expiresAfterSeconds: 0.3, run: () => true });
    while (check.result().status !== 'pass') await setImmediate();
    hold(500);
    await setImmediate();
    expect(check.result()).toMatchObject({ status: 'pass' });
  });

  it('a service that does not respond fails its check all the same', async () => {
    const check = start({ periodSeconds: 0.05, timeoutSeconds: 0.05, run: (signal) => ask('/hang', signal) });
    while (check.result().output === 'not checked yet') {
      hold(15);
      await setImmediate();
    }
    expect(check.result()).toMatchObject({ status: 'fail', output: 'no answer within 0.05 s' });
  });
});

describe('a timer of the clock', () => {
  it('waits for a time that is longer than a timer of Node can be', async () => {
    let calls = 0;
    const timer = new LoopClock().after(1e12, () => calls++);
    await delay(20);
    clearTimeout(timer);
    expect(calls).toBe(0);
  });
});

describe('a timeout', () => {
  it('ends in time while the loop runs', async () => {
    const startedAt = performance.now();
    await new Promise<void>((resolve) => new LoopClock().timeout(0.1, resolve));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(99);
  });

  it('ends even if the loop is never free for long', async () => {
    let isOver = false;
    new LoopClock().timeout(0.02, () => {
      isOver = true;
    });
    let turns = 0;
    while (!isOver) {
      hold(5);
      turns++;
      await setImmediate();
    }
    expect(turns).toBeGreaterThan(10);
  });

  it('does not end if it is cancelled', async () => {
    let isOver = false;
    const cancel = new LoopClock().timeout(0.01, () => {
      isOver = true;
    });
    cancel();
    await new Promise<void>((resolve) => new LoopClock().timeout(0.03, resolve));
    expect(isOver).toBe(false);
  });
});
