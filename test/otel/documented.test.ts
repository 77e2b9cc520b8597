import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import { send } from '../support/client.js';
import { blocksOf, nameOf } from '../support/documents.js';
import type { ReceivedMetric, ReceivedSpan } from '../support/otlp-received.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { endDocumentedServices, startDocumentedService } from './documented-service.js';

const CURRENT = { modules: './current', node: 'node24' };
// An open handle, like a connection pool: a process with it never ends by itself.
const HELD = ['--import', 'data:text/javascript,setInterval(() => {}, 1e6)'];
const SERVED = 12;
const SERVED_WHILE_DRAINING = 3;
const ENVIRONMENT = {
  OTEL_SERVICE_NAME: 'till',
  OTEL_RESOURCE_ATTRIBUTES: 'service.version=of-the-environment,deployment.environment.name=staging',
  POD_NAME: 'checkout-7d9c4b8f6d-x2x4z',
  POD_NAMESPACE: 'shop',
  ROLLOUTS_POD_TEMPLATE_HASH: '7d9c4b8f6d',
  APP_VERSION: '1.4.0',
};

const PLAYS = ['docs/opentelemetry.md', 'docs/push.md'].flatMap((document) => [
  // No export comes before the end.
  { document, sdk: 'SDK 2', isHeld: false, interval: '60000', installed: {} },
  { document, sdk: 'SDK 3', isHeld: true, interval: '500', installed: CURRENT },
]);

/** Returns everything that a service sent until it ended. */
interface Sent {
  readonly code: number | NodeJS.Signals;
  readonly said: string;
  readonly metrics: readonly ReceivedMetric[];
  /** The number of received metrics when the signal was sent. */
  readonly before: number;
  readonly spans: readonly ReceivedSpan[];
}

const sent = new Map<(typeof PLAYS)[number], Sent>();
beforeAll(async () => {
  build('node', 'express', 'fastify', 'otel');
  await Promise.all(PLAYS.map(async (each) => sent.set(each, await play(each))));
});
afterAll(endDocumentedServices);

describe.each(PLAYS)('the set-up of $document on $sdk', (each) => {
  const found = (): Sent => sent.get(each) as Sent;
  /** Returns the latest export of a metric. */
  const latest = (name: string): ReceivedMetric | undefined =>
    found().metrics.findLast((metric) => metric.name === name);

  it('ends with 0 and prints nothing about its telemetry', () => {
    expect(found().code, found().said).toBe(0);
    expect(found().said).not.toMatch(/telemetry|unknown_service|otel/i);
  });

  it('exports the last numbers at SIGTERM, when the service has drained', () => {
    const served = latest('http.server.requests')?.points.filter(
      ({ attributes }) => attributes['http.route'] === '/items/:id' && attributes['http.response.status_code'] === 200,
    );
    expect(served?.map(({ value }) => value)).toEqual([SERVED + SERVED_WHILE_DRAINING]);
  });

  it('exports as often as OTEL_METRIC_EXPORT_INTERVAL says', () => {
    if (each.interval === '60000') expect(found().before).toBe(0);
    else expect(found().before).toBeGreaterThan(0);
  });

  it('exports every metric once', () => {
    const { metrics } = found();
    const last = metrics.slice(metrics.findLastIndex(({ name }) => name === metrics[0]?.name));
    expect(last.length).toBeGreaterThan(5);
    expect(new Set(last.map(({ name }) => name)).size).toBe(last.length);
    expect([...new Set(metrics.map(({ scope }) => scope))]).toEqual(['@coalmine/otel']);
  });

  it('exports no metric without points', () => {
    expect(found().metrics.filter(({ points }) => points.length === 0)).toEqual([]);
    expect(latest('coalmine.exclusion_claims_rejected')).toBeUndefined();
  });

  it('keeps what the environment says, and says which pod it is', () => {
    expect(latest('http.server.requests')?.resource).toMatchObject({
      'service.name': 'till',
      'service.version': 'of-the-environment',
      'deployment.environment.name': 'staging',
      'service.instance.id': 'shop.checkout-7d9c4b8f6d-x2x4z',
      'k8s.pod.name': 'checkout-7d9c4b8f6d-x2x4z',
      'k8s.namespace.name': 'shop',
      'k8s.pod.label.rollouts-pod-template-hash': '7d9c4b8f6d',
    });
  });

  it('exports the span of every request, if the set-up traces', () => {
    const spans = found().spans.filter(({ attributes }) => attributes['http.route'] === '/items/:id');
    const isTraced = each.document === 'docs/opentelemetry.md';
    expect(spans).toHaveLength(isTraced ? SERVED + SERVED_WHILE_DRAINING : 0);
    for (const { attributes } of spans) expect(attributes['coalmine.outcome']).toBe('answered');
  });
});

it.each(['docs/opentelemetry.md', 'docs/push.md'])('%s installs what its set-up imports', (document) => {
  const blocks = blocksOf(document);
  const setup = blocks.filter(({ text }) => ['telemetry.mjs', 'server.js'].includes(nameOf(text) ?? ''));
  const imported = setup.flatMap(({ text }) => [...text.matchAll(/ from '([^']+)'/g)].map(([, name = '']) => name));
  expect(imported.length).toBeGreaterThan(6);
  const installs = blocks.filter(({ language, text }) => language === 'sh' && text.startsWith('npm install '));
  for (const { text } of installs) {
    const installed = text.match(/(?<=\s)(?:@[\w-]+\/)?[a-z][\w-]*(?=@|\s|$)/g)?.slice(1);
    expect(installed).toEqual(expect.arrayContaining([...new Set(imported)]));
    // The metric client in which Coalmine keeps its series.
    expect(installed).toContain('prom-client');
  }
});

async function play({ document, isHeld, interval, installed }: (typeof PLAYS)[number]): Promise<Sent> {
  const receiver = await startOtlpReceiver();
  try {
    const service = await startDocumentedService({
      document,
      ...installed,
      flags: isHeld ? HELD : [],
      env: {
        ...ENVIRONMENT,
        OTEL_METRIC_EXPORT_INTERVAL: interval,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.address,
        OTEL_LOGS_EXPORTER: 'none',
      },
    });
    for (let i = 0; i < SERVED; i++) await send(service.port, `/items/${i}`);
    if (interval !== '60000') await receiver.until(() => receiver.metrics()[0]);
    const before = receiver.metrics().length;
    service.terminate();
    for (let i = 0; i < SERVED_WHILE_DRAINING; i++) await send(service.port, `/items/${i}`);
    const code = await service.ended;
    return { code, said: service.said, metrics: receiver.metrics(), before, spans: receiver.spans() };
  } finally {
    await receiver.close();
  }
}
