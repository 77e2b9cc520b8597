import type { Health } from '@coalmine/health';
import { type Metrics, type Protocol, protocolOf } from '@coalmine/metrics';
import { InvalidOption, warn } from '@coalmine/options';
import type { Warmup } from '@coalmine/warmup';
import type { Request } from './http.js';
import type { ServiceTelemetry, Telemetry } from './telemetry.js';

/** Parses the option. Throws {@link InvalidOption}. */
export function parseTelemetry(telemetry: Telemetry | undefined): Telemetry | undefined {
  if (telemetry !== undefined && typeof telemetry?.start !== 'function') {
    throw new InvalidOption('telemetry', 'what otel() of @coalmine/otel answers', telemetry);
  }
  return telemetry;
}

/** What a service is made of, as far as telemetry tells of it. */
interface Parts {
  readonly metrics: Metrics;
  readonly warmup: Warmup;
  readonly health: Health | undefined;
}

/** Starts telemetry that cannot break a request: what it throws is said once, and the exchange counts all the same. */
export function startTelemetry(telemetry: Telemetry, { metrics, warmup, health }: Parts): ServiceTelemetry {
  const schemas = health?.schemas ?? [];
  return contained(
    telemetry.start({
      metrics,
      isWarm: () => warmup.isWarm,
      schemaStates: () => Object.fromEntries(schemas.map((schema) => [schema.name, schema.state()])),
    }),
  );
}

function contained(telemetry: ServiceTelemetry): ServiceTelemetry {
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
      `telemetry failed, so a trace lacks what became of its request: ${String(error)}`,
      telemetry,
    );
  }
}

/** The protocol of a request, where it is told apart. */
export function protocolOfRequest({ httpVersion, socket }: Request): Protocol | undefined {
  // A request that is injected has a socket of its own making.
  return protocolOf(httpVersion, (socket as { encrypted?: boolean } | undefined)?.encrypted === true);
}
