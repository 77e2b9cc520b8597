import { randomBytes } from 'node:crypto';
import { debuglog } from 'node:util';
import type { Metrics } from '@coalmine/metrics';
import { within } from '@coalmine/options';
import { CLAIM_REJECTIONS, createTraffic, signExclusion, type Traffic } from '@coalmine/traffic';
import { createPriming, createWarmup, type Priming, type Warmup } from '@coalmine/warmup';
import type { Settings } from './options.js';

/** The filters between an exchange and its series. */
export interface Filters {
  readonly traffic: Traffic;
  readonly warmup: Warmup;
  readonly priming: Priming | undefined;
  /** Removes the gauges of the filters. */
  close(): void;
}

/** The id of the key with which the service signs its requests to itself. No key of a user can have this id. */
export const PRIMING_KEY_ID = '(priming)';

/** Creates the filters, and shows in the metrics what they do. Throws `InvalidOption`. */
export function createFilters(
  settings: Pick<Settings, 'traffic' | 'warmup'>,
  metrics: Metrics,
  debug: (message: string) => void = debuglog('coalmine'),
): Filters {
  const { prime, ...rest } = settings.warmup;
  const warmup = within('warmup', [], () => createWarmup({ ...rest, now: metrics.now }));
  // Nobody outside this process knows the key, and it ends with the process.
  const internalKey = { id: PRIMING_KEY_ID, secret: randomBytes(32).toString('hex') };
  const priming =
    prime === undefined
      ? undefined
      : within('warmup', [], () =>
          createPriming(prime, {
            debug,
            mark: (request) => signExclusion({ ...request, keyId: internalKey.id, secret: internalKey.secret }),
          }),
        );
  const traffic = within('traffic', [], () =>
    createTraffic(settings.traffic, {
      rejected: metrics.rejectClaim,
      ...(prime === undefined ? {} : { internalKey }),
    }),
  );
  declare(metrics, settings);
  const withdrawals = show(metrics, traffic, warmup);
  return {
    traffic,
    warmup,
    priming,
    close() {
      for (const withdraw of withdrawals) withdraw();
    },
  };
}

/** Creates the series of what may be kept out, at zero. */
function declare(metrics: Metrics, settings: Pick<Settings, 'traffic' | 'warmup'>): void {
  const { exclude = {} } = settings.traffic;
  const isSigned = exclude.signed !== undefined || settings.warmup.prime !== undefined;
  metrics.declare({
    excluded: [
      ...(exclude.routes === undefined ? [] : ['route']),
      ...(isSigned ? ['signed'] : []),
      ...(exclude.trusted === undefined ? [] : ['trusted']),
      ...(exclude.when === undefined ? [] : ['custom']),
      ...(settings.warmup.withhold === 'all' ? ['warmup'] : []),
    ],
    rejected: isSigned ? CLAIM_REJECTIONS : [],
  });
}

function show(metrics: Metrics, traffic: Traffic, warmup: Warmup): readonly (() => void)[] {
  return [
    metrics.reading(
      'coalmine_pod_warm',
      'Whether the durations of users count: 1 once the pod is warm',
      'min',
      () => (warmup.isWarm ? 1 : 0),
      warmup,
    ),
    metrics.reading(
      'coalmine_pod_ready_timestamp_seconds',
      'Epoch seconds at which the pod became ready, or served its first user',
      'max',
      () => warmup.readyAt,
      warmup,
    ),
    metrics.reading(
      'coalmine_exclusion_suspended',
      'Whether signed and trusted exclusion is off because maxExcludedShare was passed',
      'max',
      () => (traffic.suspended ? 1 : 0),
      traffic,
    ),
  ];
}
