import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMetricsOf, type PodHistory, type ServiceHistory } from '../cli/plan/history.js';
import { type Browser, isBrowserMissing, startBrowser, type Tab } from '../support/browser.js';
import { coalmineIn } from '../support/command.js';
import { isPrometheusMissing, startBackfilledPrometheus } from '../support/prometheus.js';
import { edgesOf } from './in-page.js';

/** Pixels above and below a part of a report. */
const MARGIN = 16;
const PICTURES = fileURLToPath(new URL('../../docs/pictures', import.meta.url));
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 20) / 1000;
// The hashes in the examples of the documentation.
const [STABLE, CANARY] = ['5f6c7d8b9c', '7d9c4b8f6d'];
const CANARY_STARTS = START + 14 * HOUR;
const CANARY_FAILS = CANARY_STARTS + 4 * MINUTE;
const CANARY_ENDS = CANARY_STARTS + 25 * MINUTE;
const END = START + 15 * HOUR;

/** A service with two good releases and a bad one, whose canary fails on one route after four minutes. */
const CHECKOUT: ServiceHistory = {
  namespace: 'shop',
  name: 'checkout',
  pods: [
    ...replicas('66d8f5c7bb', START, START + 4 * HOUR),
    ...replicas('6c9f7b5d44', START + 4 * HOUR - 30 * MINUTE, START + 9 * HOUR),
    ...replicas(STABLE, START + 9 * HOUR - 30 * MINUTE, END),
    { hash: CANARY, suffix: 'x2x4z', from: CANARY_STARTS, to: CANARY_ENDS },
  ],
  perSecond: (at) => 40 - 25 * Math.cos((2 * Math.PI * (at - START)) / DAY),
  scrapeSeconds: 15,
  seed: 36,
  stored: 'both',
  routes: [
    { pattern: '/items/:id', share: 0.7, failing: () => 0.001, slow: 0.01 },
    {
      pattern: '/cart',
      share: 0.25,
      failing: (hash, at) => (hash === CANARY && at > CANARY_FAILS ? 0.3 : 0.002),
      slow: 0.02,
    },
    { pattern: '/account', share: 0.05, failing: () => 0, slow: 0.01 },
  ],
};

function replicas(hash: string, from: number, to: number): readonly PodHistory[] {
  return ['5gq7n', '8kd2v', 'c4m9r', 'jt6wz'].map((suffix, i) => ({
    hash,
    suffix,
    from: from + 3 * i,
    to: to + 3 * i,
  }));
}

describe.skipIf(isBrowserMissing || isPrometheusMissing)('the pictures', () => {
  let folder: string;
  let prometheus: Awaited<ReturnType<typeof startBackfilledPrometheus>>;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coalmine-pictures-'));
    prometheus = await startBackfilledPrometheus(openMetricsOf([CHECKOUT], []));
    browser = await startBrowser();
    const release = ['--name', 'checkout', '--namespace', 'shop', '--latency', '0.3'];
    const { code, said } = await coalmineIn(folder, ['manifests', 'argo', ...release, '--out', 'deploy']);
    expect(code, said).toBe(0);
  });
  afterAll(async () => {
    await browser?.close();
    await prometheus?.close();
    await rm(folder, { recursive: true });
  });

  /** Runs a command that writes a report, and opens the report. */
  async function open(...args: readonly string[]): Promise<Tab> {
    const report = join(folder, 'report.html');
    const { said } = await coalmineIn(folder, [...args, '--prometheus', prometheus.address, '--report', report]);
    expect(existsSync(report), said).toBe(true);
    const tab = await browser.openTab();
    await tab.open(pathToFileURL(report).href, { width: 1000, height: 800, scheme: 'light' });
    return tab;
  }

  it('show the report of analyze', async () => {
    const hashes = ['--arg', `canary-hash=${CANARY}`, '--arg', `stable-hash=${STABLE}`];
    const tab = await open(
      'analyze',
      '-f',
      'deploy',
      '-t',
      'checkout-gate',
      ...hashes,
      '--from',
      String(CANARY_STARTS),
    );
    const [first, failed] = [await tab.run(edgesOf, 'section'), await tab.run(edgesOf, 'section:has(h3 .failed)')];
    writeFileSync(join(PICTURES, 'report.png'), await tab.picture(0, first.top));
    writeFileSync(join(PICTURES, 'report-metric.png'), await tab.picture(failed.top - MARGIN, failed.bottom + MARGIN));
  });

  it('show the report of plan', async () => {
    const tab = await open('plan', '-f', 'deploy', '--days', String((END - START) / DAY), '--to', String(END));
    const steps = await tab.run(edgesOf, 'h2:nth-of-type(3)');
    writeFileSync(join(PICTURES, 'plan.png'), await tab.picture(0, steps.top));
  });
});
