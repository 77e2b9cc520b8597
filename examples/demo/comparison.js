/**
 * Where Coalmine's reading differs from what the clients saw; nowhere when they are equal.
 *
 * Requests must be equal by route and status. A duration that ended too close to the objective may be on either side of
 * it: a difference of no more than those is `inDoubt`.
 */
export function differences(clients, coalmine) {
  const keys = new Set([...clients.byStatus.keys(), ...coalmine.byStatus.keys()]);
  const rows = [...keys].map((key) => [key, clients.byStatus.get(key) ?? 0, coalmine.byStatus.get(key) ?? 0, 0]);
  rows.push(['all requests', clients.requests, coalmine.requests, 0]);
  rows.push(['5xx', clients.faults, coalmine.faults, 0]);
  rows.push(['durations', clients.observed, coalmine.observed, clients.close]);
  rows.push(['durations over 0.5 s', clients.over, coalmine.over, clients.close]);
  return rows
    .filter(([, saw, counted]) => saw !== counted)
    .map(([what, saw, counted, doubtful]) => ({
      text: `${what}: the clients saw ${saw}, Coalmine counted ${counted}`,
      inDoubt: Math.abs(saw - counted) <= doubtful,
    }));
}
