import { playAll } from './play-all.js';
import { SCENARIOS } from './scenarios.js';

// What gates a landing: both controllers, side by side.
playAll(
  SCENARIOS.filter(({ isShort }) => isShort),
  () => ['canary'],
);
