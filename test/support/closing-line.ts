import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Ends a run with the names of the skipped tests and one plain line of counts. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    // An error that no test caught counts as a failure of the file that it came from.
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') count[state]++;
        else count.skipped++;
        if (state === 'skipped') process.stdout.write(`SKIPPED: ${test.fullName}\n`);
      }
    }
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
