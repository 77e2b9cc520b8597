import { InvalidOption } from '@coalmine/options';
import { parseRelease, type Release } from '../release/release.js';
import type { ReleaseOptions } from '../release/release-options.js';
import { argoRollout } from './argo-rollout.js';
import { argoTemplates } from './argo-templates.js';
import { dashboard } from './dashboard/dashboard.js';
import { flagger } from './flagger.js';
import { type Manifest, renderManifests } from './manifest.js';
import { checkNames } from './names.js';
import { prometheus, ruleFile, type Scrape } from './prometheus.js';
import { checkFlaggerProvider } from './provider.js';
import type { Target } from './target.js';

/** A file of manifests. */
export interface ManifestFile {
  readonly name: string;
  readonly text: string;
  /** Its parsed objects. */
  readonly objects: readonly object[];
}

/** Writes what a target needs of a release. Without `scrape`, a PodMonitor finds the pods. Throws `InvalidOption`. */
export function manifestsFor(target: Target, options: ReleaseOptions, scrape?: Scrape): readonly ManifestFile[] {
  const release = parseRelease(options);
  if (release.push && scrape !== undefined) {
    throw new InvalidOption('scrape', 'left out with push: pods that push are not scraped', scrape);
  }
  checkNames(target, scrape ?? 'pod-monitor', release);
  checkRecorder(target, release);
  if (target === 'flagger') checkFlaggerProvider(release.provider);
  if (target === 'grafana') return [dashboardFile(release)];
  const files: Record<Exclude<Target, 'grafana'>, () => Record<string, readonly Manifest[]>> = {
    argo: () => ({ 'analysis.yaml': argoTemplates(release), 'rollout.yaml': argoRollout(release) }),
    flagger: () => ({ 'flagger.yaml': flagger(release) }),
    prometheus: () => ({ 'prometheus.yaml': prometheus(release, scrape ?? 'pod-monitor') }),
    rules: () => ({ 'rules.yaml': [ruleFile(release)] }),
  };
  return Object.entries(files[target]()).map(([name, manifests]) => ({
    name,
    text: renderManifests(manifests),
    objects: manifests.map(({ value }) => value),
  }));
}

/** Checks the recorder: rules are written for one controller, and only its templates can use their names. */
function checkRecorder(target: Target, { recordingRules }: Release): void {
  if ((target === 'argo' || target === 'flagger') && recordingRules !== undefined && recordingRules !== target) {
    throw new InvalidOption('recordingRules', `'${target}', because these are its templates`, recordingRules);
  }
}

function dashboardFile(release: Release): ManifestFile {
  const value = dashboard(release);
  return { name: 'dashboard.json', text: `${JSON.stringify(value, null, 2)}\n`, objects: [value] };
}
