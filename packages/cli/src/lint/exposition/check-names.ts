import type { Names } from '@coalmine/metrics';
import { createExpositionFinding } from '../create-finding.js';
import type { Finding } from '../finding.js';
import { labelNames, type Traffic, totalName } from './traffic.js';

export interface NameExpectations {
  readonly names: Names;
  /** Whether Flagger's built-in checks will query the series. */
  readonly isForFlagger: boolean;
}

/** Checks that the series of a controller's queries exist, with the names in the queries. */
export function checkNames(traffic: Traffic, { names, isForFlagger }: NameExpectations): readonly Finding[] {
  return [...whatIsThere(traffic), ...whatItIsCalled(traffic, names), ...(isForFlagger ? flaggerLabel(traffic) : [])];
}

function whatIsThere({ counter, durations, summary, errors, slow, family, labels }: Traffic): readonly Finding[] {
  const findings: Finding[] = [];
  if (errors !== undefined && counter === undefined && durations === undefined) {
    findings.push(
      createExpositionFinding(
        'errors-without-requests',
        errors.line,
        `${totalName(errors)} counts errors, and nothing counts requests: no query can return the share of errors`,
      ),
    );
  }
  if (family === undefined) {
    findings.push(
      createExpositionFinding(
        'no-requests',
        1,
        'There is neither a counter of requests nor a histogram of their durations, so every query of a controller is empty: an error for Argo Rollouts, "no values found" for Flagger',
      ),
    );
    return findings;
  }
  if (counter === undefined) {
    findings.push(
      createExpositionFinding(
        'no-request-counter',
        family.line,
        `There is no counter of requests, only ${family.name}. A template that queries http_requests_total, as the common ones do, gets an empty result; ${family.name}_count has the same numbers`,
      ),
    );
  }
  if (durations === undefined && summary === undefined && slow === undefined) {
    findings.push(
      createExpositionFinding(
        'no-duration-histogram',
        family.line,
        `There is no histogram of durations, only ${totalName(family)}: a slow canary cannot be judged, and every query for its latency is empty`,
      ),
    );
  }
  if (labels.status === undefined) {
    findings.push(
      createExpositionFinding(
        'missing-status-label',
        family.line,
        `${totalName(family)} has no label for the status (it has ${showLabels(labelNames(family))}), so failures cannot be told from successes`,
      ),
    );
  }
  if (labels.route === undefined) {
    findings.push(
      createExpositionFinding(
        'missing-route-label',
        family.line,
        `${totalName(family)} has no label for the route (it has ${showLabels(labelNames(family))}). No query can tell probes, or one route of many, apart`,
      ),
    );
  }
  return findings;
}

/** Finds series that exist under another name than the expected one. */
function whatItIsCalled({ counter, durations, labels }: Traffic, names: Names): readonly Finding[] {
  const pairs = [
    [counter && totalName(counter), names.requests],
    [durations?.name, names.duration],
    [labels.method, names.labels.method],
    [labels.route, names.labels.route],
    [labels.status, names.labels.status_code],
  ] as const;
  const other = pairs.filter(([is, expected]) => is !== undefined && is !== expected);
  if (other.length === 0) return [];
  const list = other.map(([is, expected]) => `${is} for ${expected}`).join(', ');
  const line = (counter ?? durations)?.line ?? 1;
  return [
    createExpositionFinding(
      'unexpected-name',
      line,
      `The exposition has ${list}. A query with the names on the right is empty, or counts no failure`,
    ),
  ];
}

/** Flagger's built-in checks always query one histogram by one label. */
function flaggerLabel({ durations, family }: Traffic): readonly Finding[] {
  const name = 'http_request_duration_seconds';
  if (durations?.name === name && labelNames(durations).has('status')) return [];
  const why =
    durations?.name === name
      ? `${name} has no label status, and an absent label does not match "5.*": request-success-rate is always 100 %, even if every request fails`
      : `There is no histogram ${name}: request-success-rate and request-duration find no values, and Flagger halts the canary`;
  return [
    createExpositionFinding(
      'flagger-label',
      (durations ?? family)?.line ?? 1,
      `Flagger's built-in checks query ${name}{status}. ${why}`,
    ),
  ];
}

function showLabels(names: ReadonlySet<string>): string {
  return names.size === 0 ? 'none at all' : [...names].join(', ');
}
