import {
  createHealth,
  type Health,
  type HealthHooks,
  type HealthOptions,
  SCHEMA_STATES,
  type Status,
} from '@coalmine/health';
import type { Metrics } from '@coalmine/metrics';
import { within } from '@coalmine/options';
import type { Endpoint } from './endpoint.js';

const NUMBERS: Readonly<Record<Status, number>> = { pass: 1, warn: 0.5, fail: 0 };

/** Creates the health of a service. Throws `InvalidOption`. */
export function createServiceHealth(options: HealthOptions, hooks: HealthHooks): Health {
  return within('health', ['health'], () => createHealth(options, hooks));
}

/** Returns its endpoints in the form of all endpoints. */
export function healthEndpoints(health: Health): readonly Endpoint[] {
  return health.endpoints.map((endpoint) => ({ ...endpoint, reason: 'health' }));
}

/** Shows the health in the metrics, and returns functions that remove it again. */
export function showHealth(health: Health, metrics: Metrics): readonly (() => void)[] {
  const { schemas } = health;
  const withdrawals: (() => void)[] = [];
  if (health.checks().length > 0) {
    withdrawals.push(
      metrics.readings(
        'coalmine_health_check_status',
        'Status of a check: 1 pass, 0.5 warn, 0 fail',
        'min',
        () => health.checks().map(({ name, status }) => ({ labels: { check: name }, value: NUMBERS[status] })),
        health,
      ),
    );
  }
  if (schemas.length === 0) return withdrawals;
  withdrawals.push(
    metrics.readings(
      'coalmine_schema_state',
      'Whether the schema is in a state, as this process sees it',
      'max',
      () =>
        schemas.flatMap((schema) => {
          const now = schema.state();
          return SCHEMA_STATES.map((state) => ({
            labels: { source: schema.name, state },
            value: state === now ? 1 : 0,
          }));
        }),
      health,
    ),
    metrics.readings(
      'coalmine_schema_floor_required',
      'The highest floor of the schema that this process works with',
      'min',
      () =>
        schemas.flatMap(({ name, floorRequired }) =>
          floorRequired === undefined ? [] : [{ labels: { source: name }, value: floorRequired }],
        ),
      health,
    ),
  );
  return withdrawals;
}
