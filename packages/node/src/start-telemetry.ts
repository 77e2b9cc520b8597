import type { Health } from '@coalmine/health';
import { type Metrics, type Protocol, protocolOf } from '@coalmine/metrics';
import { InvalidOption, warn } from '@coalmine/options';
import type { Warmup } from '@coalmine/warmup';
import type { Request } from './http.js';
import type { ServiceTelemetry, Telemetry } from './telemetry.js';

/** Parses the option. Throws {@link InvalidOption}. */
export function parseTelemetry(telemetry: Telemetry | undefined): Telemetry | undefined {
  if (telemetry !== undefined && typeof telemetry?.start !== 'function') {
    throw new InvalidOption('telemetry', 'the result of otel() of @coalmine/otel', telemetry);
  }
  return telemetry;
}

/** The parts of a service that telemetry reports on. */
interface Parts {
  readonly metrics: Metrics;
  readonly warmup: Warmup;
  readonly health: Health | undefined;
}

/**
 * Starts telemetry that cannot break a request: an error of telemetry makes one warning, and the exchange counts
 * anyway.
 */
export function startTelemetry(telemetry: Telemetry, { metrics, warmup, health }: Parts): ServiceTelemetry {
  const schemas = health?.schemas ?? [];
  return guardTelemetry(
    telemetry.start({
      metrics,
      isWarm: () => warmup.isWarm,
      schemaStates: () => Object.fromEntries(schemas.map((schema) => [schema.name, schema.state()])),
    }),
  );
}

function guardTelemetry(telemetry: ServiceTelemetry): ServiceTelemetry {
  return {
    begin() {
      try {
        return telemetry.begin();
      } catch (error) {
        contain(error);
        return undefined;
      }
    },
    end(trace, ending) {
      try {
        telemetry.end(trace, ending);
      } catch (error) {
        contain(error);
      }
    },
    stop() {
      try {
        telemetry.stop();
      } catch (error) {
        contain(error);
      }
    },
  };

  function contain(error: unknown): void {
    warn(
      'COALMINE_TELEMETRY_FAILED',
      `telemetry failed, so a trace lacks the outcome of its request: ${String(error)}`,
      telemetry,
    );
  }
}

/** Returns the protocol of a request, if it is counted apart. */
export function protocolOfRequest({ httpVersion, socket }: Request): Protocol | undefined {
  // An injected request has a socket of its own kind.
  return protocolOf(httpVersion, (socket as { encrypted?: boolean } | undefined)?.encrypted === true);
}
