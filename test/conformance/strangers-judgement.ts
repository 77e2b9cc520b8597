import { Exposition } from '../support/exposition.js';
import type { Good, Times } from './strangers-services.js';
import type { Expectation } from './strangers-witness.js';

/** Returns what is wrong with the numbers of a good service after an attack, one sentence for each fault. */
export async function judge({ registry, witness }: Good, { latency }: Times): Promise<readonly string[]> {
  const exposition = new Exposition(await registry.metrics());
  const expectations = witness.expectations();
  return [
    ...countsAgainst(exposition, expectations),
    ...durationsAgainst(exposition, expectations),
    ...faults(exposition, expectations),
    ...slowness(exposition, latency),
    ...gauge(exposition, 'http_requests_in_flight', expectations.filter(({ isOpen }) => isOpen).length),
    ...gauge(exposition, 'http_requests_overdue', 0),
  ];
}

/** The counts must agree with the requests that the witness saw, each on its route and with its status. */
function countsAgainst(exposition: Exposition, expectations: readonly Expectation[]): string[] {
  const counted = countsOf(exposition);
  const routes = new Set([...counted.keys(), ...expectations.map(({ route }) => route)]);
  return [...routes].flatMap((route) => {
    const expected = expectations.filter((each) => each.route === route);
    const left = unassigned(counted.get(route) ?? [], expected);
    if (left === undefined) return [];
    const wanted = expected.map(
      ({ statuses, isOptional }) => `${[statuses].flat().join(' or ')}${isOptional ? '?' : ''}`,
    );
    return [`${route}: expected ${tally(wanted)}, counted ${tally(counted.get(route) ?? [])}; ${left}`];
  });
}

/** Returns the counted statuses by route, once for each request. */
function countsOf(exposition: Exposition): Map<string, number[]> {
  const counted = new Map<string, number[]>();
  const add = (route: string, status: number, times: number): void => {
    counted.set(route, [...(counted.get(route) ?? []), ...Array<number>(times).fill(status)]);
  };
  for (const { labels, value } of exposition.samples('http_requests_total')) {
    if (value > 0) add(`${labels.method} ${labels.route}`, Number(labels.status_code), value);
  }
  for (const { labels, value } of exposition.samples('coalmine_excluded_requests_total')) {
    // Uses a status of the class.
    if (value > 0) add(`excluded ${labels.reason}`, Number(labels.code_class?.[0]) * 100, value);
  }
  return counted;
}

/**
 * Assigns each counted status to a request that may have this status. Returns what is wrong if some counted status, or some request
 * that must be counted, is left over.
 */
function unassigned(statuses: readonly number[], expected: readonly Expectation[]): string | undefined {
  // Finds a maximum matching with augmenting paths, which keep assigned requests assigned. Starts with requests that must be counted.
  const required = expected.filter(({ isOptional }) => !isOptional);
  const holders = new Map<Expectation, number>();
  let free = [...statuses.keys()];
  for (const among of [required, expected]) free = free.filter((i) => !assign(i, among, new Set()));
  const lost = required.filter((each) => !holders.has(each));
  if (free.length === 0 && lost.length === 0) return undefined;
  const [many, few] = [tally(free.map((i) => statuses[i] ?? 0)), tally(lost.map((each) => each.statuses.toString()))];
  return `too many: ${many}; missing: ${few}`;

  function assign(i: number, among: readonly Expectation[], tried: Set<Expectation>): boolean {
    for (const each of among) {
      if (tried.has(each) || !allows(each, statuses[i] ?? 0)) continue;
      tried.add(each);
      const current = holders.get(each);
      if (current !== undefined && !assign(current, among, tried)) continue;
      holders.set(each, i);
      return true;
    }
    return false;
  }
}

function allows({ route, statuses }: Expectation, status: number): boolean {
  if (statuses === 'no 5xx') return status < 500;
  return statuses.some(
    (each) => each === status || (route.startsWith('excluded') && 100 * Math.floor(each / 100) === status),
  );
}

/** A response must have a duration. A client that left must have none, and a stream must have none. */
function durationsAgainst(exposition: Exposition, expectations: readonly Expectation[]): string[] {
  const users = expectations.filter(({ route }) => !route.startsWith('excluded'));
  return [...new Set(users.map(({ route }) => route))].flatMap((key) => {
    const [method = '', route = ''] = key.split(/ (.*)/);
    const observed = exposition.sum('http_request_duration_seconds_count', { method, route });
    const of = (...kinds: readonly Expectation['duration'][]): number =>
      users.filter((each) => each.route === key && kinds.includes(each.duration)).length;
    const [least, most] = [of('observed'), of('observed', 'either')];
    if (observed >= least && observed <= most) return [];
    return [`${key}: ${observed} durations, expected ${least === most ? least : `${least} to ${most}`}`];
  });
}

/** The service must have failed nobody. Requests that Node itself refuses are on no route, and in no verdict. */
function faults(exposition: Exposition, expectations: readonly Expectation[]): string[] {
  const refused = expectations.filter(({ statuses }) => statuses !== 'no 5xx' && statuses.some((each) => each >= 500));
  const failed = exposition
    .samples('http_requests_total')
    .filter(({ labels, value }) => Number(labels.status_code) >= 500 && value > 0);
  const total = failed.reduce((sum, { value }) => sum + value, 0);
  return [
    ...(total > refused.length ? [`${total} requests count as 5xx, ${refused.length} were refused by Node`] : []),
    ...verdictOf(exposition, 'http_requests_failed_total'),
    ...excludedFaults(exposition),
  ];
}

function excludedFaults(exposition: Exposition): string[] {
  const failed = exposition.sum('coalmine_excluded_requests_total', { code_class: '5xx' });
  return failed === 0 ? [] : [`${failed} excluded requests count as 5xx`];
}

/** The service must have let nobody wait. */
function slowness(exposition: Exposition, latency: number): string[] {
  const all = exposition.samples('http_request_duration_seconds_count').filter(({ value }) => value > 0);
  const slow = all.flatMap(({ labels, value }) => {
    const fast = exposition.value('http_request_duration_seconds_bucket', { ...labels, le: latency }) ?? 0;
    return value > fast
      ? [`${labels.method} ${labels.route} ${labels.status_code}: ${value - fast} of ${value} are slow`]
      : [];
  });
  return [...slow, ...verdictOf(exposition, 'http_requests_slow_total')];
}

function gauge(exposition: Exposition, name: string, most: number): string[] {
  const value = exposition.value(name);
  return value !== undefined && value >= 0 && value <= most ? [] : [`${name} is ${value} at the end`];
}

/** The counters that a verdict reads must be 0, if they exist. */
function verdictOf(exposition: Exposition, name: string): string[] {
  const sum = exposition.sum(name);
  return sum === 0 ? [] : [`${name} is ${sum}`];
}

/** Returns how often each element occurs. */
function tally(all: readonly (string | number)[]): string {
  const times = new Map<string | number, number>();
  for (const each of all) times.set(each, (times.get(each) ?? 0) + 1);
  return [...times].map(([each, count]) => (count === 1 ? `${each}` : `${each} × ${count}`)).join(', ') || 'nothing';
}
