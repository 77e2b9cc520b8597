import { failing, slow } from '../behaviours.js';

const NEVER_PROMOTE = /** @type {const} */ (['pause', 'rollback']);

/**
 * The app exposes other series than the templates ask for, or stable exposes nothing yet.
 *
 * @type {readonly import('../scenarios.js').Scenario[]}
 */
export const AGREEMENT = [
  {
    name: 'app and template differ in the objective',
    right: NEVER_PROMOTE,
    why: 'every request takes 0.2 s; the app promises 0.5 s, and the template expects 0.1 s',
    coalmine: { objective: { latency: 0.5 } },
    canary: slow(1, 200),
    manifests: { objective: { latency: 0.1 } },
  },
  {
    name: 'app and template differ in the names',
    right: NEVER_PROMOTE,
    why: 'half of the requests fail, and the series have other names',
    coalmine: { metrics: { names: 'otel' } },
    canary: failing(0.5),
  },
  {
    name: 'app and template differ in a label',
    right: NEVER_PROMOTE,
    why: 'half of the requests fail, and the label of the status has another name',
    coalmine: { metrics: { names: { labels: { status_code: 'status' } } } },
    canary: failing(0.5),
  },
  {
    name: 'the names of OpenTelemetry, well',
    right: 'promote',
    why: 'nothing is wrong, and the template has the same names',
    coalmine: { metrics: { names: 'otel' } },
    manifests: { names: 'otel' },
  },
  {
    name: 'the names of OpenTelemetry, bad',
    right: 'rollback',
    why: 'a tenth of the requests fail, and the template has the same names',
    coalmine: { metrics: { names: 'otel' } },
    canary: failing(0.1),
    manifests: { names: 'otel' },
  },
  {
    name: 'the first release with Coalmine, well',
    right: 'promote',
    why: 'stable has no metrics of Coalmine: only the objectives decide',
    isFirst: true,
  },
  {
    name: 'the first release with Coalmine, bad',
    right: 'rollback',
    why: 'a tenth of the requests fail; stable has no metrics of Coalmine: only the objectives decide',
    isFirst: true,
    canary: failing(0.1),
  },
];
