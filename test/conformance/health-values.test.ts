import type { HealthOptions } from '@coalmine/node';
import { afterEach, describe, expect, it } from 'vitest';
import { AWKWARD_VALUES } from '../support/awkward.js';
import { until } from '../support/client.js';
import { coalmineWarnings } from '../support/warnings.js';
import { FRAMEWORKS, type Service } from './frameworks.js';

const NEWEST = FRAMEWORKS.filter(({ name }) => ['fastify5', 'express53', 'node:http'].includes(name));
const BYTES_AT_MOST = 64 * 1024;

let service: Service | undefined;
afterEach(async () => {
  await service?.instrument.close();
  await service?.close();
  service = undefined;
});

describe.each(NEWEST)('$name', ({ start }) => {
  const serve = async (health: HealthOptions): Promise<Service> => {
    service = await start([], { health: { signals: [], ...health } });
    return service;
  };

  const ask = async (path: string, accept = 'text/plain'): Promise<{ status: number; body: string }> => {
    const response = await fetch(`http://127.0.0.1:${service?.port}${path}`, { headers: { accept } });
    return { status: response.status, body: await response.text() };
  };

  /** Requests every page that could show a value, and expects a complete response. */
  async function expectAnswers(): Promise<void> {
    for (const path of ['/readyz', '/readyz/it', '/startupz', '/livez']) {
      const json = await ask(path, 'application/health+json');
      expect([200, 503, 404]).toContain(json.status);
      if (json.status !== 404) expect(JSON.parse(json.body)).toHaveProperty('status');
      expect(json.body.length).toBeLessThan(BYTES_AT_MOST);
      const verbose = await ask(`${path}?verbose`);
      expect(verbose.body).toMatch(/(pass|warn|fail|Not Found)\n$/);
      expect(verbose.body.length).toBeLessThan(BYTES_AT_MOST);
    }
    expect((await ask('/livez')).status).toBe(200);
    expect((await ask('/metrics')).body).toMatch(/^coalmine_health_check_status\{check="it"\} (0|0\.5|1)$/m);
  }

  describe.each(AWKWARD_VALUES)('with %s as a value', (_name, make) => {
    it('shows the value as an observed value, a reason and a unit', async () => {
      const value = make();
      const check = (): unknown => ({ status: 'pass', observedValue: value, output: value, observedUnit: value });
      const { instrument } = await serve({ details: 'always', checks: { it: check } });
      await until(() => instrument.health?.checks()[0]?.status === 'pass', 'the first run');
      await expectAnswers();
      const { body } = await ask('/readyz', 'application/health+json');
      const [line] = JSON.parse(body).checks.it;
      expect(line).toMatchObject({ status: 'pass', output: expect.any(String), observedUnit: expect.any(String) });
      expect(line).toHaveProperty('observedValue');
    });

    it('goes on when a check returns the value or fails with it', async () => {
      let runs = 0;
      const check = async (): Promise<unknown> => {
        runs++;
        if (runs % 2 === 0) throw make();
        return make();
      };
      await serve({ details: 'always', checks: { it: { run: check, periodSeconds: 0.01 } } });
      await until(() => runs > 2, 'some runs');
      await expectAnswers();
    });

    it('shows no details when `details` returns or throws the value', async () => {
      const health: HealthOptions = {
        checks: { it: () => true },
        details: (request) => {
          if (request.url?.includes('verbose')) throw make();
          return make() as boolean;
        },
      };
      await serve(health);
      for (const path of ['/readyz', '/readyz?verbose']) {
        expect((await ask(path, 'application/health+json')).body).toMatch(/^(pass|fail)\n$/);
      }
    });
  });

  it('shows no details, and goes on, when `details` returns a promise that is rejected', async () => {
    const warnings = coalmineWarnings();
    await serve({ checks: { it: () => true }, details: (() => Promise.reject(new Error('later'))) as never });
    for (let i = 0; i < 3; i++) expect((await ask('/readyz?verbose')).body).toMatch(/^(pass|fail)\n$/);
    expect(await warnings.taken()).toMatchObject([
      { code: 'COALMINE_DETAILS_FAILED', message: expect.stringContaining('promise') },
    ]);
  });

  it('has checks that are named like members of every object', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then'];
    const checks = Object.fromEntries(names.map((name) => [name, () => false]));
    await serve({ details: 'always', checks });
    const { body } = await ask('/readyz', 'application/health+json');
    expect(Object.keys(JSON.parse(body).checks)).toEqual(names);
    for (const name of names) expect((await ask(`/readyz/${name}`)).status).toBe(503);
    const { body: text } = await ask('/metrics');
    for (const name of names) expect(text).toContain(`coalmine_health_check_status{check="${name}"} 0\n`);
  });
});
