import { agents } from './agents.js';

const TESTS: readonly RegExp[] = Object.values(agents)
  .filter(({ synthetic }) => synthetic === 'test')
  .map(({ userAgent }) => userAgent);

/**
 * Returns OpenTelemetry's `user_agent.synthetic.type` of an agent, by the name that it sends. It is a label for spans,
 * and excludes nothing.
 *
 * It knows the tests among our presets, and the names that OpenTelemetry's own HTTP instrumentation for Node knows.
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/user-agent/
 */
export function syntheticType(userAgent: string | undefined): 'bot' | 'test' | undefined {
  if (userAgent === undefined) return undefined;
  if (TESTS.some((test) => test.test(userAgent)) || /alwayson/i.test(userAgent)) return 'test';
  return /googlebot|bingbot/i.test(userAgent) ? 'bot' : undefined;
}
