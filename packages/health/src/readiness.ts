import type { Check, CheckResult } from './check.js';
import type { Status } from './check-options.js';
import type { Schema } from './schema/schema.js';

/** A condition of the first readiness, which no longer counts after it. */
export interface Hold {
  readonly name: string;
  isOver(): boolean;
}

/** One line of a report. */
export interface ReportLine extends CheckResult {
  readonly name: string;
}

/** The response to a probe. */
export interface Report {
  readonly status: Status;
  readonly lines: readonly ReportLine[];
}

export interface Readiness {
  /** Returns the readiness. From the first report that does not fail, the process counts as serving. */
  report(): Report;
  /** Returns whether the process has started, by its checks of the kind `startup`. */
  started(): Report;
  /**
   * Returns whether the process should go on, by the checks that may restart it. A process that drains goes on to its
   * end, because a failed liveness kills the requests that the drain protects.
   */
  alive(): Report;
  /** Whether it has ever been ready. */
  readonly hasBeenReady: boolean;
}

export interface Parts {
  readonly checks: readonly Check[];
  readonly schemas: readonly Schema[];
  readonly holds: readonly Hold[];
  isDraining(): boolean;
}

/**
 * Strict before the first readiness, and tolerant after it. A process that has never been ready refuses to join if
 * anything is wrong. A process that serves stays and reports what is wrong, except for critical checks and for states
 * that it opted in to leave on. Otherwise a shared database that is migrated, or away for a minute, would take every
 * pod out at once.
 */
export function createReadiness({ checks, schemas, holds, isDraining }: Parts): Readiness {
  let hasBeenReady = false;
  const judged = checks.filter(({ kind }) => kind !== 'startup');
  const startup = checks.filter(({ kind }) => kind === 'startup');

  return {
    report() {
      if (isDraining()) return { status: 'fail', lines: [{ name: 'draining', status: 'fail' }] };
      const lines = [...joining(), ...judged.map(ofCheck), ...schemas.map(ofSchema)];
      const status = worst(lines);
      if (status !== 'fail') hasBeenReady = true;
      return { status, lines };
    },
    started() {
      const lines = startup.map(lineOf);
      return { status: worst(lines), lines };
    },
    alive() {
      const lines = isDraining() ? [] : checks.filter(({ isFatal }) => isFatal()).map(lineOf);
      return { status: worst(lines), lines };
    },
    get hasBeenReady() {
      return hasBeenReady;
    },
  };

  function joining(): readonly ReportLine[] {
    if (hasBeenReady) return [];
    return [
      ...holds.map(({ name, isOver }): ReportLine => ({ name, status: isOver() ? 'pass' : 'fail' })),
      ...startup.map(lineOf),
    ];
  }

  function ofCheck(check: Check): ReportLine {
    const line = lineOf(check);
    const isForgiven = check.kind === 'advisory' || (check.kind === 'joining' && hasBeenReady);
    return { ...line, status: line.status === 'fail' && isForgiven ? 'warn' : line.status };
  }

  function ofSchema(schema: Schema): ReportLine {
    const { name, readAt } = schema;
    const status = hasBeenReady || schema.mayJoin() ? schema.whileServing() : 'fail';
    return {
      name: `schema:${name}`,
      status,
      observedValue: schema.state(),
      ...(status === 'pass' ? {} : { output: schema.reason() }),
      ...(readAt === undefined ? {} : { checkedAt: readAt }),
    };
  }
}

function lineOf({ name, result }: Check): ReportLine {
  return { name, ...result() };
}

/** Returns the worst status of these lines. */
export function worst(lines: readonly ReportLine[]): Status {
  const statuses = new Set(lines.map(({ status }) => status));
  return statuses.has('fail') ? 'fail' : statuses.has('warn') ? 'warn' : 'pass';
}
