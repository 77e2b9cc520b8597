import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import { endServices, fixture, type Service, startService } from './service.js';

beforeAll(() => build('express', 'fastify', 'health', 'node'), 180_000);
afterAll(endServices);

const quick = { warmup: false, health: { drainSeconds: 0.3, closeSeconds: 5 } } as const;

/** Returns the lines of an output that contain one of these texts. */
function said({ output }: Service, ...texts: readonly string[]): readonly string[] {
  return output.split('\n').flatMap((line) => texts.find((text) => line.includes(text)) ?? []);
}

describe.concurrent('a drain beside other listeners of the signal', () => {
  it('holds the listeners back until it is over, whenever they were registered, and calls them in their order', async () => {
    const service = await startService({ options: quick, others: ['once', 'shutdown', 'late'] });
    await service.ask('/readyz');
    const slow = service.ask('/work/600');
    service.child.kill('SIGTERM');
    await service.prints('draining because of SIGTERM');
    service.child.kill('SIGTERM');
    expect(await service.ask('/work/1')).toBe('200 done');
    expect(await slow).toBe('200 done');
    expect(await service.ended).toBe(0);
    expect(said(service, 'draining', 'closed', 'late', 'once', 'shutdown')).toEqual([
      'draining',
      'closed',
      'late',
      'once',
      'shutdown',
    ]);
  });

  it('ends with 0 once the listeners have finished, although something holds the process', async () => {
    const service = await startService({ options: quick, others: ['again', 'timer'] });
    await service.ask('/readyz');
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    const texts = ['held by 1 × Timeout', 'closed', 'again'];
    expect(said(service, ...texts)).toEqual(['closed', 'again', 'held by 1 × Timeout']);
  });

  it('lets each listener finish its work, although another sends the signal again and something holds the process', async () => {
    const all = [['flush'], ['callback']].map((others) =>
      startService({ options: quick, others: [...others, 'again', 'says', 'timer'] }),
    );
    const [flushing, calling] = (await Promise.all(all)) as [Service, Service];
    for (const service of [flushing, calling]) {
      await service.ask('/readyz');
      service.child.kill('SIGTERM');
    }
    expect(await flushing.ended).toBe(0);
    expect(said(flushing, 'again', 'flushed', 'held by')).toEqual(['again', 'flushed']);
    expect(await calling.ended).toBe(0);
    expect(said(calling, 'again', 'called back', 'held by')).toEqual(['again', 'called back', 'held by']);
  });

  it('does not wait for a listener that only prints, if something holds the process', async () => {
    const options = { ...quick, health: { drainSeconds: 0.3, closeSeconds: 20 } };
    const service = await startService({ options, others: ['says', 'timer'] });
    await service.ask('/readyz');
    const startedAt = performance.now();
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(18_000);
    expect(said(service, 'heard', 'held by 1 × Timeout')).toEqual(['heard', 'held by 1 × Timeout']);
  });

  it('ends a listener that does not finish in time', async () => {
    const options = { ...quick, health: { drainSeconds: 0, closeSeconds: 0.2 } };
    const service = await startService({ options, others: ['flush'] });
    await service.ask('/readyz');
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(service.output).not.toContain('flushed');
    expect(service.output).toContain('ended when the time of the listeners for SIGTERM was over');
  });

  it('swallows the second signal that has close-with-grace exit, during the drain and after it', async () => {
    const service = await startService({ options: quick, others: ['grace'] });
    await service.ask('/readyz');
    service.child.kill('SIGTERM');
    service.child.kill('SIGTERM');
    await service.prints('closing with grace');
    for (let i = 0; i < 2; i++) service.child.kill('SIGTERM');
    expect(await service.ended, service.output).toBe(0);
    expect(said(service, 'second SIGTERM', 'graceful', 'COALMINE_')).toEqual(['graceful']);
  });

  it.each(['fastify', 'express'] as const)(
    'lets a listener on %s close the server again, without an error',
    async (framework) => {
      const service = await startService({ framework, options: quick, others: ['closesServer'] });
      await service.ask('/readyz');
      const slow = service.ask('/work/900');
      service.child.kill('SIGTERM');
      expect(await slow).toBe('200 done');
      expect(await service.ended, service.output).toBe(0);
      expect(service.output).toContain('closed by its app without an error');
    },
  );

  it('ends with 0 under signals that come until the process is gone, in the middle of its own end too', async () => {
    for (const framework of ['fastify', 'express'] as const) {
      const service = await startService({ framework, options: quick });
      await service.ask('/readyz');
      const signals = setInterval(() => service.child.kill('SIGTERM'), 2);
      expect(await service.ended, framework).toBe(0);
      clearInterval(signals);
    }
  });

  it('says who has ended the process in the middle of a drain', async () => {
    const service = await startService({ options: quick, others: ['exit'] });
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(3);
    expect(service.output).toMatch(/process\.exit\(3\) has cut the drain short, called at .*ending\.mjs/);
  });

  it('says so if an error of the app has ended the process in the middle of a drain', async () => {
    const service = await startService({ options: quick, others: ['throws'] });
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(1);
    expect(service.output).toContain('the process ended with 1 before the drain was over');
    expect(service.output).not.toContain('process.exit');
  });

  it('calls the listeners although a listener of onDrain never ends, and nothing else holds the process', async () => {
    const options = { ...quick, health: { drainSeconds: 0, closeSeconds: 0.2 } };
    const service = await startService({ options, others: ['hangs', 'once'] });
    await service.ask('/readyz');
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(said(service, 'closed', 'once', 'process.exit')).toEqual(['closed', 'once']);
  });

  it('takes place although somebody has removed all listeners', async () => {
    const service = await startService({ options: quick, others: ['removes'] });
    await service.ask('/readyz');
    const slow = service.ask('/work/600');
    service.child.kill('SIGTERM');
    expect(await slow).toBe('200 done');
    expect(await service.ended).toBe(0);
  });

  it('ends with 0 although the program that reads the output has gone', async () => {
    const service = await startService({ options: quick });
    await service.ask('/readyz');
    service.child.stdout?.destroy();
    service.child.kill('SIGTERM');
    expect(await service.ended, service.output).toBe(0);
  });

  it('warns at the start of a listener that it must not hold back, unless that listener drains', async () => {
    const options = { ...quick, health: { signals: [] } };
    const [exits, drains] = await Promise.all([
      startService({ options, others: ['exits'] }),
      startService({ options, others: ['drainsItself'] }),
    ]);
    await exits.prints('COALMINE_DRAIN_UNPROTECTED');
    expect(exits.output).toContain('The listener stop ends the process at SIGTERM');
    drains.child.kill('SIGKILL');
    await drains.ended;
    expect(drains.output).not.toContain('COALMINE_DRAIN_UNPROTECTED');
  });
});

describe.concurrent('a drain on Fastify', () => {
  it('runs preClose hooks when the drain is over, while requests are in flight, and onClose hooks after them', async () => {
    const service = await startService({ framework: 'fastify', options: quick });
    const slow = service.ask('/work/900');
    await service.ask('/readyz');
    service.child.kill('SIGTERM');
    expect(await slow).toBe('200 done');
    expect(await service.ended).toBe(0);
    expect(said(service, 'draining', 'preClose', 'worked', 'closed')).toEqual([
      'draining',
      'preClose',
      'worked',
      'closed',
    ]);
  });

  it('makes app.close() wait for a drain that has begun', async () => {
    const options = { ...quick, health: { drainSeconds: 1 } };
    const service = await startService({ framework: 'fastify', options, others: ['closeTwice'] });
    service.child.kill('SIGTERM');
    await service.prints('told of SIGTERM');
    expect(await service.ask('/work/1')).toBe('200 done');
    expect(await service.ended).toBe(0);
    expect(service.output).toContain('closed by the app');
  });

  it('says that app.close() does not drain', async () => {
    const service = await startService({ framework: 'fastify', options: quick });
    await service.ask('/readyz');
    await service.ask('/close');
    expect(await service.ended).toBe(0);
    expect(service.output).toContain('app.close() closes without a drain');
  });
});

describe.concurrent('a process that boots', () => {
  it.each(['express', 'fastify'] as const)('on %s ends at SIGTERM, with its code', async (framework) => {
    const service = await startService({ framework, others: ['boots'] });
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(143);
  });

  const asFirst = ['unshare', '--pid', '--fork', '--kill-child'];
  const canBeFirst = spawnSync('unshare', [...asFirst.slice(1), 'true']).status === 0;
  it.skipIf(!canBeFirst)('ends at SIGTERM as the first process of a container too', async () => {
    const service = await startService({ others: ['boots'], launch: (command) => [...asFirst, ...command] });
    const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(service.child.pid)], { encoding: 'utf8' });
    process.kill(Number(stdout), 'SIGTERM');
    expect(await service.ended).toBe(143);
  });
});

describe.concurrent('a process that other code holds', () => {
  it('ends with 0 a second after it has closed, and says what held it', async () => {
    const service = await startService({ options: quick, others: ['timer'] });
    await service.ask('/readyz');
    service.child.kill('SIGTERM');
    await service.prints('closed');
    const closedAt = performance.now();
    expect(await service.ended).toBe(0);
    expect(performance.now() - closedAt).toBeLessThan(15_000);
    expect(service.output).toContain('the process was held by 1 × Timeout: ended 1 s after all else had ended');
  });

  it('is not held by connections that were opened in advance', async () => {
    const service = await startService({ options: { ...quick, health: { drainSeconds: 0.1, closeSeconds: 30 } } });
    await service.ask('/readyz');
    const socket = await service.connect();
    socket.on('error', () => {});
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(service.output).toContain('0 connections were cut');
  });
});

describe.concurrent('a service in development', () => {
  const env = { NODE_ENV: 'development' };

  it('ends at once, unless the options ask for a drain', async () => {
    const [plain, asked] = await Promise.all([
      startService({ env, others: ['timer'] }),
      startService({ env, options: quick }),
    ]);
    // A service in development that gets probes drains like any other service.
    await Promise.all([plain.ask('/work/1'), asked.ask('/readyz')]);
    const startedAt = performance.now();
    for (const { child } of [plain, asked]) child.kill('SIGTERM');
    expect(await plain.ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    expect(plain.output).toContain('without serving on: NODE_ENV is development');
    expect(await asked.ended).toBe(0);
    expect(asked.output).toContain('serves on for 0.3 s');
  });

  it('ends at once at the SIGINT of somebody whose process was never probed', async () => {
    const service = await startService();
    await service.ask('/work/1');
    service.child.kill('SIGINT');
    expect(await service.ended).toBe(0);
    expect(service.output).toContain('without serving on: no probe was seen');
  });

  it('restarts at once under node --watch', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'coalmine-watch-'));
    const script = join(folder, 'service.mjs');
    const text = `import ${JSON.stringify(pathToFileURL(fixture).href)};\n`;
    await writeFile(script, text);
    const service = await startService({ script: ['--watch', script] });
    await service.ask('/work/1');
    await writeFile(script, `${text}// changed\n`);
    await service.prints('without serving on: node --watch runs it');
    await service.prints(' cut\n');
    // Less than `drainSeconds`.
    expect(Number(/closed ([\d.]+) s/.exec(service.output)?.[1])).toBeLessThan(5);
    service.child.kill('SIGTERM');
    await service.ended;
    await rm(folder, { recursive: true });
  });

  it.skipIf(spawnSync('script', ['--version']).error !== undefined)(
    'ends at once at the second Ctrl-C, however long the drain that is asked for',
    async () => {
      const options = { ...quick, health: { drainSeconds: 30 } };
      const atTerminal = (command: readonly string[]): readonly string[] => {
        const quoted = command.map((argument) => `'${argument}'`).join(' ');
        return ['script', '-qefc', quoted, '/dev/null'];
      };
      const service = await startService({ options, launch: atTerminal });
      service.child.stdin?.write('\x03');
      await service.prints('serves on for 30 s');
      // Two signals within a moment are one Ctrl-C.
      const impatience = setInterval(() => service.child.stdin?.write('\x03'), 200);
      expect(await service.ended).toBe(130);
      clearInterval(impatience);
      expect(service.output).toContain('the drain was cut short by a second SIGINT');
    },
  );
});
