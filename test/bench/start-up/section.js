import { execFileSync } from 'node:child_process';
import { median } from '../median.js';
import { startProcess } from '../start-process.js';

const ROUTES = 1_000;
const ROUNDS = 15;
const FRAMEWORKS = { fastify5: 'Fastify 5', express4: 'Express 4', express53: 'Express 5.3' };
const CONTENDERS = ['bare', 'prom-client snippet', 'Coalmine'];
const PACKAGES = ['prom-client', ...['fastify', 'express', 'otel'].map((name) => `@coalmine/${name}`)];

/** Returns the section about the time of a new process to its first response, and its memory at that time. */
export async function startUp() {
  const rows = [];
  for (const [framework, name] of Object.entries(FRAMEWORKS)) {
    const rounds = CONTENDERS.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, contender] of CONTENDERS.entries()) rounds[i].push(await start(framework, contender));
    }
    const [bare] = rounds;
    for (const [i, contender] of CONTENDERS.entries()) {
      const shown = (key, unit) => (median(rounds[i].map((round) => round[key])) / unit).toFixed(1);
      const more = (key, unit) =>
        i === 0 ? '' : (median(rounds[i].map((round, at) => round[key] - bare[at][key])) / unit).toFixed(1);
      rows.push({
        '': `${name}, ${contender}`,
        'ms to the first response': shown('ms', 1),
        'ms over bare': more('ms', 1),
        'RSS, MB': shown('rss', 1e6),
        'MB over bare': more('rss', 1e6),
      });
    }
  }
  return {
    title: 'The start of a process',
    note: `The time from \`node app.js\` to the first response, with ${ROUTES.toLocaleString('en')} routes. The numbers are medians of ${ROUNDS} processes that take turns.`,
    rows,
  };
}

async function start(framework, contender) {
  const module = new URL('./service.js', import.meta.url);
  const { next, stop } = startProcess(module, [framework, contender, String(ROUTES)], { execArgv: [] });
  const started = await next();
  stop();
  return started;
}

/** Returns the section about the time to import a package, with all that the package imports. */
export function imports() {
  const rounds = PACKAGES.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, name] of PACKAGES.entries()) rounds[i].push(importTime(name));
  }
  return {
    title: 'The import of a package',
    note: `The time to import a package and all that it imports, in a new process. The numbers are medians of ${ROUNDS} processes that take turns. The adapters import no metric client, so the app imports prom-client as well.`,
    rows: PACKAGES.map((name, i) => ({ '': `\`${name}\``, ms: median(rounds[i]).toFixed(1) })),
  };
}

function importTime(name) {
  const script = `const before = performance.now(); await import('${name}'); console.log(performance.now() - before);`;
  const cwd = new URL('..', import.meta.url);
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd }));
}
