// Runs six releases of one shop, and shows each as its clients, the usual snippet and Coalmine see it, with what a canary
// controller would decide from each. Exits with 1 unless Coalmine's numbers are equal to the clients'.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { differences } from './comparison.js';
import { showMigration } from './migration.js';
import { decide, OBJECTIVE } from './objective.js';
import { observe } from './observe.js';
import { PLANS } from './plan.js';
import { progress } from './progress.js';
import { Release } from './release.js';
import { counts, verdicts } from './table.js';

const PROGRESS_MILLISECONDS = 4_000;
const LIMIT_MILLISECONDS = 90_000;

const INTRODUCTION = `\
Objective: at most ${100 * OBJECTIVE.errorRatio} % errors, at most ${100 * OBJECTIVE.overShare} % slower than ${OBJECTIVE.latency} s. Most users wait for 3 s, some for less.
By default the warm-up lasts 30 s, longer than this demo: so only \`cold\` has a warm-up, of 1 s at least.`;

const NOTES = `\
504  the client gave up after more than 2 s without a response: the server failed
499  the client gave up sooner: no failure, and slow only if the client waited for more than 0.5 s
500  the server failed, before its headers or in the middle of a body
The snippet counts on 'finish': it misses requests that never finish, and counts probes, scrapes and monitors.
Coalmine excludes /metrics by default, /healthz by \`coalmine: false\` on the route, and the monitor by its signature.
The clients' p95 is exact; the other two are interpolated in a bucket, as histogram_quantile() does.`;

const secret = randomBytes(32).toString('hex');
const releases = Object.entries(PLANS).map(
  ([name, { isMonitored }]) => new Release(name, isMonitored ? { MONITOR_KEY: secret } : {}),
);
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
  console.log('Started six releases of a shop, each with Coalmine and with the usual prom-client snippet:');
  for (const [name, { about }] of Object.entries(PLANS)) console.log(`  ${name.padEnd(10)} ${about}`);
  console.log(`${INTRODUCTION}\nSending requests to each release, at the same time:`);

  const startedAt = performance.now();
  const timer = setInterval(() => {
    // If a service cannot be scraped, the demo fails below.
    report(startedAt).catch(() => {});
  }, PROGRESS_MILLISECONDS);
  const entries = releases.map(async (release) => [release.name, await observe(release, PLANS[release.name], secret)]);
  /** @type {Record<string, import('./table.js').Readings>} */
  const readings = Object.fromEntries(await Promise.all(entries));
  clearInterval(timer);

  for (const [name, { title, note }] of Object.entries(PLANS)) {
    console.log(`\n${verdicts(title, readings[name])}`);
    if (note !== undefined) console.log(note(readings[name]));
  }
  console.log(`\n${counts([readings.stable, readings.canary])}\n\n${NOTES}\n`);
  const code = conclude(readings);
  stop();
  const migrationCode = await showMigration();
  console.log('\nNext: README.md, docs/metrics.md (what each number means), examples/ (services to copy), npm test.');
  return code || migrationCode;
}

async function report(startedAt) {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`  after ${seconds} s: ${await progress(releases)}`);
}

/** Prints whether Coalmine's numbers are equal to the clients', and returns the exit code. */
function conclude(readings) {
  const all = Object.entries(readings).flatMap(([name, { clients, coalmine }]) =>
    differences(clients, coalmine, PLANS[name].tolerance).map(({ text, inDoubt }) => ({
      line: `  ${name}: ${text}`,
      inDoubt,
    })),
  );
  const wrong = all.filter(({ inDoubt }) => !inDoubt);
  if (wrong.length > 0) {
    console.log("Coalmine's numbers are NOT what the clients saw:");
    for (const { line } of wrong) console.log(line);
    return 1;
  }
  console.log(
    "Coalmine's numbers are what the clients saw: each route and status, each request over 0.5 s, each excluded request.",
  );
  if (all.length > 0) {
    console.log(
      'Except here, where requests waited before their service could know of them, and Coalmine estimates that wait:',
    );
    for (const { line } of all) console.log(line);
  }
  const misjudged = (observer) =>
    Object.values(readings).filter((each) => decide(each[observer]) !== decide(each.clients)).length;
  const total = releases.length;
  console.log(
    `Of ${total} decisions, the snippet got ${misjudged('snippet')} wrong, and Coalmine ${misjudged('coalmine')}.`,
  );
  return 0;
}

async function tooLate() {
  await delay(LIMIT_MILLISECONDS, undefined, { ref: false });
  throw new Error(`the demo has not ended after ${LIMIT_MILLISECONDS / 1000} s`);
}

function stop() {
  for (const release of releases) release.stop();
}
