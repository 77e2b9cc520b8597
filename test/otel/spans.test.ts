import { fileURLToPath } from 'node:url';
import { ATTR_ERROR_TYPE, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_HTTP_ROUTE } from '@opentelemetry/semantic-conventions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import type { ReceivedSpan } from '../support/otlp-received.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Plan, startService } from './service.js';

const NODE_24 = binary('node24');

type Way = [name: string, plan: Omit<Plan, 'receiver'>, file: string, node?: string];
const ESM = 'fixtures/service.mjs';
const CJS = 'fixtures/service.cjs';

const WAYS: Way[] = [
  ['Express, ESM', { framework: 'express' }, ESM],
  ['Express, CommonJS', { framework: 'express' }, CJS],
  ['Express, Coalmine loaded before the SDK', { framework: 'express', order: 'coalmine-first' }, ESM],
  ['Fastify', { framework: 'fastify' }, ESM],
  ['Fastify, CommonJS', { framework: 'fastify' }, CJS],
  ['Fastify with @fastify/otel before Coalmine', { framework: 'fastify', fastifyOtel: 'before' }, ESM],
  ['Fastify with @fastify/otel after Coalmine', { framework: 'fastify', fastifyOtel: 'after' }, ESM],
  ['node:http', { framework: 'node' }, ESM],
  ['node:http, Coalmine loaded before the SDK', { framework: 'node', order: 'coalmine-first' }, ESM],
  ['Express on the current SDK and Node 24', { framework: 'express' }, 'current/service.mjs', NODE_24],
  ['Fastify on the current SDK and Node 24', { framework: 'fastify' }, 'current/service.mjs', NODE_24],
];

describe.each(WAYS)('the server span on %s', (_name, plan, file, node) => {
  let receiver: OtlpReceiver;
  let spans: ReadonlyMap<string, ReceivedSpan>;

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    const service = await startService({ ...plan, receiver: receiver.address }, file, node);
    const impatient = send(service.port, '/t/8/impatient', { leaveAfter: 1_500 });
    for (const path of ['items/1', 'boom/2', 'slow', 'cut', 'events']) {
      await send(service.port, `/t/7/${path}`, path === 'events' ? { leaveAfter: 50 } : {});
    }
    await send(service.port, '/t/7/hang', { leaveAfter: 50 });
    await send(service.port, '/elsewhere');
    await send(service.port, '/readyz', { headers: { 'user-agent': 'kube-probe/1.31' } });
    await impatient;
    await service.close();
    const servers = receiver.spans().filter(({ kind }) => kind === 'server');
    spans = new Map(servers.map((span) => [String(span.attributes['url.path']), span]));
    expect(servers).toHaveLength(9);
  });
  afterAll(() => receiver.close());

  const at = (path: string): ReceivedSpan => {
    const span = spans.get(path);
    if (span === undefined) throw new Error(`no span of ${path}`);
    return span;
  };

  it('says the same about a response as the series', () => {
    expect(at('/t/7/items/1')).toMatchObject({
      name: 'GET /t/:tenant/items/:id',
      status: { code: 'unset' },
      attributes: {
        [ATTR_HTTP_ROUTE]: '/t/:tenant/items/:id',
        [ATTR_HTTP_RESPONSE_STATUS_CODE]: 200,
        'coalmine.outcome': 'answered',
        'coalmine.overdue': false,
        'coalmine.over_objective': false,
        'coalmine.pod.warm': true,
      },
    });
    expect(at('/t/7/items/1').attributes).not.toHaveProperty(ATTR_ERROR_TYPE);
    expect(at('/t/7/slow').attributes).toMatchObject({ 'coalmine.over_objective': true, 'coalmine.overdue': false });
  });

  it('has the whole pattern as the route of an error, too', () => {
    expect(at('/t/7/boom/2')).toMatchObject({
      name: 'GET /t/:tenant/boom/:id',
      status: { code: 'error' },
      attributes: {
        [ATTR_HTTP_ROUTE]: '/t/:tenant/boom/:id',
        [ATTR_HTTP_RESPONSE_STATUS_CODE]: 500,
        [ATTR_ERROR_TYPE]: '500',
      },
    });
  });

  it('does not look like a 200 if there was no response', () => {
    expect(at('/t/7/hang')).toMatchObject({
      name: 'GET /t/:tenant/hang',
      status: { code: 'unset' },
      attributes: { [ATTR_HTTP_RESPONSE_STATUS_CODE]: 499, 'coalmine.outcome': 'left', 'coalmine.overdue': false },
    });
    expect(at('/t/8/impatient')).toMatchObject({
      status: {
        code: 'error',
        message: expect.stringMatching(/^The client gave up after \d\.\d+ s without a response$/),
      },
      attributes: {
        [ATTR_HTTP_RESPONSE_STATUS_CODE]: 504,
        [ATTR_ERROR_TYPE]: '504',
        'coalmine.outcome': 'left',
        'coalmine.overdue': true,
        'coalmine.over_objective': true,
      },
    });
  });

  it('fails if the body broke off', () => {
    expect(at('/t/7/cut')).toMatchObject({
      status: { code: 'error', message: 'The response broke off' },
      attributes: { [ATTR_HTTP_RESPONSE_STATUS_CODE]: 500, [ATTR_ERROR_TYPE]: '500', 'coalmine.outcome': 'broken' },
    });
  });

  it('marks a stream', () => {
    expect(at('/t/7/events').attributes).toMatchObject({
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: 200,
      'coalmine.outcome': 'streamed',
    });
    expect(at('/t/7/events').attributes).not.toHaveProperty('coalmine.overdue');
  });

  it('has no route if none matched', () => {
    expect(at('/elsewhere')).toMatchObject({ name: 'GET', attributes: { [ATTR_HTTP_RESPONSE_STATUS_CODE]: 404 } });
    expect(at('/elsewhere').attributes).not.toHaveProperty(ATTR_HTTP_ROUTE);
  });

  it('names the reason and the authority of an exclusion', () => {
    expect(at('/readyz').attributes).toMatchObject({
      'coalmine.excluded.reason': 'health',
      'coalmine.excluded.authority': '/readyz',
    });
    expect(at('/t/7/items/1').attributes).not.toHaveProperty('coalmine.excluded.reason');
  });

  it('is the only one of its request', () => {
    const roots = receiver.spans().filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(roots.map(({ kind }) => kind)).toEqual(new Array(9).fill('server'));
    expect(receiver.spans().filter(({ scope }) => scope.includes('coalmine'))).toEqual([]);
  });
});

function binary(name: string): string {
  return fileURLToPath(new URL(`../node_modules/${name}/bin/node`, import.meta.url));
}
