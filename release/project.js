// project.json says where the project lives and whose it is. The packages repeat it, because npm reads their package.json,
// and npmjs.com resolves no relative link of a README.
//   node release/project.js            says where the packages differ from project.json
//   node release/project.js --write    writes project.json into the packages
//   node release/project.js --publish  also says what `npm publish --provenance` would refuse
import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseArgs } from 'node:util';
import { readPackages, root } from './packages.js';

/** What stands in project.json until a maintainer sets it. */
const PLACEHOLDER = /\bOWNER\b/;
const FIELDS = ['repository', 'homepage', 'bugs', 'author'];
/** Files besides the packages' own that name the repository. */
const OTHERS = [
  'packages/cli/src/project.ts',
  'examples/argo-rollouts/manifests/prometheus.yaml',
  'examples/flagger/manifests/prometheus.yaml',
];
const REPOSITORY = /^https:\/\/github\.com\/[\w.-]+\/[\w.-]+$/;

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, publish: { type: 'boolean', default: false } },
});
const project = JSON.parse(readFileSync(join(root, 'project.json'), 'utf8'));
const packages = readPackages();
const complaints = [...complaintsAboutFields(), ...(values.publish ? complaintsAboutPublishing() : [])];

if (complaints.length === 0) {
  for (const { path, text } of wantedFiles()) {
    if (text === read(path)) continue;
    if (values.write) writeFileSync(join(root, path), text);
    else complaints.push(`${path} differs from project.json: run \`npm run project\``);
  }
}
for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
process.exitCode = complaints.length === 0 ? 0 : 1;

function complaintsAboutFields() {
  const { repository } = project;
  return [
    ...FIELDS.filter((field) => typeof project[field] !== 'string' || project[field] === '').map(
      (field) => `project.json: ${field} must be a text, got ${JSON.stringify(project[field])}`,
    ),
    ...Object.keys(project)
      .filter((field) => !FIELDS.includes(field))
      .map((field) => `project.json: ${field} must be left out: project.json has ${FIELDS.join(', ')}`),
    ...(typeof repository === 'string' && !REPOSITORY.test(repository)
      ? [`project.json: repository must look like https://github.com/owner/name, got ${JSON.stringify(repository)}`]
      : []),
  ];
}

/** npm refuses the provenance of a package whose `repository` is not the repository that publishes the package. */
function complaintsAboutPublishing() {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_REF_TYPE, GITHUB_REF_NAME } = process.env;
  const publisher = GITHUB_REPOSITORY && `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY}`;
  const versions = new Set(packages.map(({ manifest }) => manifest.version));
  const [version] = versions;
  return [
    ...FIELDS.filter((field) => PLACEHOLDER.test(project[field])).map(
      (field) => `project.json: ${field} is still the placeholder ${JSON.stringify(project[field])}`,
    ),
    ...(publisher && publisher !== project.repository
      ? [`project.json: repository must be ${publisher}, which publishes, got ${JSON.stringify(project.repository)}`]
      : []),
    ...(versions.size === 1 ? [] : [`the packages have more than one version: ${[...versions].join(', ')}`]),
    ...(GITHUB_REF_TYPE === 'tag' && GITHUB_REF_NAME !== `v${version}`
      ? [`the tag must be v${version}, the version of the packages, got ${JSON.stringify(GITHUB_REF_NAME)}`]
      : []),
  ];
}

/** The files that repeat project.json, as project.json wants them. */
function wantedFiles() {
  const { homepage, bugs, author } = project;
  // The address in the source is the one that the last run has written.
  const [, before = project.repository] = /'(https:.*)'/.exec(read('packages/cli/src/project.ts')) ?? [];
  return [
    ...packages.flatMap(({ directory, manifest }) => {
      const {
        name,
        version,
        description,
        license,
        homepage: _,
        bugs: __,
        repository: ___,
        author: ____,
        ...rest
      } = manifest;
      const repository = { type: 'git', url: `git+${project.repository}.git`, directory };
      const wanted = {
        name,
        version,
        description,
        license,
        author,
        homepage,
        repository,
        bugs: { url: bugs },
        ...rest,
      };
      const readme = `${directory}/README.md`;
      return [
        { path: `${directory}/package.json`, text: `${JSON.stringify(wanted, null, 2)}\n` },
        { path: readme, text: withAbsoluteLinks(moved(read(readme), before), directory) },
      ];
    }),
    ...OTHERS.map((path) => ({ path, text: moved(read(path), before) })),
  ];
}

function moved(text, before) {
  return text.replaceAll(before, project.repository);
}

/** Links of Markdown that are relative to a directory, as links into the repository. */
function withAbsoluteLinks(text, directory) {
  return text.replace(/\]\((?![a-z]+:|#)([^)\s#]*)/g, (_, target) => {
    return `](${project.repository}/blob/main/${posix.join(directory, target)}`;
  });
}

function read(path) {
  return readFileSync(join(root, path), 'utf8');
}
