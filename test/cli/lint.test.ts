import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// The package does not export the list of rules, because users do not need it.
import { coalmineIn, type Ended } from '../support/command.js';
import { overdueTemplate, SERVICE } from './overdue-template.js';

const expositionOf = (requests: number, route = '/items/:id'): string => `# TYPE http_requests_total counter
http_requests_total{method="GET",route="${route}",status_code="200"} ${requests}
http_requests_total{method="GET",route="${route}",status_code="500"} 0
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.5",method="GET",route="${route}",status_code="200"} ${requests}
http_request_duration_seconds_bucket{le="2.5",method="GET",route="${route}",status_code="200"} ${requests}
http_request_duration_seconds_bucket{le="+Inf",method="GET",route="${route}",status_code="200"} ${requests}
http_request_duration_seconds_sum{method="GET",route="${route}",status_code="200"} 1
http_request_duration_seconds_count{method="GET",route="${route}",status_code="200"} ${requests}
`;
const HEALTHY = expositionOf(5);
const WARNED = expositionOf(5, '/healthz');

let folder = '';
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coalmine-lint-'));
  await writeFile(join(folder, 'healthy.txt'), HEALTHY);
  await writeFile(join(folder, 'warned.txt'), WARNED);
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

const lint = (...args: readonly string[]): Promise<Ended> => coalmineIn(folder, ['lint', ...args]);

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

describe('coalmine lint', () => {
  it('ends with 0 without a finding, and with warnings unless they are to fail', async () => {
    expect(await lint('healthy.txt')).toEqual({ code: 0, out: 'healthy.txt: nothing found\n', said: '' });
    expect((await lint('warned.txt')).code).toBe(0);
    expect((await lint('warned.txt', '--fail-on', 'warning')).code).toBe(1);
    expect((await lint('healthy.txt', '--fail-on', 'warning')).code).toBe(0);
  });

  it('reads files with Kubernetes objects as templates, compares them with each other, and reports each finding at its file', async () => {
    await writeFile(join(folder, 'first.yaml'), overdueTemplate('result[0] <= 1'));
    await writeFile(join(folder, 'second.yaml'), SERVICE);
    const { code, out } = await lint('first.yaml', 'second.yaml', 'healthy.txt', '--format', 'json');
    expect(code).toBe(1);
    const { sources } = JSON.parse(out);
    expect(sources.map(({ source, kind }: { source: string; kind: string }) => [source, kind])).toEqual([
      ['first.yaml', 'template'],
      ['second.yaml', 'template'],
      ['healthy.txt', 'exposition'],
    ]);
    expect(sources[0].findings).toContainEqual(expect.objectContaining({ rule: 'error-on-empty', line: 13 }));
    expect(sources[1].findings).toEqual([expect.objectContaining({ rule: 'not-linted', severity: 'note' })]);
    const shown = await lint('first.yaml');
    expect(shown.out).toContain(
      '  Repair: successCondition: len(result) == 1 && result[0] <= 1\n          failureCondition: ',
    );
  });

  it('finds nothing in our own manifests, with the times of the config', async () => {
    await writeFile(
      join(folder, 'coalmine.config.yaml'),
      'name: shop\nanalysis: { scrapeSeconds: 30, startSeconds: 120 }\n',
    );
    for (const target of ['argo', 'flagger']) {
      expect((await coalmineIn(folder, ['manifests', target, '--out', target])).code).toBe(0);
      const files = (await readdir(join(folder, target))).map((file) => `${target}/${file}`);
      expect(await lint(...files, '--fail-on', 'warning')).toMatchObject({ code: 0, said: '' });
    }
  });

  it('prints the place, the fault and the repair for each source, and ends with 1 for an error', async () => {
    const { code, out } = await lint('healthy.txt', 'warned.txt', '--latency', '0.3');
    expect(code).toBe(1);
    expect(out.split('\n\n').map((block) => block.split('\n', 1)[0])).toEqual([
      'healthy.txt: 1 error',
      'healthy.txt:4 error no-bound-at-objective',
      'warned.txt: 1 error, 1 warning',
      'warned.txt:2 warning probes-counted',
      'warned.txt:4 error no-bound-at-objective',
    ]);
    expect(out).toMatch(
      /\n {2}2 \| http_requests_total.*\n {2}5 of 5 requests go to \/healthz\. .*\n {2}Repair: Leave probes/,
    );
  });

  it('prints JSON', async () => {
    const { code, out } = await lint('warned.txt', '--format', 'json');
    expect({ code, json: JSON.parse(out) }).toEqual({
      code: 0,
      json: {
        errors: 0,
        warnings: 1,
        notes: 0,
        suppressed: 0,
        passedOver: [],
        sources: [
          {
            source: 'warned.txt',
            kind: 'exposition',
            findings: [
              {
                rule: 'probes-counted',
                severity: 'warning',
                line: 2,
                message: expect.any(String),
                repair: expect.any(String),
              },
            ],
            suppressed: [],
          },
        ],
      },
    });
  });

  it('reads stdin', async () => {
    const { code, out } = await coalmineIn(folder, ['lint', '-'], HEALTHY);
    expect({ code, out }).toEqual({ code: 0, out: '-: nothing found\n' });
  });

  it('takes the objective of the app if nobody gives another', async () => {
    const text = `${HEALTHY.replaceAll('"0.5"', '"0.4"')}# TYPE coalmine_objective_latency_seconds gauge\ncoalmine_objective_latency_seconds 0.4\n`;
    expect((await coalmineIn(folder, ['lint', '-'], text)).out).toBe('-: nothing found\n');
    expect((await coalmineIn(folder, ['lint', '-', '--latency', '0.5'], text)).out).toContain('objective-differs');
  });

  it('takes objective and names from the config, and the objective of a flag over it', async () => {
    await writeFile(
      join(folder, 'coalmine.config.yaml'),
      'name: shop\nobjective: { latency: 0.3 }\nnames: { requests: shop_requests_total }\n',
    );
    const rules = async (...args: readonly string[]): Promise<readonly string[]> =>
      JSON.parse((await lint('healthy.txt', '--format', 'json', ...args)).out).sources[0].findings.map(
        ({ rule }: { rule: string }) => rule,
      );
    expect(await rules()).toEqual(['unexpected-name', 'no-bound-at-objective']);
    expect(await rules('--latency', '0.5')).toEqual(['unexpected-name']);
  });

  it('compares two files', async () => {
    await writeFile(join(folder, 'before.txt'), expositionOf(9));
    const { code, out } = await lint('healthy.txt', '--before', 'before.txt');
    expect(code).toBe(1);
    expect(out).toContain('healthy.txt:2 error counter-decreased');
    expect(out).toContain('went backwards between two reads, the first from 9 to 5');
  });

  it.each<[readonly string[], string]>([
    [[], "missing required argument 'source'"],
    [['none.txt'], 'none.txt cannot be read: ENOENT'],
    [['healthy.txt', '--before', 'none.txt'], 'none.txt cannot be read: ENOENT'],
    [['healthy.txt', 'warned.txt', '--before', 'healthy.txt'], '--before is an earlier read of one source'],
    [['healthy.txt', '--latency', 'fast'], 'It must be a number.'],
    [['healthy.txt', '--latency', '0'], 'objective.latency must be'],
    [['healthy.txt', '--again', '-1'], 'It must be a number of seconds from 0 to 3600.'],
    [['healthy.txt', '--timeout', '0'], 'It must be a number of seconds above 0, up to 3600.'],
    [['healthy.txt', '-H', 'token'], 'It must be a name and a value with : between them.'],
    [['healthy.txt', '-c', 'none.yaml'], 'none.yaml cannot be read'],
    [['http://'], 'http:// is not an address'],
    [['http://127.0.0.1:1/metrics'], 'http://127.0.0.1:1/metrics cannot be read: '],
  ])('%j is refused', async (args, message) => {
    const { code, out, said } = await lint(...args);
    expect({ code, out, said }).toEqual({ code: 2, out: '', said: expect.stringContaining(message) });
    expect(said).not.toMatch(/\n\s+at /);
  });
});

describe('coalmine lint, of an address', () => {
  it('asks for both formats and for the first again, with the headers that it is given', async () => {
    const asked: (string | undefined)[] = [];
    const address = await serve(({ headers }, response) => {
      asked.push(`${headers.accept?.split(';', 1)[0]} ${headers.authorization}`);
      response.setHeader('content-type', 'text/plain; version=0.0.4').end(HEALTHY);
    });
    const { code, out, said } = await lint(address, '-H', 'Authorization: Bearer a', '--again', '1');
    expect({ code, out }).toEqual({ code: 0, out: `${address}: nothing found\n` });
    expect(said).toBe(`${address} is read again in 1 s\n`);
    expect(asked).toEqual(
      ['text/plain', 'application/openmetrics-text', 'text/plain'].map((type) => `${type} Bearer a`),
    );
    asked.length = 0;
    await lint(address.replace('//', '//user:word@'), '--again', '0');
    expect(asked).toHaveLength(2);
    expect(asked[0]).toBe(`text/plain Basic ${Buffer.from('user:word').toString('base64')}`);
  });

  it('finds counters that go backwards, and series that vanish, between the reads', async () => {
    let reads = 0;
    const address = await serve((_request, response) => {
      reads += 1;
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(expositionOf(10 - reads, reads > 2 ? '/items/:id' : '/things/:id') + expositionOfErrors(10 - reads));
    });
    const { code, out } = await lint(address, '--again', '0.1');
    expect(code).toBe(1);
    expect(out).toMatch(/counter-decreased\n {2}\d+ \| .*\n {2}http_errors_total\{status_code="500"\} went backwards/);
    expect(out).toMatch(/series-vanished\n {2}\d+ \| .*\n {2}http_requests_total\{method="GET",route="\/things\/:id"/);
  });

  it('reports faults of OpenMetrics alone, as a separate source', async () => {
    const address = await serve(({ headers }, response) => {
      const isOpen = headers.accept?.startsWith('application/openmetrics-text');
      const type = isOpen ? 'application/openmetrics-text; version=1.0.0; charset=utf-8' : 'text/plain; version=0.0.4';
      response.setHeader('content-type', type).end(HEALTHY);
    });
    const { code, out } = await lint(address, '--again', '0', '--format', 'json');
    expect(code).toBe(1);
    const [text, openMetrics] = JSON.parse(out).sources;
    expect(text).toEqual({ source: address, kind: 'exposition', findings: [], suppressed: [] });
    expect(openMetrics.source).toBe(`${address} (OpenMetrics)`);
    const rules = openMetrics.findings.map(({ rule }: { rule: string }) => rule);
    expect(rules).toEqual(['content-type', 'counter-without-total', 'end-of-file']);
  });

  it('says why an address cannot be read', async () => {
    const address = await serve(({ url }, response) => {
      if (url === '/metrics') response.writeHead(404).end();
    });
    const missing = await lint(address);
    expect([missing.code, missing.said]).toEqual([2, `coalmine: ${address} responded with 404 Not Found\n`]);
    const slow = await lint(address.replace('metrics', 'slow'), '--timeout', '0.2');
    expect([slow.code, slow.said]).toEqual([2, expect.stringContaining('did not respond within 0.2 s')]);
  });
});

function expositionOfErrors(count: number): string {
  return `# TYPE http_errors_total counter\nhttp_errors_total{status_code="500"} ${count}\n`;
}
