import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './api-server.js';
import { type Cluster, startCluster } from './cluster.js';
import { areMissing, JUDGES, judge } from './judges/judges.js';

const isMissing = areMissing(
  'kube-apiserver',
  'kube-controller-manager',
  'kubectl',
  'kubectl-argo-rollouts',
  'rollouts-controller',
  'flagger',
);

// Commands that need a kubelet with port forwarding, or the network.
const NOT_HERE = /port-forward|https:\/\//;

/** The commands of the documents, by the controller and the folder that they run in. */
const DOCUMENTS = [
  { controller: 'argo', example: 'argo-rollouts', column: 0 },
  { controller: 'flagger', example: 'flagger', column: 1 },
] as const;

let cluster: Cluster;

beforeAll(async () => {
  if (!isMissing) cluster = await startCluster('all');
});

afterAll(async () => {
  if (!isMissing) await cluster.stop();
});

describe.skipIf(isMissing).sequential.each(DOCUMENTS)(
  'the kubectl lines for $controller',
  ({ controller, example, column }) => {
    const folder = fileURLToPath(new URL(`../../examples/${example}/`, import.meta.url));
    const kubectl = (line: string): Promise<string> => run(line, folder);

    it('of the example are run by kubectl', { timeout: 600_000 }, async () => {
      const lines = kubectlLines(readFileSync(`${folder}README.md`, 'utf8'));
      expect(lines.length).toBeGreaterThan(5);
      const stop = startController(controller);
      try {
        for (const line of lines) {
          expect(await kubectl(line), line).toBe('');
          if (line.includes('apply -f manifests/canary')) await firstVersion(controller);
        }
        for (const line of runbookLines(column)) expect(await kubectl(line), line).toBe('');
      } finally {
        await kubectl('kubectl delete namespace shop --wait=false');
        await until('the namespace is gone', async () => {
          for (const each of ['rollouts.argoproj.io', 'canaries.flagger.app', 'deployments']) {
            await kubectl(`kubectl delete ${each} --all --wait=false`);
          }
          return (await cluster.call('GET', '/api/v1/namespaces/shop')).status === 404;
        });
        await stop();
      }
    });
  },
);

function startController(controller: 'argo' | 'flagger'): () => Promise<void> {
  const { kubeconfig } = cluster;
  const [program, args] =
    controller === 'argo'
      ? ([
          'rollouts-controller',
          [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--metricsport=0', '--healthzPort=0'],
        ] as const)
      : (['flagger', [`-kubeconfig=${kubeconfig}`, '-mesh-provider=nginx', '-port=0']] as const);
  return cluster.start(controller, judge(program), args).stop;
}

async function firstVersion(controller: 'argo' | 'flagger'): Promise<void> {
  const path =
    controller === 'argo'
      ? '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/checkout'
      : '/apis/flagger.app/v1beta1/namespaces/shop/canaries/checkout';
  await until('the first version is there', async () => {
    const { status = {} } = (await cluster.call('GET', path)).body as { status?: { phase?: string } };
    return status.phase === 'Healthy' || status.phase === 'Initialized';
  });
}

/** Returns the lines of the shell blocks that start with kubectl, without commands that never end. */
function kubectlLines(markdown: string): readonly string[] {
  const blocks = [...markdown.matchAll(/```sh\n(.*?)```/gs)].map(([, text = '']) => text);
  return blocks
    .flatMap((text) => text.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').replace(/ -w$/, ''))
    .filter((line) => line.startsWith('kubectl ') && !NOT_HERE.test(line));
}

/** Returns the commands of a controller in the table of the runbook. */
function runbookLines(column: number): readonly string[] {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const rows = runbook.split('\n').filter((line) => /^\| (watch|pause|stop|try an aborted|go back)/.test(line));
  return rows.flatMap((row) => {
    const cell = row.split(' | ')[1 + column] ?? '';
    return [...cell.matchAll(/`(kubectl [^`]+)`/g)].map(([, line = '']) => line.replace(/ -w$/, ''));
  });
}

/** Runs a line in a shell. Returns its error, or nothing if it succeeded. */
async function run(line: string, cwd: string): Promise<string> {
  const child = spawn('bash', ['-c', line], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${JUDGES}:${process.env.PATH}`, KUBECONFIG: cluster.kubeconfig },
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return code === 0 ? '' : `${code}: ${said}`;
}
