import { InvalidOption } from '@coalmine/options';
import { MOST } from '../release/kubernetes.js';
import type { Release } from '../release/release.js';
import type { Scrape } from './prometheus.js';
import type { Target } from './target.js';

/** A name that is made of an option's value and a suffix. */
interface Derived {
  readonly option: string;
  readonly value: string;
  readonly suffix: string;
  /** The object with this name. */
  readonly what: string;
}

/**
 * Checks that Kubernetes accepts every name that is made of the options, including names that the controller creates.
 * Throws `InvalidOption`. Other kinds accept longer names: up to 253 characters, beginning with a digit.
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
    throw new InvalidOption(
      option,
      `a name that starts with a letter, because the Service ${value}${suffix} must`,
      value,
    );
  }
}

/** Returns the Services that a target writes, and the Services that its controller creates. */
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
 * Returns the names with a suffix of Flagger: of the Deployment and of the labels of its pods. The Deployment might
 * have a longer name, but not pods that are told apart by their names.
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
