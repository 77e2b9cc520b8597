import { InvalidOption } from '@coalmine/options';
import { MOST } from '../release/kubernetes.js';
import type { Release } from '../release/release.js';
import type { Scrape } from './prometheus.js';
import type { Target } from './target.js';

/** What is made of an option's value by putting something behind it. */
interface Derived {
  readonly option: string;
  readonly value: string;
  readonly suffix: string;
  /** What has the name that comes of it. */
  readonly what: string;
}

/**
 * Whether Kubernetes takes every name that comes of the options, those that the controller makes among them. Throws
 * `InvalidOption`. Other kinds than these take longer ones: up to 253 characters, with a digit in front.
 */
export function checkNames(target: Target, scrape: Scrape, release: Release): void {
  const services = servicesOf(target, scrape, release);
  const tooLong = [...services, ...labelsOf(target, release)]
    .filter(({ value, suffix }) => `${value}${suffix}`.length > MOST)
    .sort((a, b) => b.suffix.length - a.suffix.length);
  for (const { option, value, suffix, what } of tooLong) {
    const accepted = `of at most ${MOST - suffix.length} characters: ${what} ${value}${suffix} would have more than ${MOST}`;
    throw new InvalidOption(option, accepted, value);
  }
  // A Service has to be an RFC 1035 label: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
  for (const { option, value, suffix } of services.filter(({ value }) => /^\d/.test(value))) {
    throw new InvalidOption(option, `a name that begins with a letter, as the Service ${value}${suffix} has to`, value);
  }
}

/** The Services that a target writes, and those that its controller makes. */
function servicesOf(target: Target, scrape: Scrape, release: Release): readonly Derived[] {
  const { name, service, strategy, router } = release;
  const named = (option: string, value: string, ...suffixes: readonly string[]): readonly Derived[] =>
    suffixes.map((suffix) => ({ option, value, suffix, what: 'the Service' }));
  const ofService = service === name ? 'name' : 'service';
  if (target === 'argo') {
    const isApex = strategy === 'canary' && router === 'linkerd';
    return [
      ...named('name', name, ...(strategy === 'canary' ? ['-stable', '-canary'] : ['-active', '-preview'])),
      ...(isApex ? named(ofService, service, '') : []),
    ];
  }
  if (target === 'flagger') return named(ofService, service, '-primary', '-canary');
  return target === 'prometheus' && scrape === 'service-monitor' ? named('name', name, '-metrics') : [];
}

/**
 * What Flagger puts behind the Deployment's name and the labels of its pods. The Deployment might have a longer name, but not
 * pods that are told apart by theirs.
 */
function labelsOf(target: Target, release: Release): readonly Derived[] {
  if (target !== 'flagger') return [];
  const { name, workload } = release;
  const suffix = '-primary';
  if (workload === undefined) return [{ option: 'name', value: name, suffix, what: 'the label app' }];
  return [
    { option: 'workload.deployment', value: workload.deployment, suffix, what: 'the Deployment' },
    ...Object.entries(workload.labels).map(([label, value]) => ({
      option: 'workload.labels',
      value,
      suffix,
      what: `the label ${label}`,
    })),
  ];
}
