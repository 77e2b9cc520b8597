import type { Release } from '../release/release.js';
import { CODES, guardQuery, OBJECTIVE, objectiveAgreed, seriesAgreed } from './agreement.js';
import type { Question, Sides } from './question.js';
import { latest, rangeOf, seconds } from './series.js';

/** Returns the question on what app and templates do not agree. */
export function instrumentation(release: Release, { canary, stable }: Sides): Question {
  const { names, analysis } = release;
  const told = (metric: string, matchers = canary): string => latest(analysis, metric, matchers);
  const window = seconds(analysis.windowSeconds);
  const scraped = `max(${told(OBJECTIVE)})`;
  const agreed = [...seriesAgreed(release, canary), ...objectiveAgreed(release, canary)];
  const other = names.requests === 'http_server_requests_total' ? 'http_requests_total' : 'http_server_requests_total';
  const terms = [
    ...agreed.map(({ code, holds }) => `(0 * ${holds} or ${code} + 0 * ${scraped})`),
    `(${CODES.names} + 0 * count(${told(other)}) or 0 * ${scraped})`,
    `(${CODES.scrapes} + 0 * max(last_over_time(${OBJECTIVE}{${canary}}[${window}] offset ${window})) unless ${scrapedOften(release, canary)} or 0 * ${scraped})`,
    ...schemaNeeded(release, { canary, ...(stable === undefined ? {} : { stable }) }).map(
      (needed) =>
        `(${CODES.schema} + 0 * ${needed} unless count(${told(SCHEMA, `${canary},state!=""`)}) or 0 * ${scraped})`,
    ),
    ...(stable === undefined
      ? []
      : [
          `(${CODES.stable} + 0 * max(${told(OBJECTIVE, stable)}) unless (
  ${seriesAgreed(release, stable)
    .map(({ holds }) => holds)
    .join('\n  and ')}
) or 0 * ${scraped})`,
        ]),
  ];
  return {
    name: 'instrumentation',
    kind: 'evidence',
    why: `0 if the app exposes what these queries read. Otherwise the sum of the differences: ${CODES.requests} ${names.requests}, ${CODES.failed} ${names.failed},
${CODES.timed} ${names.timed}, ${CODES.slow} ${names.slow} (the series or one of its labels is missing), ${CODES.objective} the objective,
${CODES.schema} the state of the schema, ${CODES.names} the app has the names of the other preset, ${CODES.stable} stable has other series,
${CODES.scrapes} Prometheus scrapes more rarely than the queries assume.`,
    query: terms.join('\n+ '),
    good: { most: 0 },
  };
}

/**
 * Returns what holds if each span has the two scrapes that `increase()` needs. Otherwise nothing that asks several spans
 * ever finds anything.
 */
function scrapedOften({ analysis }: Release, pods: string): string {
  const { windowSeconds } = analysis;
  const least = Math.ceil((2 * windowSeconds) / rangeOf(analysis));
  return `max(count_over_time(${OBJECTIVE}{${pods}}[${seconds(windowSeconds)}])) >= ${least}`;
}

/** Returns the question whether the database can serve the build. */
export function schemaState(release: Release, sides: Sides): Question {
  const { names, analysis } = release;
  const { canary } = sides;
  const told = (states: string): string => latest(analysis, SCHEMA, `${canary},${states}`);
  const inState = (states: string): string => `max(${told(`state=~"${states}"`)}) > 0`;
  const [needed] = schemaNeeded(release, sides);
  const lines = [
    inState('failed|incompatible'),
    `or 0.5 * (${inState('behind|unmigrated')})`,
    `or 0 * count(${told('state!=""')})`,
    ...(release.schema
      ? []
      : [`or 0 * sum(${latest(analysis, names.requests, canary)})${needed === undefined ? '' : ` unless ${needed}`}`]),
  ];
  return {
    name: 'schema-state',
    why: `1 if the database cannot serve this build, or its migration failed; 0.5 if the database is behind, which a running
migration may fix. 0 if the app checks no schema.`,
    query: guardQuery(release, canary, lines.join('\n')),
    kind: 'release',
    good: { most: 0 },
    badAbove: 0.9,
  };
}

const SCHEMA = 'coalmine_schema_state';

/** Returns what shows that the app should report a schema: an option of the templates, or stable reports one. */
function schemaNeeded({ schema, analysis }: Release, { canary, stable }: Sides): readonly string[] {
  if (schema) return [`max(${latest(analysis, OBJECTIVE, canary)})`];
  return stable === undefined ? [] : [`count(${latest(analysis, SCHEMA, stable)})`];
}
