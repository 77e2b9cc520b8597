import { type Protocol, protocolOf, type ServiceTelemetry, type Telemetry } from '@coalmine/metrics';
import { InvalidOption } from '@coalmine/options';
import type { Request } from './http.js';

/** Parses the option. Throws {@link InvalidOption}. */
export function parseTelemetry(telemetry: Telemetry | undefined): Telemetry | undefined {
  if (telemetry !== undefined && typeof telemetry?.start !== 'function') {
    throw new InvalidOption('telemetry', 'what otel() of @coalmine/otel answers', telemetry);
  }
  return telemetry;
}

/** Telemetry that cannot break a request: what it throws is said once, and the exchange counts all the same. */
export function contained(telemetry: ServiceTelemetry): ServiceTelemetry {
  let hasWarned = false;
  return {
    begin() {
      try {
        return telemetry.begin();
      } catch (error) {
        warn(error);
        return undefined;
      }
    },
    end(trace, ending) {
      try {
        telemetry.end(trace, ending);
      } catch (error) {
        warn(error);
      }
    },
    stop() {
      try {
        telemetry.stop();
      } catch (error) {
        warn(error);
      }
    },
  };

  function warn(error: unknown): void {
    if (hasWarned) return;
    hasWarned = true;
    process.emitWarning(`telemetry failed, so a trace lacks what became of its request: ${String(error)}`, {
      type: 'CoalmineWarning',
      code: 'COALMINE_TELEMETRY_FAILED',
    });
  }
}

/** The protocol of a request, where it is told apart. */
export function protocolOfRequest({ httpVersion, socket }: Request): Protocol | undefined {
  // A request that is injected has a socket of its own making.
  return protocolOf(httpVersion, (socket as { encrypted?: boolean } | undefined)?.encrypted === true);
}
