import { writeFileSync } from 'node:fs';
import { playAll } from './play-all.js';
import { reportOf } from './report.js';
import { SCENARIOS } from './scenarios.js';

const REPORT = new URL('../../docs/judges.md', import.meta.url);

playAll(
  SCENARIOS,
  ({ strategies = ['canary'] }) => strategies,
  (played) => writeFileSync(REPORT, reportOf(played)),
);
