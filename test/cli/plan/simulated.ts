import { chance } from '../../verdict/chance.js';
import { TO_END } from '../../verdict/statistics/evidence.js';
import { withRest } from '../../verdict/statistics/open-metrics.js';
import { CLASSES, type Release, simulateRelease } from '../../verdict/statistics/release.js';
import { type Decision, decide } from '../../verdict/statistics/rule.js';
import { RULE, settingOf } from '../../verdict/statistics/template.js';
import type { Family } from './history.js';

/** A simulated release of one build, whose canary is a pod like any other, and the decision of the simulated rule. */
export interface Simulated {
  readonly hash: string;
  /** The ends of the names of its pods. */
  readonly canary: string;
  readonly stable: string;
  readonly release: Release;
  readonly isAlarm: boolean;
  /** The epoch seconds of one scrape before its first. */
  readonly from: number;
}

// A service with a dependency that sometimes fails, on all pods at the same time.
const SETTING = settingOf({ perSecond: 10, routes: 3 }, { weights: [0.3, 0.3], disturbances: ['trouble'] });
const RELEASES = 12;
const MORE_RELEASES = 200;
// Samples after the end of a release, so that its pods live longer than the release.
const AFTER = 6;
const HASH_LETTERS = '456789bcdf';

export const NAMESPACE = 'simulated';
export const OPTIONS: object = { name: 'shop', weights: [20, 50] };

/** Simulates good releases, one after another until a time. */
export function simulateReleases(end: number): readonly Simulated[] {
  const { scrapeSeconds, scrapesOfSpan } = SETTING;
  const spanSeconds = scrapesOfSpan * scrapeSeconds;
  return Array.from({ length: RELEASES }, (_, i): Simulated => {
    const release = withRest(simulateRelease(SETTING, chance(i + 1)));
    const lasts = Math.ceil(((release.scrapes + AFTER + 8) * scrapeSeconds) / spanSeconds) * spanSeconds;
    // Spans end a third of a scrape after a sample, as in the simulation.
    const from = end - (i + 1) * lasts - (release.phase + TO_END) * scrapeSeconds;
    const hash = `${HASH_LETTERS[Math.floor(i / 10)]}${HASH_LETTERS[i % 10]}44444444`;
    return { hash, canary: 'bbbbb', stable: 'ccccc', release, isAlarm: isAlarm(decide(release, RULE)), from };
  });
}

/** Returns the days that the releases take. */
export function daysOf(simulated: readonly Simulated[], end: number): number {
  return (end - Math.min(...simulated.map(({ from }) => from)) + 600) / 86_400;
}

/** Returns the share of many more releases that the simulated rule rolls back or pauses. */
export function simulatedRate(): number {
  const alarms = Array.from({ length: MORE_RELEASES }, (_, i) =>
    Number(isAlarm(decide(simulateRelease(SETTING, chance(1000 + i)), RULE))),
  );
  return alarms.reduce((sum, each) => sum + each, 0) / MORE_RELEASES;
}

function isAlarm({ rollback, asked, shared, silent }: Decision): boolean {
  return [rollback, asked, shared, silent].some((each) => each !== undefined);
}

// One status for each class of responses. Slow requests are not a class of responses.
const STATUSES: Readonly<Record<string, string>> = { '3xx': '302', '4xx': '409', failed: '500' };

/** Yields the counters of simulated releases as Coalmine exposes them. */
export function* familiesOf(simulated: readonly Simulated[]): Generator<Family> {
  const { scrapeSeconds } = SETTING;
  for (const { hash, canary, stable, release, from } of simulated) {
    for (const [suffix, counters] of [
      [canary, release.canary],
      [stable, release.stable],
    ] as const) {
      const target = `namespace="${NAMESPACE}",pod="shop-${hash}-${suffix}",rollouts_pod_template_hash="${hash}"`;
      const write = (series: string, values: ArrayLike<number>, isInitialised = true): string =>
        Array.from({ length: release.scrapes + AFTER }, (_, i) => {
          const value = values[Math.min(i, release.scrapes - 1)] ?? 0;
          const isThere = isInitialised ? i >= counters.startedAt : value > 0;
          return isThere ? `${series} ${value} ${from + (i + 1) * scrapeSeconds}\n` : '';
        }).join('');
      for (let route = 0; route < release.routes; route++) {
        const labels = `${target},method="GET",route="/${route}"`;
        const events = (kind: string): ArrayLike<number> => counters.events[route]?.[CLASSES.indexOf(kind)] ?? [];
        const requests = counters.requests[route] ?? [];
        const answers = CLASSES.filter((kind) => kind !== 'slow');
        const rest = Array.from(requests, (all, i) =>
          answers.reduce((left, kind) => left - (events(kind)[i] ?? 0), all),
        );
        yield ['http_requests', write(`http_requests_total{${labels},status_code="200"}`, rest)];
        for (const kind of answers) {
          const status = STATUSES[kind] ?? kind;
          const series = `http_requests_total{${labels},status_code="${status}"}`;
          yield ['http_requests', write(series, events(kind), status === '500')];
        }
        yield ['http_requests_failed', write(`http_requests_failed_total{${labels}}`, events('failed'))];
        yield ['http_requests_slow', write(`http_requests_slow_total{${labels}}`, events('slow'))];
        yield ['http_requests_timed', write(`http_requests_timed_total{${labels}}`, requests)];
        yield ['http_requests_overdue', write(`http_requests_overdue{${labels}}`, [0])];
      }
      yield [
        'coalmine_objective_latency_seconds',
        write(`coalmine_objective_latency_seconds{${target}}`, constant(0.3)),
      ];
      const readyAt = from + counters.startedAt * scrapeSeconds;
      const ready = 'coalmine_pod_ready_timestamp_seconds';
      yield [ready, write(`${ready}{${target}}`, constant(readyAt))];
      for (const state of ['active', 'idle']) {
        const series = `nodejs_eventloop_time_seconds_total{${target},nodejs_eventloop_state="${state}"}`;
        yield [
          'nodejs_eventloop_time_seconds',
          write(
            series,
            Array.from({ length: release.scrapes }, (_, i) => i * (state === 'idle' ? 12 : 3)),
          ),
        ];
      }
    }
  }

  function constant(value: number): readonly number[] {
    return new Array<number>(SETTING.weights.length * SETTING.scrapesOfStep + 100).fill(value);
  }
}
