// Seconds for which a user waits for a response.
const LONG = 3;
const SHORT = 1.2;
const HASTY = 0.3;

/**
 * One request that a user sends to a release, and how long the user waits for the response.
 *
 * @typedef {object} Errand
 * @property {string} method
 * @property {string} route the pattern, as the service names it
 * @property {string} path
 * @property {object} [body]
 * @property {number} wait seconds until the user leaves if there is no response
 * @property {boolean} [leavesMidBody] whether the user leaves as soon as the body starts
 */

/** Returns errands of all kinds, the same for `stable` and `canary`. */
export function mixedErrands() {
  return merge([
    ...spread(300, (i) => ({ ...get('/items/:id', `/items/${1 + (i % 75)}`), wait: LONG })),
    ...spread(100, () => ({ ...get('/search', '/search?for=tea'), wait: LONG })),
    ...spread(6, () => ({ ...get('/search', '/search?for=everything'), wait: LONG })),
    ...spread(4, () => ({ ...get('/search', '/search?for=everything'), wait: HASTY })),
    ...spread(86, () => ({ ...checkout('debit'), wait: LONG })),
    ...spread(36, () => ({ ...checkout('gift'), wait: LONG })),
    ...spread(4, () => ({ ...checkout('gift'), wait: SHORT })),
    ...spread(4, () => ({ ...checkout('gift'), wait: HASTY })),
    ...spread(60, (i) => ({ ...get('/reports/:id', `/reports/${i}`), wait: LONG, leavesMidBody: i % 20 === 7 })),
  ]);
}

/** Returns errands for items and for checkouts. */
export function cardErrands() {
  return merge([
    ...spread(120, (i) => ({ ...get('/items/:id', `/items/${1 + (i % 75)}`), wait: LONG })),
    ...spread(80, () => ({ ...checkout('debit'), wait: LONG })),
  ]);
}

/** Returns errands for items alone, for this many different items in turn. */
export function itemErrands(count, items) {
  return merge(spread(count, (i) => ({ ...get('/items/:id', `/items/${1 + (i % items)}`), wait: LONG })));
}

function get(route, path) {
  return { method: 'GET', route, path };
}

function checkout(card) {
  return { method: 'POST', route: '/checkout', path: '/checkout', body: { card } };
}

/** Returns the errands in the order in which the users run them, with each kind spread evenly over the whole time. */
function merge(positioned) {
  return positioned.sort((a, b) => a.position - b.position).map(({ errand }) => errand);
}

/** @param {(i: number) => Errand} errand */
function spread(count, errand) {
  return Array.from({ length: count }, (_, i) => ({ position: (i + 0.5) / count, errand: errand(i) }));
}
