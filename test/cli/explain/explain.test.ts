import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

// The records of Argo Rollouts 1.10.1 and Flagger 1.44.0 after releases that were played under them, without queries.
const recorded = (name: string): string => fileURLToPath(new URL(`./records/${name}.yaml`, import.meta.url));
const BIN = fileURLToPath(new URL('../../../packages/cli/dist/bin.js', import.meta.url));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function coalmine(args: readonly string[], { stdin = '', path }: { stdin?: string; path?: string } = {}): Promise<Ran> {
  const env = { ...process.env, ...(path === undefined ? {} : { PATH: path }) };
  const child = spawn(process.execPath, [BIN, 'explain', ...args], { env });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  child.stdin.end(stdin);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...texts })));
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coalmine-explain-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a Rollout', () => {
  it('is explained by the metric that decided, its measurements, and what to do next', async () => {
    const { code, stdout } = await coalmine([recorded('argo-lost-route')]);
    expect(code).toBe(0);
    expect(stdout).toContain('rolled back: checkout was rolled back by the analysis that runs beside all steps');
    expect(stdout).toContain('routes-lost: a route that stable serves is gone from the canary');
    expect(stdout).toContain(
      '1 measurement Failed (failureLimit 0): 1, first at 2026-11-28T16:31:14Z (checkout-6c7c87b4d6-3)',
    );
    expect(stdout).toContain('Compare the routes that the release registers with the routes of stable');
    expect(stdout).toContain('kubectl argo rollouts undo checkout -n shop');
    // The command that shows every measurement of this run.
    expect(stdout).toContain(
      '-a canary-hash=6c7c87b4d6 -a stable-hash=6bc5866ff --from 2026-11-28T16:30:52Z --to 2026-11-28T16:31:14Z',
    );
  });

  it('is explained by its first inconclusive metric if it pauses', async () => {
    const { stdout } = await coalmine([recorded('argo-crash-loop')]);
    expect(stdout).toContain(
      'paused: checkout is paused in step 2 of 6 (5 % of the traffic): 18.08 requests in a window are too few to judge',
    );
    expect(stdout).toContain('restarts: pods of the canary were restarted 2 times');
    expect(stdout).toContain('keeps the last 10 of up to 13 measurements of a metric');
    expect(stdout).toContain('To go on: kubectl argo rollouts promote checkout -n shop');
  });

  it('says how the release before ended after an undo', async () => {
    const objects = objectsOf(await readFile(recorded('argo-lost-route'), 'utf8')).map((object) =>
      object.kind === 'Rollout' ? undone(object) : object,
    );
    const { code, stdout } = await coalmine(['-'], {
      stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    });
    expect(code).toBe(0);
    expect(stdout).toContain('promoted: checkout was promoted');
    // The terminal output breaks long lines.
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'the release before, revision 3 (6c7c87b4d6), was rolled back by the analysis that runs beside all steps: routes-lost: a route that stable serves is gone from the canary',
    );
    expect(stdout.replace(/\s+/g, ' ')).toContain('kubectl get analysisrun checkout-6c7c87b4d6-3 -n shop -o yaml');
  });

  it('without its AnalysisRuns names the metric, and says where to find the rest', async () => {
    const rollout = objectsOf(await readFile(recorded('argo-lost-route'), 'utf8')).filter(
      ({ kind }) => kind === 'Rollout',
    );
    const { code, stdout } = await coalmine(['-'], {
      stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: rollout }),
    });
    expect(code).toBe(0);
    expect(stdout).toContain('routes-lost');
    expect(stdout).toContain('kubectl get analysisruns -l rollouts-pod-template-hash=6c7c87b4d6 -o yaml');
  });
});

describe('AnalysisRuns alone', () => {
  it('are explained by release', async () => {
    const { stdout } = await coalmine([recorded('argo-slow-runs'), recorded('argo-unscraped-runs')]);
    expect(stdout.match(/^(?:rolled back|paused): /gm)).toHaveLength(2);
    expect(stdout).toContain('too many requests were slow in a window: what is proven is 2.368 times what is allowed');
  });

  it('without a result report that once, and say where to look', async () => {
    const { stdout } = await coalmine([recorded('argo-unscraped-runs')]);
    expect(stdout).toMatch(/instrumentation, error-ratio, .*shared-slowness: the query returned nothing/);
    expect(stdout.match(/the query returned nothing/g)).toHaveLength(2);
    expect(stdout).toContain('Check that the canary is scraped');
  });
});

describe('a Canary', () => {
  it('is explained by the checks of its latest release', async () => {
    const { code, stdout } = await coalmine([recorded('flagger-lost-route')]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'rolled back: checkout was rolled back: a route that stable serves is gone from the canary',
    );
    expect(stdout).toContain('one check failed: 1.00 > 0, first at 2026-11-28T14:43:48Z');
    expect(stdout).toContain('traffic: 17.59 requests in a window are too few to judge');
    // These belong to earlier releases.
    expect(stdout).not.toContain('routes-failing');
    expect(stdout).not.toContain('routes-turning-away');
    expect(stdout).toContain('kubectl rollout undo deployment checkout -n shop');
  });

  it('without its Events says that the cluster has forgotten them', async () => {
    const canary = objectsOf(await readFile(recorded('flagger-lost-route'), 'utf8')).filter(
      ({ kind }) => kind === 'Canary',
    );
    const { code, stdout } = await coalmine(['-'], { stdin: JSON.stringify(canary[0]) });
    expect(code).toBe(0);
    expect(stdout).toContain('the cluster keeps Events for an hour');
  });
});

describe('an object that is named', () => {
  // Replaces only kubectl: it prints what a real API server returned.
  async function kubectl(): Promise<string> {
    const objects = objectsOf(await readFile(recorded('argo-lost-route'), 'utf8'));
    await writeFile(join(folder, 'rollout.json'), JSON.stringify(objects.find(({ kind }) => kind === 'Rollout')));
    await writeFile(
      join(folder, 'runs.json'),
      JSON.stringify({ items: objects.filter(({ kind }) => kind === 'AnalysisRun') }),
    );
    await writeFile(join(folder, 'none.json'), JSON.stringify({ items: [] }));
    await writeFile(
      join(folder, 'kubectl'),
      `#!/bin/sh
echo "$*" >> '${folder}/asked'
case "$2" in
  rollouts.argoproj.io) cat '${folder}/rollout.json' ;;
  analysisruns.argoproj.io) cat '${folder}/runs.json' ;;
  analysistemplates.argoproj.io) cat '${folder}/none.json' ;;
  *) echo 'E0120 a line of the log' >&2; echo 'Error from server (NotFound): no such thing' >&2; exit 1 ;;
esac
`,
    );
    await chmod(join(folder, 'kubectl'), 0o755);
    return `${folder}${delimiter}${process.env.PATH}`;
  }

  it.skipIf(process.platform === 'win32')('is read with kubectl, with the objects that belong to it', async () => {
    const path = await kubectl();
    const { code, stdout } = await coalmine(['rollout/checkout', '--namespace', 'shop'], { path });
    expect(code).toBe(0);
    expect(stdout).toContain('routes-lost: a route that stable serves is gone from the canary');
    const asked = await readFile(join(folder, 'asked'), 'utf8');
    expect(asked).toContain('get rollouts.argoproj.io checkout --namespace shop --output json');
    expect(asked).toContain('get clusteranalysistemplates.argoproj.io --output json');
    expect(asked).toContain('--selector rollouts-pod-template-hash=6c7c87b4d6');
    const missing = await coalmine(['canary/none'], { path });
    expect(missing).toMatchObject({
      code: 2,
      stderr: 'coalmine: kubectl: Error from server (NotFound): no such thing\n',
    });
  });

  it('without kubectl says what to give instead', async () => {
    const { code, stderr } = await coalmine(['rollout/checkout'], { path: folder.concat('-nowhere') });
    expect(code).toBe(2);
    expect(stderr).toContain('kubectl get rollout NAME -o yaml');
  });
});

it.each([
  ['argo-lost-route', 'http://127.0.0.1:1 cannot be reached'],
  ['flagger-lost-route', 'http://127.0.0.1:1 cannot be reached'],
])('the explanation of %s says why a Prometheus adds nothing', async (name, why) => {
  const { code, stdout } = await coalmine([recorded(name), '-p', 'http://127.0.0.1:1']);
  expect(code).toBe(0);
  expect(stdout).toContain(`the requests of canary and stable are left out: ${why}`);
});

it('coalmine explain reads a stream and an array of JSON, as `jq` and `kubectl get -w` print them', async () => {
  const objects = objectsOf(await readFile(recorded('flagger-lost-route'), 'utf8'));
  const [lines, pages] = [undefined, 2].map((indent) =>
    objects.map((object) => `${JSON.stringify(object, undefined, indent)}\n`).join(''),
  );
  const { stdout } = await coalmine([recorded('flagger-lost-route')]);
  for (const stdin of [lines, pages, JSON.stringify(objects)])
    expect((await coalmine(['-'], { stdin: stdin ?? '' })).stdout).toBe(stdout);
});

describe('an input that cannot be explained', () => {
  it.each([
    [
      'kind: Pod\napiVersion: v1\nmetadata: { name: x }\n',
      'there is no AnalysisRun, Rollout or Canary to explain, but Pod',
    ],
    [
      'kind: Rollout\napiVersion: argoproj.io/v1alpha1\nmetadata: { name: x }\nspec: {}\n',
      'Rollout x has no status: give the object from the cluster',
    ],
    ['{', 'cannot be read'],
    [
      'Name:  x\nAnnotations:  a: b\nAPI Version:  argoproj.io/v1alpha1\nKind:  Rollout\n',
      'is the output of kubectl describe',
    ],
  ])('ends with 2 and a sentence', async (stdin, says) => {
    const { code, stdout, stderr } = await coalmine(['-'], { stdin });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });

  it('is not obeyed by the terminal, by Markdown or by HTML', async () => {
    const run = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { name: 'x' },
      spec: { metrics: [{ name: 'a\u001b[31m', provider: {} }] },
      status: {
        phase: 'Error',
        metricResults: [
          { name: 'a\u001b[31m', phase: 'Error', measurements: [{ phase: 'Error', message: '<img src=x> | **b**' }] },
        ],
      },
    };
    const [html, markdown] = [join(folder, 'why.html'), join(folder, 'why.md')];
    const { stdout } = await coalmine(['-', '--report', markdown], { stdin: JSON.stringify(run) });
    await coalmine(['-', '--report', html], { stdin: JSON.stringify(run) });
    expect(stdout).not.toContain('\u001b');
    expect(await readFile(html, 'utf8')).not.toContain('<img');
    expect(await readFile(markdown, 'utf8')).toContain('&lt;img src=x\\> \\| \\*\\*b\\*\\*');
  });
});

it('coalmine explain writes Markdown and HTML with every metric, and JSON', async () => {
  const [html, markdown] = [join(folder, 'report.html'), join(folder, 'report.md')];
  const source = recorded('argo-lost-route');
  const { stdout } = await coalmine([source, '--report', markdown, '--json']);
  await coalmine([source, '--report', html]);
  const [explanation] = JSON.parse(stdout) as { outcome: string; reasons: { metrics: string[] }[] }[];
  expect(explanation).toMatchObject({ outcome: 'rolled back', reasons: [{ metrics: ['routes-lost'] }] });
  expect(await readFile(markdown, 'utf8')).toContain('### rolled back: Rollout shop/checkout');
  expect(await readFile(markdown, 'utf8')).toContain('| routes-lost | Failed | 0; 0; 0; 0; 1 |');
  expect(await readFile(html, 'utf8')).toContain('<h2>checkout-6c7c87b4d6-3</h2>');
});

/** Returns a Rollout after `kubectl argo rollouts undo`: the next revision has the pods of stable. */
function undone(rollout: object): object {
  const { metadata, status } = rollout as { metadata: { annotations: object }; status: { stableRS: string } };
  const annotations = { ...metadata.annotations, 'rollout.argoproj.io/revision': '4' };
  return {
    ...rollout,
    metadata: { ...metadata, annotations },
    status: { phase: 'Healthy', currentPodHash: status.stableRS, stableRS: status.stableRS },
  };
}

function objectsOf(list: string): readonly { readonly kind: string }[] {
  return (parse(list) as { items: { kind: string }[] }).items;
}
