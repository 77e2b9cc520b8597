import { CONTENT_TYPES, type Format, Turns } from '@coalmine/metrics';
import { messageOf, negotiable, warn } from '@coalmine/options';
import Negotiator from 'negotiator';
import type { Endpoint } from './endpoint.js';
import type { Request, Response } from './http.js';
import { Readers } from './readers.js';
import { type Render, Renderings } from './renderings.js';
import { Scrape } from './scrape.js';

/** Decides who may scrape; a failure counts as a no. */
export type Authorize = (request: Request) => boolean | Promise<boolean>;

export interface MetricsEndpointOptions {
  readonly path: string;
  readonly render: Render;
  /** @defaultValue anybody may scrape */
  readonly authorize: Authorize | undefined;
  /** Called after each scrape that was read completely. */
  scraped(): void;
}

// In order of preference, for a client without a preference.
const FORMATS: readonly Format[] = ['text', 'openmetrics'];

/** Serves the metrics: rendered in slices, once for all requests at the same time, compressed off the event loop. */
export function metricsEndpoint({ path, render, authorize, scraped }: MetricsEndpointOptions): Endpoint {
  const renderings = new Renderings(render);
  const readers = new Readers();
  const turns = new Turns();
  const endpoint: Endpoint = {
    reason: 'metrics',
    path,
    hasChecks: false,
    handle(request, response) {
      void handle(request, response);
    },
  };
  return endpoint;

  async function handle(request: Request, response: Response): Promise<void> {
    const scrape = new Scrape(response);
    try {
      if (await answer(request, scrape)) scraped();
    } catch (error) {
      warn('COALMINE_ENDPOINT_FAILED', `${path} could not be served: ${messageOf(error)}`, endpoint);
      scrape.say(500, 'Internal Server Error');
    } finally {
      scrape.end();
    }
  }

  /** Responds, and returns whether the response has all of the metrics. */
  async function answer(request: Request, scrape: Scrape): Promise<boolean> {
    if (authorize !== undefined && !(await isAllowed(authorize, request))) {
      scrape.say(403, 'Forbidden');
      return false;
    }
    const format = formatFor(request);
    const isGzip = encodingFor(request) === 'gzip';
    const headers = {
      'content-type': CONTENT_TYPES[format],
      'cache-control': 'no-store',
      vary: 'accept, accept-encoding',
      ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
    };
    if (request.method === 'HEAD') {
      scrape.sendHead(headers);
      return false;
    }
    return scrape.send(headers, await renderings.body(format, isGzip), readers, turns);
  }
}

async function isAllowed(authorize: Authorize, request: Request): Promise<boolean> {
  try {
    return (await authorize(request)) === true;
  } catch (error) {
    const message = `metrics.authorize failed, so the scrape was refused: ${messageOf(error)}`;
    warn('COALMINE_AUTHORIZE_FAILED', message, authorize);
    return false;
  }
}

function formatFor({ headers }: Request): Format {
  // Prometheus 3 adds how it wants names escaped. Our names need no escaping, so they fit every wish.
  const accept = negotiable(headers.accept)?.replace(/;\s*escaping=[^;,]*/g, '');
  const types = FORMATS.map((format) => CONTENT_TYPES[format].replace('; charset=utf-8', ''));
  const preferred = new Negotiator({ headers: { accept } }).mediaType(types);
  return FORMATS[types.indexOf(preferred ?? '')] ?? 'text';
}

function encodingFor({ headers }: Request): string | undefined {
  const accepted = negotiable(headers['accept-encoding'] as string | undefined);
  return new Negotiator({ headers: { 'accept-encoding': accepted } }).encoding(['gzip', 'identity']);
}
