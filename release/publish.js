// Packs and publishes the packages, in two steps so that no code of a dependency runs where publishing is allowed:
//   node release/publish.js pack <folder>               packs the built packages
//   node release/publish.js publish <folder> [flags]    publishes what was packed; npm gets the flags, such as --dry-run
// A version that the registry has is passed over, so a release that failed half-way can be run again.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { packPackages } from './pack.js';

const USAGE = 'node release/publish.js pack <folder>, or publish <folder> [flags of npm]';
const [step, given, ...flags] = process.argv.slice(2);
const steps = { pack, publish };

if (given === undefined || !Object.hasOwn(steps, step)) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else await steps[step](resolve(given));

async function pack(folder) {
  mkdirSync(folder, { recursive: true });
  const packed = await packPackages(folder);
  const list = packed.map(({ tarball, ...rest }) => ({ ...rest, tarball: basename(tarball) }));
  writeFileSync(join(folder, 'packed.json'), `${JSON.stringify(list, null, 2)}\n`);
}

function publish(folder) {
  // Provenance is a statement of the CI: npm refuses to publish with it from anywhere else.
  const provenance = `--provenance=${process.env.ACTIONS_ID_TOKEN_REQUEST_URL !== undefined}`;
  for (const { name, version, tarball } of JSON.parse(readFileSync(join(folder, 'packed.json'), 'utf8'))) {
    if (isPublished(name, version)) process.stdout.write(`${name}@${version} is published already\n`);
    else npm(['publish', join(folder, tarball), '--access', 'public', provenance, ...flags], 'inherit');
  }
}

function isPublished(name, version) {
  try {
    return npm(['view', `${name}@${version}`, 'version'], ['ignore', 'pipe', 'pipe']).includes(version);
  } catch (error) {
    if (String(error.stderr).includes('E404')) return false;
    throw error;
  }
}

function npm(args, stdio) {
  return String(execFileSync('npm', args, { stdio, shell: process.platform === 'win32' }) ?? '');
}
