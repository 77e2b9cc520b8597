import { type Ending, type Protocol, protocolOf, type Telemetry, type Trace } from '@coalmine/metrics';
import { InvalidOption } from '@coalmine/options';
import type { Request } from './http.js';

/** Telemetry that cannot break a request: what it throws is said once, and the exchange counts all the same. */
export interface ContainedTelemetry {
  begin(): Trace | undefined;
  end(trace: Trace, ending: Ending): void;
}

const METHODS = ['start', 'begin', 'end'] as const;

/** Parses the option. Throws {@link InvalidOption}. */
export function parseTelemetry(telemetry: Telemetry | undefined): Telemetry | undefined {
  const candidate = telemetry as unknown as Record<string, unknown> | null | undefined;
  if (candidate === undefined) return undefined;
  if (candidate === null || METHODS.some((method) => typeof candidate[method] !== 'function')) {
    throw new InvalidOption('telemetry', 'what otel() of @coalmine/otel answers', telemetry);
  }
  return telemetry;
}

export function contained(telemetry: Telemetry): ContainedTelemetry {
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
