import { playAll } from './play-all.js';
import { SCENARIOS } from './scenarios.js';

// The releases that gate a merge, under both controllers at the same time.
playAll(
  SCENARIOS.filter(({ isShort }) => isShort),
  () => ['canary'],
);
