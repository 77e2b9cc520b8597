import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// The package does not export the list of rules, because users do not need it.
import { coalmineIn, type Ended } from '../support/command.js';
import { SARIF } from '../support/sarif-schema.js';
import { overdueTemplate, SERVICE } from './overdue-template.js';

let folder = '';
const servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coalmine-pipeline-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true });
});

const lint = (...args: readonly string[]): Promise<Ended> => coalmineIn(folder, ['lint', ...args]);
const json = async (...args: readonly string[]) => JSON.parse((await lint(...args, '--format', 'json')).out);

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A template with one error, `error-on-empty`, in line 13. */
const TEMPLATE = overdueTemplate('result[0] <= 1');
const CONDITION = '      successCondition: result[0] <= 1\n';
const above = (comment: string): string => TEMPLATE.replace(CONDITION, `      ${comment}\n${CONDITION}`);

describe('the sources of coalmine lint', () => {
  it('are the manifests below a folder; skipped files are named', async () => {
    await write({
      'deploy/analysis.yaml': TEMPLATE,
      'deploy/eu/analysis.yml': TEMPLATE.replace('name: shop', 'name: eu'),
      'deploy/eu/service.json': JSON.stringify({ apiVersion: 'v1', kind: 'Service' }, null, 1),
      'deploy/values.yaml': 'replicas: 3\n',
      'deploy/README.md': 'Read me.\n',
      'deploy/.git/config.yaml': TEMPLATE,
    });
    await symlink('..', join(folder, 'deploy/loop'));
    const { sources, passedOver, errors } = await json('deploy');
    expect(errors).toBe(2);
    expect(sources.map(({ source }: { source: string }) => source)).toEqual([
      'deploy/analysis.yaml',
      'deploy/eu/analysis.yml',
    ]);
    expect(passedOver).toEqual([
      { source: 'deploy/.git', reason: 'is a folder of tools' },
      { source: 'deploy/README.md', reason: 'is not a .yaml, .yml or .json file' },
      { source: 'deploy/loop', reason: 'is a link to a folder' },
      { source: 'deploy/eu/service.json', reason: 'has no object that is linted' },
      { source: 'deploy/values.yaml', reason: 'has no Kubernetes object' },
    ]);
    expect((await lint('deploy')).out).toContain(
      'Passed over, because it has no Kubernetes object: deploy/values.yaml\n',
    );
  });

  it('are files by a pattern, each once', async () => {
    await write({ 'a/x.yaml': TEMPLATE, 'a/b/y.yaml': TEMPLATE, 'a/b/z.yml': TEMPLATE, 'a/b/n.txt': 'n 1\n' });
    const named = async (...patterns: readonly string[]): Promise<readonly string[]> =>
      (await json(...patterns)).sources.map(({ source }: { source: string }) => source);
    expect(await named('a/**/*.yaml', 'a/x.yaml')).toEqual(['a/b/y.yaml', 'a/x.yaml']);
    expect(await named('a/*/[yz].{yaml,yml}')).toEqual(['a/b/y.yaml', 'a/b/z.yml']);
    expect(await named('a/*/*')).toEqual(['a/b/y.yaml', 'a/b/z.yml']);
  });

  it('are piped into stdin', async () => {
    const { code, out } = await coalmineIn(folder, ['lint', '-'], TEMPLATE);
    expect(code).toBe(1);
    expect(out).toContain('-:13 error error-on-empty\n  13 | successCondition: result[0] <= 1\n');
  });

  it.each<[string, readonly string[], string]>([
    ['an empty stdin', ['-'], 'stdin is empty'],
    ['a pattern without a match', ['none/*.yaml'], 'none/*.yaml matches no file'],
    ['a folder without a manifest', ['empty'], 'empty has no .yaml, .yml or .json file'],
    ['a source without an end', ['/dev/zero'], '/dev/zero is larger than 64 MB'],
  ])('are refused if there is %s', async (_name, args, message) => {
    await mkdir(join(folder, 'empty'));
    const { code, out, said } = await lint(...args);
    expect({ code, out, said }).toEqual({ code: 2, out: '', said: expect.stringContaining(message) });
  });

  it.each([
    ['a rule file', 'groups:\n  - name: shop\n    rules: []\n', 'The file is a rule file of Prometheus'],
    ['a dashboard', '{ "title": "shop", "panels": [] }', 'The file is a Grafana dashboard'],
    ['a scrape configuration', '# how\nscrape_configs:\n  - job_name: shop\n', 'The file is a scrape configuration'],
    ['targets', '[{ "targets": ["shop:3000"] }]', 'The file is a list of targets'],
    ['YAML', 'replicas: 3\n', 'The file is YAML without a Kubernetes object'],
    [
      'the values of a chart, with a kind within them',
      'workload:\n  apiVersion: argoproj.io/v1alpha1\n  kind: Rollout\n',
      'The file is YAML without a Kubernetes object',
    ],
    [
      'an object that contains another one',
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  kind: Rollout\n',
      'The file has Application',
    ],
    ['monitors', SERVICE.replace('Service', 'PodMonitor'), 'The file has PodMonitor'],
  ])('are named if they are %s, which are not linted', async (_name, text, message) => {
    await write({ file: text });
    const { code, out } = await lint('file', '--fail-on', 'warning');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(message) });
    expect(out).toMatch(/^file: 1 note\n\nfile:1 note not-linted\n/);
  });

  it('are no expositions if a manifest is commented out', async () => {
    await write({ 'off.yaml': '# kind: Canary\n', 'bare.json': '', 'up.txt': '# HELP up it runs\n' });
    const { sources } = await json('off.yaml', 'bare.json', 'up.txt');
    expect(
      sources.map(({ findings }: { findings: readonly { rule: string }[] }) => findings.map(({ rule }) => rule)),
    ).toEqual([['not-linted'], ['not-linted'], ['no-requests']]);
  });

  it('are read by the names of Prometheus 3, and are UTF-8', async () => {
    const good = '# TYPE "my.metric" gauge\n{"my.metric","my.label"="x"} 1\n{plain="y","my.metric"} 2\n';
    const latin = Buffer.from('# caf\xe9\n# TYPE up gauge\nup{at="caf\xe9"} 1\n', 'latin1');
    await write({ 'good.txt': good, 'latin.txt': latin, 'nameless.txt': '{"my.label"="x"} 1\n' });
    const rules = (await json('good.txt', 'latin.txt', 'nameless.txt')).sources.map(
      ({ findings }: { findings: readonly { rule: string; line: number }[] }) =>
        findings.filter(({ rule }) => rule !== 'no-requests').map(({ rule, line }) => `${rule} ${line}`),
    );
    expect(rules).toEqual([[], ['not-utf8 3'], ['syntax 1']]);
  });
});

describe('the suppression of a finding', () => {
  const REASON = '# coalmine-ignore error-on-empty: the canary is scraped by hand';

  it.each([
    ['by a comment above', above(REASON)],
    ['by one of several comments above', above(`# coalmine-ignore short-window: no\n      ${REASON}`)],
    ['by a comment in the same line', TEMPLATE.replace(CONDITION, `${CONDITION.trimEnd()} ${REASON}\n`)],
    [
      'in a block, by a comment above it',
      above(REASON).replace('result[0] <= 1', '|\n        result[0]\n        <= 1'),
    ],
  ])('%s is counted and shown, with its reason', async (_name, text) => {
    await write({ 'a.yaml': text });
    const { code, out } = await lint('a.yaml');
    expect(code).toBe(0);
    expect(out).toMatch(/^a\.yaml: .*1 suppressed\n/);
    expect(out).toMatch(/a\.yaml:\d+ suppressed error-on-empty by a comment: the canary is scraped by hand\n/);
  });

  it.each([
    ['without a reason', '# coalmine-ignore error-on-empty', 'ignore-without-reason'],
    ['of a rule that does not exist', '# coalmine-ignore error-on-emtpy: why', 'ignore-unknown-rule'],
    ['of what is not found there', '# coalmine-ignore short-window: why', 'ignore-unused'],
  ])('by a comment %s has no effect, and is a warning', async (_name, comment, rule) => {
    await write({ 'a.yaml': above(comment) });
    const { errors, warnings, suppressed, sources } = await json('a.yaml');
    expect({ errors, warnings, suppressed }).toEqual({ errors: 1, warnings: 1, suppressed: 0 });
    expect(sources[0].findings[0]).toMatchObject({ rule, severity: 'warning', line: 13 });
  });

  it('by a label of an exposition has no effect, because clients may write it', async () => {
    await write({ 'a.txt': 'up{path=" # coalmine-ignore no-requests: hidden"} 1\n' });
    expect(await json('a.txt')).toMatchObject({ errors: 1, suppressed: 0 });
  });

  it('may be in a list of the config', async () => {
    const entries = [
      '    - { rule: error-on-empty, file: "deploy/*.yaml", reason: until March }',
      '    - { rule: short-window, reason: never }',
      '    - { rule: no-such-rule, reason: never }',
      '    - { rule: irate, file: other.yaml, reason: not linted here }',
      '    - { rule: no-requests, reason: of expositions }',
    ];
    await write({
      'deploy/a.yaml': TEMPLATE,
      'coalmine.config.yaml': `name: shop\nlint:\n  ignore:\n${entries.join('\n')}\n`,
    });
    const { errors, suppressed, sources } = await json('deploy/a.yaml');
    expect({ errors, suppressed }).toEqual({ errors: 0, suppressed: 1 });
    expect(sources[0].suppressed).toEqual([
      expect.objectContaining({ rule: 'error-on-empty', line: 13, reason: 'until March', by: 'config' }),
    ]);
    expect(sources[1]).toMatchObject({ source: 'coalmine.config.yaml', kind: 'config' });
    expect(sources[1].findings.map(({ rule, line }: { rule: string; line: number }) => [rule, line])).toEqual([
      ['ignore-unused', 5],
      ['ignore-unknown-rule', 6],
    ]);
    // The other commands read the same file.
    expect((await coalmineIn(folder, ['manifests', 'rules'])).code).toBe(0);
  });

  it.each([
    ['{ ignore: [{ rule: irate }] }', 'lint.ignore[0].reason must be a sentence that says why'],
    ['{ ignore: irate }', 'lint.ignore must be a list'],
    ['{ ignored: [] }', 'lint.ignored must be left out: lint takes ignore'],
    ['&a { ignore: [*a] }', 'has an alias within its own anchor'],
  ])('by the list %s is refused', async (list, message) => {
    await write({ 'a.yaml': TEMPLATE, 'coalmine.config.yaml': `lint: ${list}\n` });
    expect(await lint('a.yaml')).toEqual({ code: 2, out: '', said: expect.stringContaining(message) });
  });
});

describe('the output of coalmine lint', () => {
  it('are commands of GitHub Actions, escaped', async () => {
    await write({ 'a,b: 100%.yaml': TEMPLATE, 'c.yaml': above('# coalmine-ignore error-on-empty: ##[add-mask]x') });
    const { code, out } = await lint('a,b: 100%.yaml', 'c.yaml', '--format', 'github');
    expect(code).toBe(1);
    const [first, ...rest] = out.split('\n');
    expect(first).toMatch(
      /^::error file=a%2Cb%3A 100%25\.yaml,line=13,title=error-on-empty::.* Repair: successCondition: .*%0AfailureCondition: /,
    );
    expect(rest).toEqual([
      'suppressed c.yaml:14 error-on-empty: ## [add-mask]x',
      'coalmine lint: 1 error, 1 suppressed',
      '',
    ]);
  });

  it('is a log of SARIF, with rules, help and places', async () => {
    await write({
      'deploy/a b.yaml': TEMPLATE,
      'deploy/c.yaml': above('# coalmine-ignore error-on-empty: until March'),
      'deploy/values.yaml': 'a: 1\n',
    });
    const log = JSON.parse((await lint('deploy', '--format', 'sarif')).out);
    const validate = new Ajv({ strict: true }).compile(SARIF);
    expect(validate(log) ? [] : validate.errors).toEqual([]);
    const [{ tool, results, invocations }] = log.runs;
    expect(tool.driver.rules).toEqual([
      {
        id: 'error-on-empty',
        shortDescription: { text: 'No data is an Error' },
        help: { text: expect.stringContaining('docs/lint.md#error-on-empty'), markdown: expect.any(String) },
        helpUri: expect.stringMatching(/docs\/lint\.md#error-on-empty$/),
        defaultConfiguration: { level: 'error' },
      },
    ]);
    expect(results).toEqual([
      {
        ruleId: 'error-on-empty',
        ruleIndex: 0,
        level: 'error',
        message: { text: expect.stringContaining('Repair: ') },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'deploy/a%20b.yaml' },
              region: { startLine: 13, snippet: { text: 'successCondition: result[0] <= 1' } },
            },
          },
        ],
        suppressions: [],
      },
      expect.objectContaining({ suppressions: [{ kind: 'inSource', justification: 'until March' }] }),
    ]);
    expect(invocations[0].toolExecutionNotifications[0].message.text).toMatch(/^deploy\/values\.yaml is passed over/);
  });

  it.each(['text', 'json', 'github', 'sarif'])('as %s moves no cursor and turns no text', async (format) => {
    const odd = '\u001b[2J\u009b2J\u202e\u2066\u200b';
    await write({
      [`${odd}.yaml`]: TEMPLATE.replace('rollouts', `${odd}rollouts`).replace('result[0] <=', `"${odd}" <=`),
      'a.txt': `# TYPE up gauge\nup{${odd}="1"} 1\nup{a="${odd}"} 1\nup{a="${odd}"} 1\n`,
    });
    const { out, said } = await lint(`${odd}.yaml`, 'a.txt', '--format', format);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the output must not contain control characters.
    expect(out + said).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
    expect(out).toContain('2J');
  });

  it('contains no control character in an error message', async () => {
    const { code, said } = await lint('--\u001b[2J\u009b');
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining('\\u{1b}[2J\\u{9b}') });
    expect((await lint('\u009b2J.yaml')).said).toContain('\\u{9b}2J.yaml cannot be read');
  });
});

describe('an address', () => {
  const EXPOSITION = '# TYPE up gauge\nup 1\n';

  it('does not pass its credentials and the headers on if it redirects', async () => {
    const asked: unknown[] = [];
    const other = await serve(({ headers }, response) => {
      asked.push(headers);
      response.end(EXPOSITION);
    });
    const address = await serve(({ url, headers }, response) => {
      if (url === '/within') response.writeHead(308, { location: '/metrics' }).end();
      else if (url === '/metrics')
        response.end(`${EXPOSITION}# TYPE ${headers['x-key']} gauge\n${headers['x-key']} 1\n`);
      else response.writeHead(302, { location: `${other}/metrics` }).end();
    });
    const within = await lint(`${address}/within`, '-H', 'X-Key: abc', '--again', '0');
    expect(within.code).toBe(1);
    const away = await lint(`${address.replace('//', '//user:word@')}/away?token=t0p`, '-H', 'X-Key: abc');
    expect(away).toEqual({
      code: 2,
      out: '',
      said: `coalmine: ${address}/away?token=*** redirects to ${other}, another origin: coalmine does not follow it, because it sends no headers to another origin\n`,
    });
    expect(asked).toEqual([]);
  });

  it('is named without its credentials, and a header that cannot be sent without its value', async () => {
    const address = await serve((_request, response) => response.end(EXPOSITION));
    const { out } = await lint(`${address.replace('//', '//user:word@')}/metrics`, '--again', '0');
    expect(out).toContain(`${address.replace('//', '//***@')}/metrics: `);
    expect(out).not.toContain('word');
    const { code, said } = await lint(`${address}/metrics`, '-H', 'X-Key: s3cret\nx');
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining('the header "X-Key" cannot be sent') });
    expect(said).not.toContain('s3cret');
  });
});
