import type { Controller } from '../controllers/controller.js';
import { podsOf } from '../manifests/rules.js';
import { number } from '../queries/evidence.js';
import { seconds } from '../queries/series.js';
import type { Release } from '../release/release.js';
import { type Checked, missing, there, unknown } from './checked.js';
import type { Ask } from './pods.js';

const QUESTION = 'traffic';

/** Checks that a canary would have enough requests to be judged at its first weight. */
export async function checkTraffic(release: Release, controller: Controller, ask: Ask): Promise<Checked> {
  const { names, analysis } = release;
  const { minRequests, windowSeconds, onSilence } = analysis;
  const window = seconds(windowSeconds);
  const [element] = await ask(`sum(increase(${names.requests}{${podsOf(release)}}[${window}]))`);
  if (element === undefined) {
    return unknown(QUESTION, `no two scrapes within ${window}`, 'check again once there are two');
  }
  const now = Math.round(element.value);
  const found = `${now} requests in ${window}`;
  const share = firstShare(release, controller);
  if (share === undefined) {
    return there(
      QUESTION,
      `${found}, of which a canary gets none before it is promoted: webhooks have to send ${minRequests} requests in ${window}`,
    );
  }
  const ofCanary = Math.floor(element.value * share);
  const given = `${found}, of which a canary gets ${ofCanary} at ${number(Math.round(1000 * share) / 10)} %`;
  if (ofCanary >= minRequests) return there(QUESTION, `${given}; ${minRequests} are needed`);
  if (controller === 'flagger' && onSilence === 'promote') {
    return there(QUESTION, `${given}; Flagger promotes a canary that has fewer than ${minRequests}`);
  }
  const weight = Math.ceil((100 * minRequests) / element.value);
  return missing(
    QUESTION,
    `${given}, but ${minRequests} are needed`,
    weight < 100
      ? `start at ${weight} % or more (--weights), look back longer (--window), or require fewer requests (--min-requests)`
      : 'send requests, check again when there are users, or look back longer (--window)',
  );
}

/** Returns the share of the traffic that a canary gets first; `undefined` if it gets no users. */
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
