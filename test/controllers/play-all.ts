import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './cluster.js';
import { areMissing } from './judges/judges.js';
import { type Played, play } from './play.js';
import type { Scenario } from './scenarios.js';
import type { Strategy } from './stage.js';

const CONTROLLERS = ['argo', 'flagger'] as const;

const isMissing = areMissing(
  'kube-apiserver',
  'kube-controller-manager',
  'kubectl',
  'kubectl-argo-rollouts',
  'prometheus',
  'rollouts-controller',
  'flagger',
);

/** Plays scenarios under both controllers at the same time. After each play, calls back with all plays until then. */
export function playAll(
  scenarios: readonly Scenario[],
  strategiesOf: (scenario: Scenario) => readonly Strategy[],
  report: (played: readonly Played[]) => void = () => {},
): void {
  let cluster: Cluster;
  const played: Played[] = [];

  beforeAll(async () => {
    if (!isMissing) cluster = await startCluster();
  });
  afterAll(async () => {
    if (isMissing) return;
    await cluster.stop();
  });

  const all = scenarios.flatMap((scenario) =>
    strategiesOf(scenario).flatMap((strategy) =>
      CONTROLLERS.map(
        (controller) => [`${controller} ${strategy}: ${scenario.name}`, controller, strategy, scenario] as const,
      ),
    ),
  );
  describe.skipIf(isMissing)('a release', () => {
    it.concurrent.each(all)('%s', { timeout: 900_000 }, async (name, controller, strategy, scenario) => {
      const result = await play(cluster, scenario, controller, strategy);
      played.push(result);
      report(played);
      const { outcome, by, seconds, sent, lost, runs, reasons } = result;
      const line = `${name}: ${outcome} after ${seconds.toFixed(0)} s`;
      console.log(
        `${line} by ${by.join(', ') || '-'}; ${lost} of ${sent} requests lost; ${JSON.stringify({ runs, reasons })}`,
      );
      expect(scenario.right[controller], `${outcome} by ${by}`).toContain(outcome);
      expect(runs.filter(({ phase, analyzed }) => phase !== analyzed)).toEqual([]);
      if (scenario.losesNothing) expect(lost).toBe(0);
      // The analysis before the switch of a blue-green release counts no requests of stable.
      if (scenario.said !== undefined && controller === 'argo' && strategy === 'canary') {
        expect(reasons).toContainEqual(expect.stringMatching(scenario.said));
      }
    });
  });
}
