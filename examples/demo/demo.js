// Two releases of one shop under the same users: what the clients saw, what the usual snippet reports, what Coalmine
// reports, and what a canary controller would do about each. Ends with 1 unless Coalmine's numbers are the clients'.
import { setTimeout as delay } from 'node:timers/promises';
import { differences } from './comparison.js';
import { errands } from './errands.js';
import { OBJECTIVE } from './objective.js';
import { probe } from './probe.js';
import { gauge, read } from './reading.js';
import { Release } from './release.js';
import { counts, verdicts } from './table.js';
import { truth } from './truth.js';
import { drive } from './users.js';

const PROGRESS_MILLISECONDS = 3_000;
const SETTLE_MILLISECONDS = 3_000;
const LIMIT_MILLISECONDS = 40_000;

const INTRODUCTION = `Each release carries Coalmine and, beside it, the usual prom-client snippet.
The canary has three bugs: it never answers a checkout with a gift card, it cuts every fifth report,
and it fails on item 13. Most users wait for 3 s before they give up, some for less.
Objective: at most ${100 * OBJECTIVE.errorRatio} % errors, at most ${100 * OBJECTIVE.overShare} % slower than ${OBJECTIVE.latency} s.`;

const NOTES = `504  no answer for more than 2 s, then the client gave up: the server failed it
499  the client gave up sooner: no fault, and slow only if it had waited for more than 0.5 s
500  the server failed, before its headers or in the middle of a body
The snippet counts on 'finish': it never sees what never finishes, and it counts probes and scrapes.
Coalmine leaves /metrics out by itself, and /healthz because that route says \`coalmine: false\`.
The clients' p95 is exact; the others are interpolated in a bucket, as histogram_quantile() does it.
`;

const releases = [new Release('stable'), new Release('canary')];
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
  process.once(signal, () => {
    stop();
    process.exit(code);
  });
}
try {
  process.exitCode = await Promise.race([demo(), tooLate(), ...releases.map(({ failure }) => failure)]);
} finally {
  stop();
}

async function demo() {
  await Promise.all(releases.map((release) => release.ready()));
  const todo = errands();
  console.log(`Started a stable release and a broken canary (pids ${releases.map(({ pid }) => pid).join(' and ')}).`);
  console.log(`${INTRODUCTION}\nSending ${todo.length} requests to each release:`);

  const startedAt = performance.now();
  const progress = setInterval(() => {
    // A service that cannot be scraped fails the demo below.
    report(startedAt).catch(() => {});
  }, PROGRESS_MILLISECONDS);
  const [stable, canary] = await Promise.all(releases.map((release) => observe(release, todo)));
  clearInterval(progress);

  console.log(`\n${verdicts('stable: healthy', stable)}`);
  console.log(`\n${verdicts('canary: three bugs', canary)}`);
  console.log(`\n${counts([stable, canary])}`);
  console.log(`\n${NOTES}`);
  return conclude({ stable, canary });
}

/** Sends users and probes to a release, then reads it as each of its observers does. */
async function observe(release, todo) {
  const probes = probe(release.port);
  const visits = await drive(release.port, todo);
  probes.stop();
  const clients = truth(visits, probes);
  const coalmine = await settled(release);
  const snippet = read(await release.scrape('/snippet-metrics'));
  return { clients, snippet, coalmine };
}

/** Coalmine's reading, once the service has seen the last client go. */
async function settled(release) {
  const deadline = performance.now() + SETTLE_MILLISECONDS;
  for (;;) {
    const exposition = await release.scrape('/metrics');
    const isSettled = gauge('http_requests_in_flight', exposition) === 0;
    if (isSettled || performance.now() > deadline) return read(exposition);
    await delay(50);
  }
}

/** A line on how far the releases are. */
async function report(startedAt) {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  const parts = releases.map(async (release) => {
    const exposition = await release.scrape('/metrics');
    return `${release.name} ${read(exposition).requests}, ${gauge('http_requests_overdue', exposition)} overdue`;
  });
  console.log(`  after ${seconds} s: ${(await Promise.all(parts)).join('; ')}`);
}

/** Says whether Coalmine's numbers are the clients', and answers the exit code. */
function conclude(readings) {
  const all = Object.entries(readings).flatMap(([name, { clients, coalmine }]) =>
    differences(clients, coalmine).map(({ text, inDoubt }) => ({ line: `  ${name}: ${text}`, inDoubt })),
  );
  const wrong = all.filter(({ inDoubt }) => !inDoubt);
  if (wrong.length > 0) {
    console.log("Coalmine's numbers are NOT what the clients saw:");
    for (const { line } of wrong) console.log(line);
    return 1;
  }
  console.log("Coalmine's numbers are what the clients saw: every route, every status, every request over 0.5 s.");
  if (all.length > 0) {
    console.log('But for requests that were held up by a busy machine before their service could know of them:');
    for (const { line } of all) console.log(line);
  }
  console.log('Next: README.md, docs/metrics.md (what each number means), examples/ (services to copy), npm test.');
  return 0;
}

async function tooLate() {
  await delay(LIMIT_MILLISECONDS, undefined, { ref: false });
  throw new Error(`the demo has not ended after ${LIMIT_MILLISECONDS / 1000} s`);
}

function stop() {
  for (const release of releases) release.stop();
}
