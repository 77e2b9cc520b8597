import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingBinaries } from '../../support/server-process.js';

/** A program that `npm run judges` builds. */
export type Judge =
  | 'flagger'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kubectl'
  | 'kubectl-argo-rollouts'
  | 'prometheus'
  | 'rollouts-controller'
  | 'thanos'
  | 'victoria-metrics';

/** The folder of the built judges. Their custom resource definitions are in `crds`. */
export const JUDGES: string =
  process.env.COALMINE_JUDGES ??
  fileURLToPath(new URL('../../../node_modules/.cache/coalmine-judges', import.meta.url));

export const isGoMissing: boolean = missingBinaries('go').length > 0;

/** Returns the path of a judge's binary. */
export function judge(name: Judge): string {
  return join(JUDGES, name);
}

/** Returns whether tests that need these judges must be skipped. Prints this once. */
export function areMissing(...names: readonly Judge[]): boolean {
  const files = names.includes('kube-apiserver') ? [...names, 'crds'] : names;
  const missing = [
    ...files.filter((name) => !existsSync(join(JUDGES, name))),
    ...(files === names ? [] : missingBinaries('etcd')),
  ];
  if (missing.length === 0) return false;
  const way = isGoMissing ? 'install Go and run' : 'run';
  process.stderr.write(`SKIPPING the real controllers: ${missing.join(', ')} not found: ${way} npm run judges\n`);
  return true;
}

const PATHS: Readonly<Record<string, string>> = {
  kubernetes: 'k8s.io/kubernetes',
  'argo-rollouts': 'github.com/argoproj/argo-rollouts',
  flagger: 'github.com/fluxcd/flagger',
  prometheus: 'github.com/prometheus/prometheus',
  'victoria-metrics': 'github.com/VictoriaMetrics/VictoriaMetrics',
};

/** Returns the version of a module that the go.mod in a folder here requires. */
export function versionOf(folder: string, path: string = PATHS[folder] ?? ''): string {
  const text = readFileSync(new URL(`${folder}/go.mod`, import.meta.url), 'utf8');
  const line = text.split('\n').find((each) => each.replace('require', '').trim().startsWith(`${path} v`));
  const version = line?.split(' v').at(-1);
  if (version === undefined) throw new Error(`${folder}/go.mod requires no ${path}`);
  return version.replace(' // indirect', '').trim();
}
