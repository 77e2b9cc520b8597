import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isGoMissing, JUDGES, type Judge, versionOf } from './judges.js';

// The real controllers, and the programs that they need, are ordinary Go programs. Each has its own Go module, because their
// dependencies conflict.

interface Build {
  /** The folder with its go.mod. */
  readonly module: string;
  /** The package of each program, by its name. */
  readonly programs: Readonly<Partial<Record<Judge, string>>>;
  readonly flags?: readonly string[];
}

const KUBERNETES = versionOf('kubernetes');
const [, KUBERNETES_MINOR = ''] = KUBERNETES.split('.');

const BUILDS: readonly Build[] = [
  {
    module: 'kubernetes',
    programs: {
      'kube-apiserver': './kube-apiserver',
      'kube-controller-manager': './kube-controller-manager',
      kubectl: './kubectl',
    },
    // Flagger refuses a server without a semantic version.
    flags: [
      '-ldflags',
      [
        `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES}`,
        `-X k8s.io/client-go/pkg/version.gitVersion=v${KUBERNETES}`,
        '-X k8s.io/component-base/version.gitMajor=1',
        `-X k8s.io/component-base/version.gitMinor=${KUBERNETES_MINOR}`,
      ].join(' '),
    ],
  },
  {
    module: 'argo-rollouts',
    programs: {
      'rollouts-controller': 'github.com/argoproj/argo-rollouts/cmd/rollouts-controller',
      'kubectl-argo-rollouts': 'github.com/argoproj/argo-rollouts/cmd/kubectl-argo-rollouts',
    },
  },
  { module: 'flagger', programs: { flagger: 'github.com/fluxcd/flagger/cmd/flagger' } },
  {
    module: 'prometheus',
    programs: { prometheus: 'github.com/prometheus/prometheus/cmd/prometheus' },
    flags: ['-tags', 'remove_all_sd,enable_kubernetes_sd'],
  },
  {
    module: 'victoria-metrics',
    programs: { 'victoria-metrics': 'github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics' },
  },
  {
    module: 'thanos',
    programs: { thanos: 'github.com/thanos-io/thanos/cmd/thanos' },
    // Thanos casts the labels of Prometheus to its own, and crashes without this tag.
    flags: ['-tags', 'slicelabels'],
  },
];

/** The custom resource definitions in the Go modules: files, or folders of files. */
const DEFINITIONS: readonly (readonly [module: string, path: string, ...paths: string[]])[] = [
  ['argo-rollouts', 'github.com/argoproj/argo-rollouts', 'manifests/crds'],
  ['flagger', 'github.com/fluxcd/flagger', 'artifacts/flagger/crd.yaml'],
  [
    'custom-resources',
    'github.com/prometheus-operator/prometheus-operator',
    ...['podmonitors', 'servicemonitors', 'prometheusrules'].map(
      (plural) => `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`,
    ),
  ],
  [
    'custom-resources',
    'github.com/traefik/traefik/v3',
    ...['ingressroutes', 'traefikservices', 'middlewares'].map(
      (plural) => `docs/content/reference/dynamic-configuration/traefik.io_${plural}.yaml`,
    ),
  ],
  ['custom-resources', 'istio.io/api', 'kubernetes/customresourcedefinitions.gen.yaml'],
  ['custom-resources', 'sigs.k8s.io/gateway-api', 'config/crd/standard'],
];

// The cache of Go keeps what is built until then, so the next run continues from there.
const LIMIT_MINUTES = 15;

const deadline = Date.now() + 60_000 * LIMIT_MINUTES;

/** Builds the missing judges before Vitest runs. Builds nothing without Go. Tests skip judges that could not be built. */
export default function setup(): void {
  if (isGoMissing) return;
  mkdirSync(JUDGES, { recursive: true });
  tryOnce('crds', JSON.stringify(DEFINITIONS), copyDefinitions);
  for (const build of BUILDS) tryOnce(build.module, JSON.stringify(build), () => buildModule(build));
}

/** Builds a judge, or prints why it cannot: without a network nothing can be built. */
function tryOnce(name: string, way: string, act: () => void): void {
  try {
    once(name, way, act);
  } catch (error) {
    process.stderr.write(`CANNOT BUILD ${name}: ${error instanceof Error ? error.message : error}\n`);
  }
}

/** Runs a step, unless the same step has already run on the same sources. */
function once(name: string, way: string, act: () => void): void {
  const hash = createHash('sha256').update(way);
  const folder = sourceOf(name);
  if (existsSync(folder)) {
    for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(folder, file)));
  } else {
    for (const [module] of DEFINITIONS) hash.update(readFileSync(join(sourceOf(module), 'go.mod')));
  }
  const stamp = join(JUDGES, `${name}.built`);
  const digest = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  process.stdout.write(`building ${name}\n`);
  rmSync(stamp, { force: true });
  act();
  writeFileSync(stamp, digest);
}

function buildModule({ module, programs, flags = [] }: Build): void {
  // Builds a copy, because Go may complete the go.mod, and must not change ours.
  const folder = join(JUDGES, 'modules', module);
  rmSync(folder, { recursive: true, force: true });
  cpSync(sourceOf(module), folder, { recursive: true });
  // Removes the old program, so that another version does not replace a program that cannot be built.
  for (const program of Object.keys(programs)) rmSync(join(JUDGES, program), { force: true });
  for (const [program, path] of Object.entries(programs)) {
    go(folder, ['build', ...flags, '-o', join(JUDGES, program), path]);
  }
}

function copyDefinitions(): void {
  const target = join(JUDGES, 'crds');
  rmSync(target, { recursive: true, force: true });
  const copies = DEFINITIONS.flatMap(([module, path, ...files]) => {
    const version = versionOf(module, path);
    const said = go(JUDGES, ['mod', 'download', '-json', `${path}@v${version}`]);
    const { Dir } = JSON.parse(said) as { readonly Dir: string };
    return files
      .flatMap((each) => filesAt(join(Dir, each)))
      .map((file) => [file, `${path.replaceAll(/\W+/g, '-')}-${file.split('/').at(-1)}`] as const);
  });
  mkdirSync(target);
  for (const [file, name] of copies) copyFileSync(file, join(target, name));
}

function filesAt(path: string): readonly string[] {
  if (path.endsWith('.yaml')) return [path];
  return readdirSync(path).flatMap((file) =>
    file.endsWith('.yaml') && file !== 'kustomization.yaml' ? [join(path, file)] : [],
  );
}

function sourceOf(module: string): string {
  return fileURLToPath(new URL(`${module}/`, import.meta.url));
}

function go(folder: string, args: readonly string[]): string {
  return execFileSync('go', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    // 0 would mean no limit.
    timeout: Math.max(1, deadline - Date.now()),
    env: { ...process.env, GOFLAGS: `${process.env.GOFLAGS ?? ''} -mod=mod`.trim() },
  });
}
