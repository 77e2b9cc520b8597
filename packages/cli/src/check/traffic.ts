import type { Controller } from '../controllers/controller.js';
import { podsOf } from '../manifests/rules.js';
import { number } from '../queries/evidence.js';
import { seconds } from '../queries/series.js';
import type { Release } from '../release/release.js';
import { type Checked, missing, there, unknown } from './checked.js';
import type { Ask } from './pods.js';

const QUESTION = 'traffic';

/** Whether a canary would have requests enough to be judged by, at the first weight that it is given. */
export async function checkTraffic(release: Release, controller: Controller, ask: Ask): Promise<Checked> {
  const { names, analysis } = release;
  const { minRequests, windowSeconds, onSilence } = analysis;
  const window = seconds(windowSeconds);
  const [element] = await ask(`sum(increase(${names.requests}{${podsOf(release)}}[${window}]))`);
  if (element === undefined) {
    return unknown(QUESTION, `no two scrapes within ${window}`, 'ask again once there are two');
  }
  const now = Math.round(element.value);
  const found = `${now} requests in ${window}`;
  const share = firstShare(release, controller);
  if (share === undefined) {
    return there(
      QUESTION,
      `${found}, none of which a canary gets before it is promoted: webhooks have to send it ${minRequests} in ${window}`,
    );
  }
  const ofCanary = Math.floor(element.value * share);
  const given = `${found}, of which a canary gets ${ofCanary} at ${number(100 * share)} %`;
  if (ofCanary >= minRequests) return there(QUESTION, `${given}; ${minRequests} are needed`);
  if (controller === 'flagger' && onSilence === 'promote') {
    return there(QUESTION, `${given}; Flagger promotes a canary that has fewer than ${minRequests}`);
  }
  const weight = Math.ceil((100 * minRequests) / element.value);
  return missing(
    QUESTION,
    `${given}, where ${minRequests} are needed`,
    weight < 100
      ? `begin at ${weight} % or more (--weights), look back for longer (--window), or judge fewer (--min-requests)`
      : 'send requests, ask again when users are there, or look back for longer (--window)',
  );
}

/** The share of the traffic that a canary is given first; `undefined` where no user reaches one. */
function firstShare(
  { router, strategy, weights, replicas, autoscale }: Release,
  controller: Controller,
): number | undefined {
  const [weight = 100] = weights;
  if (controller === 'flagger') return router === 'basic' ? undefined : weight / 100;
  if (strategy === 'blue-green') return 1;
  if (router !== 'basic') return weight / 100;
  // Without a router the weight is a number of pods, rounded up.
  const pods = autoscale?.min ?? replicas;
  return Math.ceil((pods * weight) / 100) / pods;
}
