import { describe, expect, it } from 'vitest';
import { signOfDevelopment } from './development.js';

const production = { env: {}, isTerminal: false, isUnderTsx: false, wasProbed: true };

describe('signOfDevelopment', () => {
  it.each([
    ['NODE_ENV, before any probe', { env: { NODE_ENV: 'development' }, wasProbed: false }, 'NODE_ENV is development'],
    ['node --watch', { env: { WATCH_REPORT_DEPENDENCIES: '1' } }, 'node --watch runs it'],
    ['a terminal, before any probe', { isTerminal: true, wasProbed: false }, 'standard input is a terminal'],
    ['tsx, before any probe', { isUnderTsx: true, wasProbed: false }, 'tsx runs it and no probe was seen'],
  ])('names %s', (_title, sign, expected) => {
    expect(signOfDevelopment({ ...production, ...sign })).toBe(expected);
  });

  it.each([
    ['nothing is known', {}],
    ['NODE_ENV is test', { env: { NODE_ENV: 'test' } }],
    ['tsx runs a service that is probed', { isUnderTsx: true }],
    ['a service in development is probed', { env: { NODE_ENV: 'development' }, isTerminal: true }],
    ['NODE_ENV is production', { env: { NODE_ENV: 'production', WATCH_REPORT_DEPENDENCIES: '1' }, isTerminal: true }],
    ['Kubernetes runs it', { env: { NODE_ENV: 'development', KUBERNETES_SERVICE_HOST: '10.0.0.1' }, isTerminal: true }],
  ])('names nothing if %s', (_title, sign) => {
    expect(signOfDevelopment({ ...production, ...sign })).toBeUndefined();
  });
});
