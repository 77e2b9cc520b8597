import { describe, expect, it } from 'vitest';
import { renderExplanations } from '../report/explanation.js';
import { explain } from './explain.js';
import { type Fields, recordOf } from './record.js';

/** What a terminal shows of some objects. */
async function told(...objects: readonly Fields[]): Promise<string> {
  const explanations = await explain(objects.map(recordOf));
  return renderExplanations(explanations, { colour: false, unicode: true, width: 100 });
}

const at = (minute: number): string => `2026-01-20T14:${String(minute).padStart(2, '0')}:00Z`;

function canary(status: Fields, template = 'checkout-error-ratio'): Fields {
  const metrics = [{ name: 'error-ratio', templateRef: { name: template }, thresholdRange: { max: 1 } }];
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'checkout', namespace: 'shop' },
    spec: { targetRef: { kind: 'Deployment', name: 'checkout' }, analysis: { threshold: 2, metrics } },
    status,
  };
}

/** A warning of Flagger, which is the default, or something that it only reports. */
function event(minute: number, message: string, rest: Fields = {}): Fields {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    type: 'Warning',
    metadata: { name: `checkout.${minute}`, namespace: 'shop' },
    involvedObject: { kind: 'Canary', name: 'checkout', namespace: 'shop' },
    message,
    lastTimestamp: at(minute),
    count: 1,
    ...rest,
  };
}

const START = event(1, 'New revision detected! Scaling up checkout.shop', { type: 'Normal' });
const END = event(30, 'Canary failed! Scaling down checkout.shop');

it('a Canary whose primary did not become ready leaves all users on the new version', async () => {
  const stdout = await told(
    canary({ phase: 'Failed', canaryWeight: 100 }),
    START,
    event(
      20,
      'Promotion of checkout.shop failed, primary not ready: checkout-primary.shop not ready: deployment "checkout-primary" exceeded its progress deadline',
    ),
  );
  expect(stdout).toMatch(/^paused: checkout did not finish its promotion at 100 % of the traffic: the primary is not/);
  expect(stdout).toContain('All users are on the canary, which is the new version.');
  expect(stdout).toContain('kubectl describe deployment checkout-primary -n shop');
  expect(stdout).not.toContain('rolled back');
});

it('the pods of the primary are not taken for the pods of the release', async () => {
  const stdout = await told(
    canary({ phase: 'Progressing', canaryWeight: 5 }),
    START,
    event(5, 'checkout-primary.shop not ready: waiting for rollout to finish: 1 of 2 updated replicas are available'),
  );
  expect(stdout).toContain('the pods of the primary are not ready: waiting for rollout to finish');
});

it('Events that Kubernetes has combined do not count as checks of one metric', async () => {
  const stdout = await told(
    canary({ phase: 'Failed' }),
    START,
    event(18, '(combined from similar events): Halt checkout.shop advancement error-ratio 3.20 > 1', {
      firstTimestamp: at(5),
      count: 37,
    }),
    END,
  );
  expect(stdout).toContain(`at least one check failed: 3.20 > 1, first at ${at(18)}`);
  expect(stdout).toContain('Kubernetes has combined Events of this Canary');
});

it('a metric of another template that has the name of ours is not taken for ours', async () => {
  const stdout = await told(
    canary({ phase: 'Failed' }, 'percent-of-errors'),
    START,
    event(5, 'Halt checkout.shop advancement error-ratio 12.00 > 5'),
    END,
  );
  expect(stdout).toContain('rolled back: checkout was rolled back: error-ratio was 12.00 > 5');
  expect(stdout).not.toContain('http_errors_total');
});

describe('a warning that is not about a metric', () => {
  it.each([
    ['Progressing', 'halt checkout.shop advancement: primary deployment is scaled to zero'],
    ['Initializing', 'deployment checkout.shop get query error: deployments.apps "checkout" not found'],
    ['Failed', 'Metric query failed for no usable metrics template and query were configured'],
    ['Failed', 'Error building Prometheus client for htp:/x: parse error'],
  ])('is passed on: %s, %s', async (phase, message) => {
    expect(await told(canary({ phase }), START, event(5, message), END)).toContain(`Flagger reports: ${message}`);
  });

  it('is left out if it repeats with each check', async () => {
    const stdout = await told(
      canary({ phase: 'Progressing', iterations: 3 }),
      START,
      event(5, 'Progressive traffic is not supported when using the kubernetes provider'),
      event(5, 'Setting canaryAnalysis.iterations: 10'),
    );
    expect(stdout).toMatch(/^in progress: checkout is in progress\n/);
  });
});

describe('a promotion', () => {
  it('without an analysis says so', async () => {
    const skipped = event(5, 'Promotion completed! Canary analysis was skipped for checkout.shop', { type: 'Normal' });
    expect(await told(canary({ phase: 'Succeeded' }), START, skipped)).toMatch(
      /^promoted: checkout was promoted: its analysis was skipped/,
    );
  });

  it('of the first version says that nothing was judged', async () => {
    expect(await told(canary({ phase: 'Initialized' }))).toContain('no release has been judged yet');
  });
});

it('a phase without an outcome is named', async () => {
  expect(await told(canary({ phase: 'Terminating' }))).toMatch(/^not known: checkout is in the phase Terminating\n/);
});
