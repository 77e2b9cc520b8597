import { negotiable } from '@coalmine/options';
import Negotiator from 'negotiator';
import type { Status } from './check-options.js';
import type { ProbeRequest } from './health-options.js';
import type { Report, ReportLine } from './readiness.js';
import { oneLine } from './reason.js';

/** What an answer is written to: a response of `node:http`, or of the compatibility API of `node:http2`. */
export interface ProbeResponse {
  readonly headersSent?: boolean;
  writeHead(code: number, headers: Record<string, string | number>): unknown;
  end(body: string): unknown;
}

// draft-inadarei-api-health-check-06.
const HEALTH_JSON = 'application/health+json';
const TEXT = 'text/plain';
const MARKS: Readonly<Record<Status, string>> = { pass: '+', warn: '!', fail: '-' };

/** A pass and a warning are a 200, a failure is a 503: a prober reads nothing else. One plain word for a stranger. */
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

/** What a probe gets that could not be answered; nothing, where somebody else has begun to. */
export function answerFailure(request: ProbeRequest, response: ProbeResponse): void {
  try {
    if (response.headersSent !== true) send(request, response, 500, TEXT, 'Internal Server Error\n');
  } catch {
    // A response that cannot be written to: its own server ends it.
  }
}

/** To whom a path below an endpoint is none. */
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

/** As the API server of Kubernetes writes it. */
function verbose({ status, lines }: Report): string {
  const each = lines.map(({ name, status, observedValue, output }) => {
    const observed = typeof observedValue === 'string' ? observedValue : JSON.stringify(observedValue);
    const said = [observed, output].filter((part) => part !== undefined && part !== '').join(': ');
    // One line for each, whatever the check has to say.
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
