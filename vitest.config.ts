import { defineConfig, mergeConfig } from 'vitest/config';
import LongFilesFirst from './test/support/long-files-first.js';

const conditions = ['@coalmine/source', 'node'];

// Tests of functions of the command line, which share what they import: they touch nothing that is not their own.
const OF_FUNCTIONS = ['packages/cli/src/**/*.test.ts'];

// Releases that are played in seconds, before a Prometheus that scrapes once a second: beside much other work, their
// services really are slow, and scrapes are late. And the build of Next.js, which needs every processor. They run after
// all others, four at a time, because they mostly wait.
const IN_FOURS = [
  'test/cli/otel-names.test.ts',
  'test/examples/{next,nginx-canary,otel-backends,otel-tracing}.test.ts',
  'test/health/rollout.test.ts',
  'test/prometheus/{series,warm-up}.test.ts',
  'test/verdict/absent.test.ts',
];

// Releases with so many users that their services and users take every processor.
const ALONE = ['test/verdict/{strangers,verdict}.test.ts'];

/** What every run of tests has. */
export const shared = defineConfig({
  // Packages of this repository resolve to their source, so a test needs no build.
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Only a hang takes as long as that, even on a busy machine.
  test: { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 100_000, interval: 50 } } },
});

export default mergeConfig(shared, {
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    sequence: { sequencer: LongFilesFirst },
    coverage: { include: ['packages/*/src/**/*.ts'], reporter: ['text-summary', 'html'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'beside each other',
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...OF_FUNCTIONS, ...IN_FOURS, ...ALONE],
          // Most of them wait for others, and not for a processor.
          maxWorkers: 5,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'of functions',
          include: OF_FUNCTIONS,
          isolate: false,
          maxWorkers: 5,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'in fours', include: IN_FOURS, maxWorkers: 4, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
