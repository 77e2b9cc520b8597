// Writes docs/comparison.md: what each instrumentation shows about the same service, what it installs and how many series it has.
// The overhead is from the results of `npm run bench`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { table } from '../bench/table.js';
import { FEATURES, tryOut } from './behaviour.js';
import { CONTENDERS, linesOf, overheadOf } from './contenders.js';
import { measureInstall, packInto, versionOf } from './install.js';

const folder = mkdtempSync(join(tmpdir(), 'coalmine-comparison-'));
try {
  const tarballs = await packInto(folder);
  const measured = [];
  for (const contender of CONTENDERS) measured.push({ ...contender, ...(await measure(contender, tarballs)) });
  const page = fileURLToPath(new URL('../../docs/comparison.md', import.meta.url));
  writeFileSync(page, pageOf(measured));
  execFileSync('npx', ['biome', 'format', '--write', page], { shell: process.platform === 'win32' });
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(contender, tarballs) {
  process.stderr.write(`${contender.name}\n`);
  const wanted = async (names) => {
    const versions = await Promise.all(names.map(async (name) => [name, tarballs[name] ?? (await versionOf(name))]));
    return Object.fromEntries(versions);
  };
  // The packages that our adapters depend on are in no registry yet.
  const ours = contender.install.some((name) => name in tarballs) ? tarballsBelow(tarballs) : {};
  const installed = await measureInstall(
    { ...ours, ...(await wanted(contender.install)) },
    await wanted([contender.framework]),
  );
  return { ...(await tryOut(contender)), ...installed };
}

/** Returns the packages that the adapters depend on. */
function tarballsBelow(tarballs) {
  const names = ['node', 'metrics', 'traffic', 'warmup', 'health', 'options'].map((name) => `@coalmine/${name}`);
  return Object.fromEntries(names.map((name) => [name, tarballs[name]]));
}

function pageOf(measured) {
  const named = (row) => ({ '': row.name });
  const features = FEATURES.map(({ says }, i) => ({
    '': says,
    ...Object.fromEntries(measured.map(({ name, features }) => [name, features[i] ? 'yes' : 'no'])),
  }));
  const costs = measured.map((row) => ({
    ...named(row),
    'lines to set up': String(linesOf(row)),
    'packages installed': String(row.packages),
    'MB installed': (row.bytes / 1e6).toFixed(1),
    'series, 200 routes': new Intl.NumberFormat('en').format(row.series),
    'µs per request': overheadOf(row),
  }));
  return `# Comparison

This page compares Coalmine with other ways to get metrics of an HTTP service. \`npm run comparison\` writes this page: it starts the
same service with each library, sends requests, and reads \`/metrics\`. [Migration](migration.md) explains how to change from each
library to Coalmine.

## What they show

The script tries each line on a service with the setup that the README of the library recommends.

${table(features)}

OpenTelemetry is its SDK for Node with the instrumentations of HTTP and Express and its Prometheus exporter. Its metrics have their
own registry. Only OpenTelemetry also has traces, and instrumentations for databases and clients. Coalmine
[works with OpenTelemetry](opentelemetry.md).

## What they cost

The lines are all lines of the setup, with its imports. The packages and megabytes are what \`npm install\` adds to the framework. The
series are the series of 200 routes, each of which has served five combinations of method and status. The microseconds
are the CPU time that a request takes more than on the bare framework, from [the
benchmarks](benchmarks.md#in-memory-cpu-per-request-node-20). \`npm run bench -- --write\` measures them.

${table(costs)}

Coalmine has more series than a snippet because each route starts with [its series at zero](metrics.md#zeros-before-the-first-request).
[What it costs in series](metrics.md#what-it-costs-in-series) explains how to have fewer series.
`;
}
