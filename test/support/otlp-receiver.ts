import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decoded } from './otlp-messages.js';
import { metricsOf, type ReceivedMetric, type ReceivedSpan, spansOf } from './otlp-received.js';

/** A server that receives what OpenTelemetry exporters send over HTTP, as JSON or protobuf. */
export interface OtlpReceiver {
  /** The base of `/v1/traces` and `/v1/metrics`, for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly address: string;
  /** All received spans, in the order of their arrival. */
  spans(): readonly ReceivedSpan[];
  /** All received metrics, in the order of their arrival. A metric appears once for each export. */
  metrics(name?: string): readonly ReceivedMetric[];
  /** Calls `find` again after each request, and returns the first result. Throws after a number of seconds, 30 by default. */
  until<T>(find: (receiver: OtlpReceiver) => T | undefined, seconds?: number): Promise<T>;
  /** Forgets everything that was received. */
  clear(): void;
  close(): Promise<void>;
}

/** Starts a receiver on loopback, on a free port. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  let spans: ReceivedSpan[] = [];
  let metrics: ReceivedMetric[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    void take(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const receiver: OtlpReceiver = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => [...spans],
    metrics: (name) => metrics.filter((metric) => name === undefined || metric.name === name),
    until(find, seconds = 30) {
      return new Promise((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const timer = setTimeout(() => {
          end();
          const names = new Set([...spans, ...metrics].map(({ name }) => name));
          reject(new Error(`not found within ${seconds} s among ${[...names].join(', ') || 'nothing that came'}`));
        }, 1000 * seconds);
        const look = (): void => {
          try {
            const found = find(receiver);
            if (found === undefined) return;
            end();
            resolve(found);
          } catch (error) {
            end();
            reject(error);
          }
        };
        waiting.add(look);
        look();
      });
    },
    clear() {
      [spans, metrics] = [[], []];
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, why: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain' }).end(`${why}\n`);
    };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const isTraces = request.url === '/v1/traces';
    if (!isTraces && request.url !== '/v1/metrics') return refuse(404, 'there are /v1/traces and /v1/metrics');
    if (request.method !== 'POST') return refuse(405, 'only POST is taken');
    const [type = ''] = (request.headers['content-type'] ?? '').split(';');
    const isJson = type === 'application/json';
    if (!isJson && type !== 'application/x-protobuf') {
      return refuse(415, `application/json and application/x-protobuf are taken, got ${type || 'no type'}`);
    }
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'gzip' && encoding !== 'identity') return refuse(415, `gzip is taken, got ${encoding}`);
    try {
      const sent = Buffer.concat(chunks);
      const body = encoding === 'gzip' ? gunzipSync(sent) : sent;
      const message = isJson ? JSON.parse(body.toString()) : decoded(isTraces ? 'Traces' : 'Metrics', body);
      if (isTraces) spans.push(...spansOf(message));
      else metrics.push(...metricsOf(message));
    } catch (error) {
      return refuse(400, `the body cannot be read: ${(error as Error).message}`);
    }
    // A protobuf message without fields is empty.
    response.writeHead(200, { 'content-type': type }).end(isJson ? '{}' : '');
    for (const look of waiting) look();
  }
}
