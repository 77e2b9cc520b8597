import { parentPort } from 'node:worker_threads';
import { tallyReleases } from './tally.js';

// Tallies the releases that each message asks for.
parentPort?.on('message', ({ setting, rule, seeds }) => {
  parentPort?.postMessage(tallyReleases(setting, rule, seeds));
});
