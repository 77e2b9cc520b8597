// Keeps the public types of each package, as built, beside the package, so that a review shows each change of them.
// `node test/api.js` compares, `node test/api.js --write` accepts.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('../packages/', import.meta.url);
const PACKAGES = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const isWriting = process.argv.includes('--write');
const complaints = [];

for (const name of PACKAGES) {
  const built = readFileSync(new URL(`${name}/dist/index.d.ts`, folder), 'utf8');
  const report = new URL(`${name}/api.d.ts`, folder);
  complaints.push(...hidden(built).map((type) => `@coalmine/${name} uses ${type} in public and does not export it`));
  if (isWriting) writeFileSync(report, built);
  else if (built !== read(report))
    complaints.push(`packages/${name}/api.d.ts is not what is built: see \`npm run api\``);
}

for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
process.exitCode = complaints.length === 0 ? 0 : 1;

/** Declarations that the types need but that nobody can import. */
function hidden(types) {
  const exported = new Set([...types.matchAll(/export \{([^}]*)\}/g)].flatMap(([, names]) => names.match(/\w+/g)));
  const declared = [...types.matchAll(/^(?:declare )?(?:abstract )?(?:interface|type|class|function|const) (\w+)/gm)];
  return declared.map(([, type]) => type).filter((type) => !exported.has(type));
}

function read(url) {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return undefined;
  }
}
