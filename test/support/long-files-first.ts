import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Each of these takes 40 s or more on two cores. Tests that measure milliseconds are not listed, because long files beside
// them would make them try again.
const LONG = [
  'test/cli/analyze-pipeline.test.ts',
  'test/cli/beside-stable.test.ts',
  'test/cli/command-line.test.ts',
  'test/cli/lint/manifests.test.ts',
  'test/cli/plan/plan.test.ts',
  'test/cli/platform.test.ts',
  'test/cli/recording-rules.test.ts',
  'test/cli/refusals/refusals.test.ts',
  'test/cli/thanos.test.ts',
  'test/compatibility/compatibility.test.ts',
  'test/conformance/bounded.test.ts',
  'test/examples/controllers.test.ts',
  'test/examples/nginx-canary.test.ts',
  'test/examples/otel-backends.test.ts',
  'test/packed/packed.test.ts',
  'test/prometheus/warm-up.test.ts',
  'test/schema/histories.test.ts',
  'test/schema/tools-page.test.ts',
  'test/verdict/absent.test.ts',
];

/** Starts the files that take long before the others of their group. A long file that starts last keeps one worker busy alone. */
export default class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder ?? 0;
    const isShort = ({ moduleId }: TestSpecification): number => (LONG.some((name) => moduleId.endsWith(name)) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => groupOf(a) - groupOf(b) || isShort(a) - isShort(b));
  }
}
