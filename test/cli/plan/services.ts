import type { PodHistory, Route, ServiceHistory } from './history.js';

const HOUR = 3600;
// Whole hours, because the plan reads traffic by the hour, and long enough ago that the head of the database has none of them.
export const END = Math.floor(Date.now() / 1000 / HOUR) * HOUR - HOUR;
const MINUTE = 60;
export const LONG_DAYS = 2;
export const MORE_DAYS = 0.25;
export const START = END - 3 * HOUR;
const SUFFIXES = ['bbbbb', 'ccccc'];
export const [OLD, FIRST, SECOND, THIRD] = ['4444444444', '5555555555', '6666666666', '7777777777'] as const;

/** Returns two pods of a build that start within seconds of each other. */
function build(hash: string, from: number, to: number): readonly PodHistory[] {
  return SUFFIXES.map((suffix, i) => ({ hash, suffix, from: from + 3 * i, to: to + 3 * i }));
}

/** Returns one build after another. Both serve at the same time for as long as a release of the tests lasts. */
const BUILDS = [
  ...build(OLD, START - 5 * MINUTE, START + 45 * MINUTE),
  ...build(FIRST, START + 30 * MINUTE, START + 80 * MINUTE),
  ...build(SECOND, START + 65 * MINUTE, START + 115 * MINUTE),
  ...build(THIRD, START + 100 * MINUTE, END),
];

const ITEMS: Route = { pattern: '/items', share: 0.799, failing: () => 0.002, slow: 0.01 };
const CART: Route = { pattern: '/cart', share: 0.2, failing: () => 0.002, slow: 0.01 };
const RARE: Route = { pattern: '/admin/export', share: 0.001, failing: () => 0, slow: 0 };

const CLEAN: ServiceHistory = {
  namespace: 'clean',
  name: 'shop',
  pods: BUILDS,
  perSecond: () => 40,
  scrapeSeconds: 15,
  seed: 1,
  stored: 'counters',
  routes: [ITEMS, CART, RARE],
};
// Much more fails than is allowed, on all pods alike: 3 % and 8 % in turn.
const NOISY: ServiceHistory = {
  ...CLEAN,
  namespace: 'noisy',
  seed: 2,
  routes: [{ ...ITEMS, share: 0.8, failing: (_, at) => (Math.floor(at / 600) % 2 === 0 ? 0.08 : 0.03) }, CART],
};
// Half an hour in which a third of all requests fail, and in which a build starts.
const BAD_HOUR: ServiceHistory = {
  ...CLEAN,
  namespace: 'bad-hour',
  seed: 3,
  routes: [
    { ...ITEMS, failing: (_, at) => (at >= START + 60 * MINUTE && at < START + 95 * MINUTE ? 0.3 : 0.002) },
    CART,
  ],
};
// No requests from the second hour on, for more than an hour.
const SILENT: ServiceHistory = {
  ...CLEAN,
  namespace: 'silent',
  seed: 4,
  perSecond: (at) => (at >= START + 60 * MINUTE && at < START + 130 * MINUTE ? 0 : 4),
  routes: [ITEMS, CART],
};
// The second of three releases fails on one route.
const RELEASES: ServiceHistory = {
  ...CLEAN,
  namespace: 'releases',
  stored: 'both',
  seed: 5,
  routes: [ITEMS, { ...CART, failing: (hash) => (hash === SECOND ? 0.4 : 0.002) }],
};
// A service before Coalmine: a histogram with another bound than the objective, and pods with names from a Deployment.
const HISTOGRAM: ServiceHistory = {
  ...RELEASES,
  namespace: 'histogram',
  seed: 6,
  stored: 'histogram',
  labelledFrom: Number.POSITIVE_INFINITY,
};
const LONELY: ServiceHistory = {
  ...CLEAN,
  namespace: 'lonely',
  seed: 7,
  pods: [{ hash: FIRST, suffix: 'bbbbb', from: START + 60 * MINUTE, to: END }],
};
// A service without pods for more than an hour, whose pods get the label with the hash in the middle of their lives.
const ASLEEP: ServiceHistory = {
  ...CLEAN,
  namespace: 'asleep',
  seed: 10,
  labelledFrom: START + 140 * MINUTE,
  pods: [
    ...build(FIRST, START - 5 * MINUTE, START + 55 * MINUTE),
    ...build(FIRST, START + 125 * MINUTE, END).map((pod) => ({ ...pod, suffix: pod.suffix.replace(/./, 'z') })),
  ],
};
// The build that already serves when the history starts fails on one route, for two of three hours.
const BAD_FROM_THE_START: ServiceHistory = {
  ...CLEAN,
  namespace: 'bad-from-the-start',
  seed: 13,
  pods: [...build(OLD, START - 5 * MINUTE, START + 115 * MINUTE), ...build(FIRST, START + 95 * MINUTE, END)],
  routes: [ITEMS, { ...CART, failing: (hash) => (hash === OLD ? 0.4 : 0.002) }],
};
// The same, with pods of both builds for half a minute only, and an older build that was gone before.
const REPLACED: ServiceHistory = {
  ...BAD_FROM_THE_START,
  namespace: 'replaced',
  pods: [
    ...build(THIRD, START - 5 * MINUTE, START + 20 * MINUTE),
    ...build(OLD, START - 5 * MINUTE, START + 95 * MINUTE + 30),
    ...build(FIRST, START + 95 * MINUTE, END),
  ],
};
// A new service, whose old pods are gone before new pods start.
const RECREATED: ServiceHistory = {
  ...CLEAN,
  namespace: 'recreated',
  seed: 11,
  pods: [...build(FIRST, START + 95 * MINUTE, START + 115 * MINUTE), ...build(SECOND, START + 120 * MINUTE, END)],
};
// A service whose last release has another objective.
const STRICTER: ServiceHistory = {
  ...CLEAN,
  namespace: 'stricter',
  seed: 12,
  objective: (hash) => (hash === THIRD ? 0.3 : 0.5),
};
const DOWNSAMPLED: ServiceHistory = { ...CLEAN, namespace: 'downsampled', seed: 8, scrapeSeconds: 240 };

// Two days. A low limit of samples allows to read neither all hours nor whole hours.
const LONG: ServiceHistory = {
  ...CLEAN,
  namespace: 'long',
  seed: 9,
  scrapeSeconds: 60,
  pods: build(FIRST, END - LONG_DAYS * 86_400, END),
  routes: Array.from({ length: 10 }, (_, i) => ({
    ...ITEMS,
    pattern: `/items/${i}`,
    share: 0.1,
    failing: () => 0.005,
  })),
};

/** All stored services. */
export const SERVICES: readonly ServiceHistory[] = [
  CLEAN,
  NOISY,
  BAD_HOUR,
  SILENT,
  RELEASES,
  HISTOGRAM,
  LONELY,
  ASLEEP,
  RECREATED,
  STRICTER,
  BAD_FROM_THE_START,
  REPLACED,
  DOWNSAMPLED,
  LONG,
];
