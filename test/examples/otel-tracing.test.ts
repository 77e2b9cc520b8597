import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ATTRIBUTES } from '@coalmine/otel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isPrometheusMissing } from '../support/prometheus.js';
import { pathOf, textOf } from './example.js';
import { responsesIn, startRelease } from './tracing-release.js';

const CANARY = '7d9c4b8f6d';

/** The response of the example's receiver about a trace. */
interface Span {
  readonly traceId: string;
  readonly status: { readonly code: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

/** The response of the receiver about a metric, from one process and scope. */
interface Metric {
  readonly scope: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly points: readonly { readonly attributes: Readonly<Record<string, unknown>>; readonly value: number }[];
}

describe.skipIf(isPrometheusMissing)('from a bad verdict to the requests that caused it', () => {
  let receiver: { readonly address: string; close(): void };
  let [code, text]: [number | null | undefined, string] = [undefined, ''];
  const spans = new Map<string, Span | undefined>();

  beforeAll(async () => {
    const file = pathToFileURL(pathOf('examples/otel-tracing/receiver.js')).href;
    receiver = await (await import(file)).startReceiver();
    const run = startRelease({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.address });
    code = await run.ended;
    text = run.said();
    for (const id of text.match(/\b[0-9a-f]{32}\b/g) ?? []) {
      const answer = await fetch(`${receiver.address}/traces/${id}`);
      spans.set(id, answer.ok ? ((await answer.json()) as Span[])[0] : undefined);
    }
  });
  afterAll(() => receiver?.close());

  /** Returns the traces that the output lists below the metrics with a name. */
  function tracesBelow(metric: RegExp): readonly (Span | undefined)[] {
    const sections = text.split(/\n\n/).filter((section) => metric.test(section));
    return sections.flatMap((section) => section.match(/\b[0-9a-f]{32}\b/g) ?? []).map((id) => spans.get(id));
  }

  async function metricsNamed(name: string): Promise<readonly Metric[]> {
    return (await (await fetch(`${receiver.address}/metrics/${name}`)).json()) as Metric[];
  }

  it('ends well, with a canary that is rolled back', () => {
    expect({ code, text }).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^rollback: .+\nmetric "error-ratio/m),
    });
  });

  it('names traces that the receiver has, all of them by the hash of the canary, though stable failed as well', () => {
    expect(text).toMatch(/^users of shop-5f6c7d8b9c-\w+ got .* \d+ × 500$/m);
    expect(spans.size).toBeGreaterThan(5);
    for (const [id, span] of spans) {
      expect(span, id).toMatchObject({
        traceId: id,
        resource: {
          'service.name': 'shop',
          'k8s.pod.name': `shop-${CANARY}-x7k2p`,
          'k8s.pod.label.rollouts-pod-template-hash': CANARY,
        },
      });
    }
  });

  it('names failed requests if there were too many errors: failed responses, and hangs', () => {
    const failed = tracesBelow(/^\w+ +error-ratio(?:-since-start)?\n/);
    const said = failed.map((span) => [span?.status.code, span?.attributes[ATTRIBUTES.status]]);
    expect(new Set(said.map(String))).toEqual(new Set(['error,500', 'error,504']));
    const hung = failed.find((span) => span?.attributes[ATTRIBUTES.status] === 504);
    expect(hung?.attributes).toMatchObject({ [ATTRIBUTES.route]: '/checkout', [ATTRIBUTES.outcome]: 'left' });
  });

  it('names requests over the objective if too many were slow', () => {
    const slow = tracesBelow(/^\w+ +slow-ratio/);
    expect(slow.filter((span) => span?.attributes[ATTRIBUTES.overObjective] !== true)).toEqual([]);
  });

  it('gets by OTLP the responses that the users of each pod got', async () => {
    const seen = responsesIn(text);
    expect(seen.size).toBe(3);
    const counted = (await metricsNamed('http.server.requests')).map(({ resource, points }) => {
      const statuses: Record<string, number> = {};
      for (const { attributes, value } of points) {
        const status = String(attributes[ATTRIBUTES.status]);
        if (value > 0) statuses[status] = (statuses[status] ?? 0) + value;
      }
      return [resource['k8s.pod.name'], statuses];
    });
    expect(new Map(counted as [string, Record<string, number>][])).toEqual(seen);
  });

  it('gets by OTLP no metrics of the HTTP instrumentation', async () => {
    const durations = await metricsNamed('http.server.request.duration');
    expect(durations.map(({ scope }) => scope)).toEqual(Array.from({ length: 3 }, () => '@coalmine/otel'));
  });
});

describe.skipIf(isPrometheusMissing)('the example, interrupted', () => {
  it('leaves nothing behind', async () => {
    const { child, said, ended } = startRelease({});
    const users = new Promise<void>((resolve) => {
      child.stdout?.on('data', () => said().includes('users ask') && resolve());
    });
    await Promise.race([users, ended]);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    const addresses = said().match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    expect(addresses).toHaveLength(2);
    for (const address of addresses) await expect(fetch(address)).rejects.toThrow('fetch failed');
  });
});

describe('the example without Prometheus', () => {
  it('says what to install, and leaves nothing behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'coalmine-example-'));
    const { said, ended } = startRelease({ PATH: '', TMPDIR: folder });
    expect(await ended).toBe(1);
    expect(said()).toContain('prometheus is not on the PATH: install the Debian package prometheus');
    expect(readdirSync(folder)).toEqual([]);
    rmdirSync(folder);
  });
});

describe('the configurations of backends', () => {
  const read = (name: string) => parse(textOf(`examples/otel-tracing/backends/${name}`));

  it('use in the Collector all configured components, and no others', () => {
    const { service, ...components } = read('collector.yaml');
    const pipelines = Object.values<Record<string, string[]>>(service.pipelines);
    for (const [kind, configured] of Object.entries(components)) {
      const used = new Set(pipelines.flatMap((pipeline) => pipeline[kind] ?? []));
      expect([...used].sort(), kind).toEqual(Object.keys(configured as object).sort());
    }
  });

  it('keep in the Collector the traces that the attributes of spans select', () => {
    const { policies } = read('collector.yaml').processors.tail_sampling;
    for (const { type, ...policy } of policies) expect(policy).toHaveProperty(type);
    const keys = policies.flatMap((policy: Record<string, { key?: string }>) =>
      Object.values(policy).flatMap(({ key }) => key ?? []),
    );
    expect(keys).toEqual([ATTRIBUTES.outcome, ATTRIBUTES.overObjective]);
  });

  it('link exemplars in Grafana to the data source of Tempo', () => {
    const { datasources } = read('grafana-datasources.yaml');
    const of = (type: string) => datasources.find((each: { type: string }) => each.type === type);
    expect(of('prometheus').jsonData.exemplarTraceIdDestinations).toEqual([
      { name: 'trace_id', datasourceUid: of('tempo').uid },
    ]);
  });

  it('send only to services that exist', () => {
    const { services } = read('grafana.compose.yaml');
    const texts = ['collector.yaml', 'grafana-datasources.yaml'].map((name) =>
      textOf(`examples/otel-tracing/backends/${name}`),
    );
    const hosts = texts.flatMap((each) => [...each.matchAll(/http:\/\/(\w+):/g)].map(([, host = '']) => host));
    expect(hosts.length).toBeGreaterThan(3);
    expect(hosts.filter((host) => !(host in services))).toEqual([]);
    expect(read('tempo.yaml').distributor.receivers.otlp.protocols.http.endpoint).toBe('0.0.0.0:4318');
    expect(read('jaeger.compose.yaml').services.jaeger.ports).toContain('127.0.0.1:4318:4318');
  });
});
