// Shows the way from a bad verdict to the requests that caused it. Starts two stable pods and a bad canary, their users, a
// Prometheus that keeps exemplars, `coalmine analyze` as the controller, and a receiver of OTLP for the spans.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coalmine } from '@coalmine/example-pods/coalmine.js';
import { startPrometheus } from '@coalmine/example-pods/prometheus.js';
import { startPod } from './pod.js';
import { startReceiver } from './receiver.js';
import { startUsers } from './users.js';

const STABLE = '5f6c7d8b9c';
const CANARY = '7d9c4b8f6d';
const TRACE_ID = /\b[0-9a-f]{32}\b/g;
const config = fileURLToPath(new URL('coalmine.config.yaml', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'coalmine-tracing-'));
// Every process gets this signal, and ends when it is aborted, if it has not ended before.
const end = new AbortController();
const { signal } = end;
for (const [name, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) process.once(name, () => end.abort(code));

try {
  process.exitCode = await Promise.race([once(signal, 'abort').then(() => signal.reason), release()]);
} finally {
  end.abort(1);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Returns the exit code: 0 if the canary is rolled back, and each trace that the analysis names is a bad request of it. */
async function release() {
  const prometheus = await startPrometheus({ flags: ['--enable-feature=exemplar-storage'], signal });
  const { endpoint, traceUrl, isOurs } = await backend();
  say(`OTLP goes to ${endpoint}; Prometheus is at ${prometheus.address}`);
  const common = { endpoint, signal };
  const good = { APP_VERSION: 'v1' };
  const bad = { APP_VERSION: 'v2', BAD: '1' };
  const pods = await Promise.all([
    startPod({ ...common, pod: `shop-${STABLE}-b2b4z`, hash: STABLE, env: good }),
    startPod({ ...common, pod: `shop-${STABLE}-k8x2p`, hash: STABLE, env: good }),
    startPod({ ...common, pod: `shop-${CANARY}-x7k2p`, hash: CANARY, env: bad }),
  ]);
  await prometheus.scrape(
    pods.map(({ port, pod, hash }) => ({
      port,
      labels: { namespace: 'laptop', pod, rollouts_pod_template_hash: hash },
    })),
  );
  await Promise.all(pods.map((each) => each.ready()));
  const users = startUsers(pods);
  signal.addEventListener('abort', () => users.stop());
  say(`users ask ${pods.map(({ pod }) => pod).join(', ')}`);

  const analysis = join(folder, 'analysis.yaml');
  await writeFile(analysis, (await coalmine(['manifests', 'argo', '-c', config], { signal })).out);
  const args = ['-a', `canary-hash=${CANARY}`, '-a', `stable-hash=${STABLE}`, '-p', prometheus.address, '--watch'];
  const traced = ['--exemplars', '6', '--trace-url', traceUrl];
  const { code, out } = await coalmine(['analyze', '-f', analysis, '-t', 'shop-gate', ...args, ...traced], { signal });
  say(`\n${out}`);

  await users.stop();
  await Promise.all(pods.map((each) => each.stop()));
  for (const { pod } of pods) say(`users of ${pod} got ${counted(users.seen.filter((each) => each.pod === pod))}`);
  if (code !== 1) return fail(`the canary is bad, and the analysis ended with ${code}`);
  return isOurs ? lookUp([...new Set(out.match(TRACE_ID))], traceUrl, users.seen) : 0;
}

/** Returns where to send spans and where to look them up: the receiver of this example, or what the environment says. */
async function backend() {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: given, TRACE_URL } = process.env;
  const endpoint = given ?? (await ourReceiver());
  return { endpoint, traceUrl: TRACE_URL ?? `${endpoint}/traces/{trace_id}`, isOurs: TRACE_URL === undefined };
}

async function ourReceiver() {
  const receiver = await startReceiver();
  signal.addEventListener('abort', () => receiver.close());
  return receiver.address;
}

/** Compares each trace that the analysis named with what its user saw. Prints one trace of each status. */
async function lookUp(ids, traceUrl, seen) {
  if (ids.length === 0) return fail('no trace is named');
  const shown = new Set();
  for (const id of ids) {
    const url = traceUrl.replace('{trace_id}', id);
    const answer = await fetch(url, { signal });
    if (!answer.ok) return fail(`${url} responds with ${answer.status}`);
    const [span] = /** @type {any[]} */ (await answer.json());
    const status = span.attributes['http.response.status_code'];
    const isBad = status >= 500 || span.attributes['coalmine.over_objective'];
    const hash = span.resource['k8s.pod.label.rollouts-pod-template-hash'];
    if (hash !== CANARY || !isBad) return fail(`${url} is no bad request of the canary`);
    // A user who gets no response sees no status.
    const user = seen.find(({ traceId }) => traceId === id);
    if (user?.status !== (status === 504 ? undefined : status)) return fail(`the user of ${url} got ${user?.status}`);
    if (!shown.has(status)) say(`\n${url}\n${described(span)}`);
    shown.add(status);
  }
  say(`\nlooked up ${ids.length} traces: the canary failed each of these requests, or responded too late`);
  return 0;
}

function described({ name, seconds, status, attributes, resource }) {
  const told = Object.entries({ ...attributes, ...resource }).filter(([key]) =>
    /^(?:http\.r|error\.type|coalmine\.|k8s\.|service\.)/.test(key),
  );
  const head = `  ${name}, ${seconds.toFixed(3)} s, ${status.code}${status.message ? `: ${status.message}` : ''}`;
  return [head, ...told.map(([key, value]) => `    ${key} = ${value}`)].join('\n');
}

function counted(visits) {
  const statuses = visits.map(({ status }) => status ?? 'no response');
  return [...new Set(statuses)]
    .sort()
    .map((status) => `${statuses.filter((each) => each === status).length} × ${status}`)
    .join(', ');
}

function fail(why) {
  say(`failed: ${why}`);
  return 1;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
