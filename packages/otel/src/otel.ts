import type { Telemetry } from '@coalmine/node';
import { booleanOption, InvalidOption, objectOption } from '@coalmine/options';
import { type Attributes, metrics as global, type MeterProvider, type Span } from '@opentelemetry/api';
import { ATTRIBUTES } from './attributes.js';
import { publish } from './publish.js';
import { activeTrace, type RequestTrace } from './request-trace.js';
import { enlist } from './services.js';
import { tell } from './tell.js';

export interface OtelOptions {
  /** Attributes of the process for each span, if a backend does not show the resource with it. @defaultValue none */
  readonly attributes?: Attributes;
  /** Whether the metrics are also published through OpenTelemetry. @defaultValue `true` */
  readonly metrics?: boolean;
  /** The provider through which they are published. @defaultValue the global one */
  readonly meterProvider?: MeterProvider;
}

/**
 * Returns the value of the option `telemetry` of a service: `coalmine({ telemetry: otel() })`.
 *
 * The server span of each request gets its outcome, its trace becomes an exemplar, and the metrics are published
 * through the OpenTelemetry API. Without an SDK in the process none of this happens, and a request costs no more than a
 * look at the active context. Throws `CoalmineError` if an option is invalid.
 */
export function otel(options?: OtelOptions): Telemetry {
  const given = objectOption('otel', options, ['attributes', 'metrics', 'meterProvider']);
  const { attributes = {}, meterProvider } = given;
  if (typeof attributes !== 'object' || attributes === null) {
    throw new InvalidOption('otel.attributes', 'an object of attributes', attributes);
  }
  if (meterProvider !== undefined && typeof meterProvider?.getMeter !== 'function') {
    throw new InvalidOption('otel.meterProvider', 'a MeterProvider of the OpenTelemetry API', meterProvider);
  }
  const isPublished = booleanOption('otel.metrics', given.metrics, true);
  const currentProvider = (): MeterProvider => meterProvider ?? global.getMeterProvider();

  return {
    start({ metrics, isWarm, schemaStates }) {
      let provider = currentProvider();
      let hasBegun = false;
      const publication = isPublished ? enlist(metrics, (instruments) => publish(instruments, provider)) : undefined;
      return {
        begin() {
          if (!hasBegun) begun();
          return activeTrace();
        },
        end: (trace, ending) => tell(trace as RequestTrace, ending, facts),
        stop: () => publication?.end(),
      };

      /** An SDK that was started after the service has a provider by the first request. */
      function begun(): void {
        hasBegun = true;
        if (currentProvider() === provider) return;
        provider = currentProvider();
        publication?.renew();
      }

      function facts(span: Span): void {
        span.setAttributes(attributes);
        span.setAttribute(ATTRIBUTES.podWarm, isWarm());
        for (const [source, state] of Object.entries(schemaStates())) {
          span.setAttribute(`${ATTRIBUTES.schemaState}.${source}`, state);
        }
      }
    },
  };
}
