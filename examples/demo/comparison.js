/**
 * Returns where Coalmine's numbers differ from what the clients saw. The list is empty if they are equal.
 *
 * Counts of requests must be equal by route and status, and counts of excluded requests by reason and class. A duration close
 * to the objective may be on either side of it: a difference that such durations explain is `inDoubt`, and so is a difference
 * of at most `tolerance`, a share of all durations.
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
