import { oneIn } from './chance.js';

/**
 * What a pod does with a request. The factory is called once for each pod, with a random source and a function that returns the
 * seconds since the first request of the pod.
 *
 * @typedef {(route: string, request: import('node:http').IncomingMessage) => import('./service.js').Answer} Behaviour
 * @typedef {(random: () => number, age: () => number) => Behaviour} BehaviourFactory
 */

/**
 * What a middleware before the routes does with a request: it responds with the returned status, or passes the request on.
 *
 * @typedef {(request: import('node:http').IncomingMessage) => number | undefined} Middleware
 */

/** Milliseconds above the objective of the suite and below its patience. */
export const SLOW = 300;

/** @type {BehaviourFactory} */
export const well = () => () => ({});

/**
 * Returns a behaviour that gives this response to a share of the requests of one route, or of all routes.
 *
 * @param {import('./service.js').Answer} answer
 * @param {{ share?: number, route?: string }} [where]
 * @returns {BehaviourFactory}
 */
export const answering =
  (answer, { share = 1, route } = {}) =>
  (random) => {
    const isHit = share === 1 ? () => true : oneIn(share, random);
    return (asked) => ((route === undefined || asked === route) && isHit() ? answer : {});
  };

/** @param {number} share @param {number} [status] */
export const failing = (share, status = 500) => answering({ status }, { share, route: '/items/:id' });

/** @param {number} share @param {number} [milliseconds] */
export const slow = (share, milliseconds = SLOW) => answering({ milliseconds }, { share });

/** @param {BehaviourFactory} first @param {BehaviourFactory} second @returns {BehaviourFactory} */
export const both = (first, second) => (random, age) => {
  const [a, b] = [first(random, age), second(random, age)];
  return (route, request) => ({ ...a(route, request), ...b(route, request) });
};

/** @param {BehaviourFactory} factory @param {number} seconds @returns {BehaviourFactory} */
export const from = (seconds, factory) => (random, age) => {
  const behave = factory(random, age);
  return (route, request) => (age() < seconds ? {} : behave(route, request));
};

/** @param {BehaviourFactory} factory @param {number} seconds @returns {BehaviourFactory} */
export const until = (seconds, factory) => (random, age) => {
  const behave = factory(random, age);
  return (route, request) => (age() < seconds ? behave(route, request) : {});
};

/** Responds to half of the requests with 400, 401 or 422. @type {BehaviourFactory} */
export const refusing = (random) => () => (random() < 0.5 ? { status: [400, 401, 422][Math.floor(3 * random())] } : {});

/**
 * Responds correctly, and holds the event loop of the pod whenever `schedule` calls its argument.
 *
 * @param {(hold: (milliseconds: number) => void) => void} schedule
 * @returns {BehaviourFactory}
 */
export const holding = (schedule) => () => {
  const forever = new Int32Array(new SharedArrayBuffer(4));
  // The thread waits, so that other pods can use the processor. Its event loop is held as if it worked.
  schedule((milliseconds) => Atomics.wait(forever, 0, 0, milliseconds));
  return () => ({});
};

/** Returns a visit of a scanner to a page that does not exist. @param {() => number} random */
export const scan = (random) => ({ path: `/wp-${random().toString(36).slice(2)}/login.php` });

/**
 * Behaves like this for `seconds` of each period of `every` seconds.
 *
 * @param {{ seconds: number, every: number }} times
 * @param {BehaviourFactory} factory
 * @returns {BehaviourFactory}
 */
export const again =
  ({ seconds, every }, factory) =>
  (random, age) => {
    const behave = factory(random, age);
    return (route, request) => (age() % every < seconds ? behave(route, request) : {});
  };

/** Returns visits of many items. @param {() => number} random */
export const items = (random) => () => ({ path: `/items/${Math.floor(1000 * random())}` });

/**
 * Returns visits of the given paths by their shares, with a method. All other visits are of items.
 *
 * @param {Readonly<Record<string, number>>} shares
 * @param {string} [method] `GET` by default
 */
export const visits = (shares, method) => (random) => {
  const choices = Object.entries(shares).map(([path, share]) => ({ path, isChosen: oneIn(share, random) }));
  const other = items(random);
  return () => {
    const chosen = choices.find(({ isChosen }) => isChosen());
    return chosen === undefined ? other() : { path: chosen.path, method };
  };
};
