import { negotiable } from '@coalmine/options';
import Negotiator from 'negotiator';
import type { Status } from './check-options.js';
import type { ProbeRequest } from './health-options.js';
import type { Report, ReportLine } from './readiness.js';
import { oneLine } from './reason.js';

/** Where a report is written: a response of `node:http`, or of the compatibility API of `node:http2`. */
export interface ProbeResponse {
  readonly headersSent?: boolean;
  writeHead(code: number, headers: Record<string, string | number>): unknown;
  end(body: string): unknown;
}

// draft-inadarei-api-health-check-06.
const HEALTH_JSON = 'application/health+json';
const TEXT = 'text/plain';
const MARKS: Readonly<Record<Status, string>> = { pass: '+', warn: '!', fail: '-' };

/**
 * Writes a report: status 200 for a pass and a warning, 503 for a failure, because a prober reads nothing else. A
 * stranger gets one plain word.
 */
export function answer(request: ProbeRequest, response: ProbeResponse, report: Report, hasDetails: boolean): void {
  const { status } = report;
  const code = status === 'fail' ? 503 : 200;
  if (!hasDetails) return send(request, response, code, TEXT, `${status}\n`);
  const accept = negotiable(request.headers.accept);
  const [type] = new Negotiator({ headers: { accept } }).mediaTypes([TEXT, HEALTH_JSON, 'application/json']);
  if (type === HEALTH_JSON || type === 'application/json') {
    return send(request, response, code, type, `${JSON.stringify(healthJson(report))}\n`);
  }
  return send(request, response, code, TEXT, isVerbose(request) ? verbose(report) : `${status}\n`);
}

/** Writes the response to a probe whose report failed. Does nothing if somebody else has started the response. */
export function answerFailure(request: ProbeRequest, response: ProbeResponse): void {
  try {
    if (response.headersSent !== true) send(request, response, 500, TEXT, 'Internal Server Error\n');
  } catch {
    // The response cannot be written; its own server ends it.
  }
}

/** Responds to a path below an endpoint that names no check. */
export function answerNotFound(request: ProbeRequest, response: ProbeResponse): void {
  send(request, response, 404, TEXT, 'Not Found\n');
}

function send(request: ProbeRequest, response: ProbeResponse, code: number, type: string, body: string): void {
  response.writeHead(code, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? '' : body);
}

function isVerbose({ url = '' }: ProbeRequest): boolean {
  const query = url.indexOf('?');
  return query >= 0 && new URLSearchParams(url.slice(query)).has('verbose');
}

/** Returns the report in the form of the API server of Kubernetes. */
function verbose({ status, lines }: Report): string {
  const each = lines.map(({ name, status, observedValue, output }) => {
    const observed = typeof observedValue === 'string' ? observedValue : JSON.stringify(observedValue);
    const said = [observed, output].filter((part) => part !== undefined && part !== '').join(': ');
    // One line for each check, whatever the check says.
    return `[${MARKS[status]}]${name} ${status}${said === '' ? '' : ` (${oneLine(said)})`}\n`;
  });
  return `${each.join('')}${status}\n`;
}

function healthJson({ status, lines }: Report): object {
  const checks = lines.map(({ name, ...line }) => [name, [component(line)]]);
  return { status, ...(lines.length === 0 ? {} : { checks: Object.fromEntries(checks) }) };
}

function component({ checkedAt, ...line }: Omit<ReportLine, 'name'>): object {
  return { ...line, ...(checkedAt === undefined ? {} : { time: new Date(checkedAt).toISOString() }) };
}
