import { coalmine } from '@coalmine/express';
import type { Express, NextFunction, Request, Response } from 'express';
import { Registry } from 'prom-client';
import { send } from '../support/client.js';
import { type Exposition, scrapeUntil } from '../support/exposition.js';
import { type ExpressVersion, expressOf, serveExpress } from './frameworks.js';

export type ExpressFactory = typeof import('express');

/** Adds handlers to a new app of the given Express. The app already uses Coalmine, or does not use it at all. */
export type Build = (app: Express, express: ExpressFactory) => void;

/** Returns a handler that responds with a status. */
export const respond =
  (status: number) =>
  (_request: Request, response: Response): void =>
    void response.status(status).send(`${status}`);

/** A middleware that passes everything on. */
export const pass = (_request: Request, _response: Response, next: NextFunction): void => next();

/** Returns an app that uses Coalmine with its own registry. */
export function createApp(version: ExpressVersion, build: Build, options: object = {}): Express {
  const express = expressOf(version);
  const app = express();
  // Stops Express from printing the errors of handlers.
  app.set('env', 'test');
  app.use(coalmine({ registry: new Registry(), warmup: false, ...options }));
  build(app, express);
  return app;
}

/** The counts of some requests. */
export interface Counted {
  readonly statuses: readonly unknown[];
  readonly requests: Record<string, number>;
  readonly excluded: Record<string, number>;
  readonly exposition: Exposition;
}

/** Serves an app, sends requests (`/path`, or `METHOD /path`) one after the other, and returns what was counted. */
export async function countedOf(app: Express, requests: readonly string[]): Promise<Counted> {
  const service = await serveExpress(app);
  try {
    const statuses: unknown[] = [];
    for (const request of requests) statuses.push(await statusOf(service.port, request));
    const exposition = await scrapeUntil(`http://127.0.0.1:${service.port}/metrics`, (each) => {
      return total(each.requests()) + total(each.excluded(), 'metrics') >= requests.length;
    });
    const { 'metrics 2xx': _own, ...excluded } = exposition.excluded();
    return { statuses, requests: exposition.requests(), excluded, exposition };
  } finally {
    await service.close();
  }
}

/** Sends `/path` or `METHOD /path`. */
export async function statusOf(port: number, request: string): Promise<unknown> {
  const [path = '', method = 'GET'] = request.split(' ').reverse();
  const seen = await send(port, path, { method });
  return typeof seen === 'string' ? seen : seen.status;
}

/** Returns the routes that have zeros, as `METHOD route`. */
export function zerosOf(exposition: Exposition): readonly string[] {
  const zeros = exposition.samples('http_errors_total', { status_code: 500 }).filter(({ value }) => value === 0);
  return zeros.map(({ labels }) => `${labels.method} ${labels.route}`).filter((each) => !each.includes('(unmatched)'));
}

function total(counts: Record<string, number>, leaveOut = ''): number {
  return Object.entries(counts).reduce(
    (sum, [key, n]) => sum + (leaveOut !== '' && key.startsWith(leaveOut) ? 0 : n),
    0,
  );
}
