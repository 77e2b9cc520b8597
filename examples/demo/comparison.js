/**
 * Where Coalmine's reading differs from what the clients saw; nowhere when they are equal.
 *
 * Requests must be equal by route and status, and so must those that were excluded, by reason and class. A duration that
 * ended too close to the objective may be on either side of it: a difference of no more than those, or of `tolerance`,
 * a share of all durations, is `inDoubt`.
 */
export function differences(clients, coalmine, tolerance = 0) {
  const close = Math.max(clients.close, tolerance * clients.observed);
  return [
    ...byKey(clients.byStatus, coalmine.byStatus),
    ...byKey(clients.excluded, coalmine.excluded, 'excluded as '),
    ['all requests', clients.requests, coalmine.requests, 0],
    ['5xx', clients.faults, coalmine.faults, 0],
    ['durations withheld', clients.withheld, coalmine.withheld, 0],
    ['durations', clients.observed, coalmine.observed, clients.close],
    ['durations over 0.5 s', clients.over, coalmine.over, close],
  ]
    .filter(([, saw, counted]) => saw !== counted)
    .map(([what, saw, counted, doubtful]) => ({
      text: `${what}: the clients saw ${saw}, Coalmine counted ${counted}`,
      inDoubt: Math.abs(saw - counted) <= doubtful,
    }));
}

function byKey(saw, counted, prefix = '') {
  const keys = new Set([...saw.keys(), ...counted.keys()]);
  return [...keys].map((key) => [`${prefix}${key}`, saw.get(key) ?? 0, counted.get(key) ?? 0, 0]);
}
