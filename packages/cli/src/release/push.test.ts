import { describe, expect, it } from 'vitest';
import { checkPushed } from './push.js';
import type { ReleaseOptions } from './release-options.js';

const release = (more: Partial<ReleaseOptions> = {}): ReleaseOptions => ({ name: 'shop', ...more });

describe('a release with pods that push', () => {
  it('may say what is so in any case', () => {
    const labels = { pod: 'k8s_pod_name', namespace: 'k8s_namespace_name' };
    expect(() => checkPushed(release())).not.toThrow();
    expect(() => checkPushed(release({ names: 'otel', labels, recordingRules: 'flagger' }))).not.toThrow();
  });

  it.each<[options: Partial<ReleaseOptions>, message: string]>([
    [{ names: { requests: 'x' } }, "names must be 'otel', or left out with push"],
    [{ labels: { pod: 'pod' } }, "labels.pod must be 'k8s_pod_name', or left out with push"],
    [{ labels: { role: 'role' } }, 'labels.role must be left out with push: no scrape sets this label, got "role"'],
    [{ metricsPath: '/metrics' }, 'metricsPath must be left out with push: pods that push are not scraped'],
    [{ recordingRules: 'argo' }, "recordingRules must be 'flagger', or left out with push"],
  ])('cannot have %j', (options, message) => {
    expect(() => checkPushed(release(options))).toThrow(message);
  });
});
