import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CONTENT_TYPES, type Format, type RegistryLike, renderRegistry } from '@coalmine/metrics';
import { warn } from '@coalmine/options';
import Negotiator from 'negotiator';
import type { Endpoint } from './endpoint.js';
import type { Request } from './http.js';

/** Decides who may scrape; a failure counts as a no. */
export type Authorize = (request: Request) => boolean | Promise<boolean>;

// In order of preference where a client has none.
const FORMATS: readonly Format[] = ['text', 'openmetrics'];

/** Serves the whole registry: rendered in slices, compressed off the event loop. `scraped` hears of each full answer. */
export function metricsEndpoint(
  path: string,
  registry: RegistryLike,
  authorize: Authorize | undefined,
  scraped: () => void,
): Endpoint {
  return {
    reason: 'metrics',
    path,
    hasChecks: false,
    handle(request, response) {
      answer(request, response as ServerResponse, registry, authorize).then(
        (isWhole) => isWhole && scraped(),
        // A scraper that leaves early is no news.
        () => response.destroy(),
      );
    },
  };
}

/** Answers, and says whether with the metrics. */
async function answer(
  request: Request,
  response: ServerResponse,
  registry: RegistryLike,
  authorize?: Authorize,
): Promise<boolean> {
  if (authorize !== undefined && !(await isAllowed(authorize, request))) {
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('Forbidden\n');
    return false;
  }
  const format = formatFor(request);
  const isGzip = new Negotiator(request).encoding(['gzip', 'identity']) === 'gzip';
  response.writeHead(200, {
    'content-type': CONTENT_TYPES[format],
    'cache-control': 'no-store',
    vary: 'accept, accept-encoding',
    ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return false;
  }
  const text = Readable.from(renderRegistry(registry, format), { objectMode: true, highWaterMark: 1 });
  await (isGzip ? pipeline(text, createGzip(), response) : pipeline(text, response));
  return true;
}

async function isAllowed(authorize: Authorize, request: Request): Promise<boolean> {
  try {
    return (await authorize(request)) === true;
  } catch (error) {
    warn(
      'COALMINE_AUTHORIZE_FAILED',
      `metrics.authorize failed, so the scrape was refused: ${String(error)}`,
      authorize,
    );
    return false;
  }
}

function formatFor({ headers }: Request): Format {
  // Prometheus 3 adds how it wants names escaped; ours need no escaping, so every wish is granted.
  const accept = headers.accept?.replace(/;\s*escaping=[^;,]*/g, '');
  const types = FORMATS.map((format) => CONTENT_TYPES[format].replace('; charset=utf-8', ''));
  const preferred = new Negotiator({ headers: accept === undefined ? {} : { accept } }).mediaType(types);
  return FORMATS[types.indexOf(preferred ?? '')] ?? 'text';
}
