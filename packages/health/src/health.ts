import type { Server } from 'node:http';
import { messageOf, warn } from '@coalmine/options';
import { answer, answerFailure, answerNotFound, type ProbeResponse } from './answer.js';
import { createCheck } from './check.js';
import type { Status } from './check-options.js';
import { createDrainer } from './drain.js';
import { type EndpointPath, endpointFor } from './endpoint.js';
import { type HealthOptions, type Probe, type ProbeRequest, parseHealth } from './health-options.js';
import { createReadiness, type Hold, type Report, worst } from './readiness.js';
import type { Schema } from './schema/schema.js';
import { onSignals } from './signals.js';

/** A path that is answered from memory. */
export interface HealthEndpoint extends EndpointPath {
  readonly probe: Probe;
  /** Answers `GET` and `HEAD`, for all or for the check of that name; never throws. */
  handle(request: ProbeRequest, response: ProbeResponse, check?: string): void;
}

/** The health of one process. */
export interface Health {
  readonly endpoints: readonly HealthEndpoint[];
  /** Answers a request for one of the endpoints; false for any other. */
  handle(request: ProbeRequest, response: ProbeResponse): boolean;
  /** Whether the process may take traffic. The first yes makes it one that serves. */
  isReady(): boolean;
  /** Each check with its status, in the order of the options. */
  checks(): readonly { readonly name: string; readonly status: Status }[];
  readonly schemas: readonly Schema[];
  /** The schema of that name, or the only one. Throws `RangeError` where there is none such. */
  schema(name?: string): Schema;
  /** The metrics have been scraped: what {@link HealthOptions.afterScrape} waits for. */
  scraped(): void;
  /** Checks in the background from now on, and listens for signals. The second call does nothing. */
  start(): void;
  /**
   * Has a server drained and closed at the end. Call it before the server listens. Once every watched server has closed,
   * checks and signals rest until one of them listens again.
   */
  watch(server: Server): void;
  /** Turns unready, serves on for `drainSeconds`, closes the servers, and resolves. The second call is the first. */
  drain(): Promise<void>;
  /** Ends the checks; listens for signals no more. */
  close(): void;
}

export interface HealthHooks {
  /** What else the first readiness waits for. @defaultValue nothing */
  readonly holds?: readonly Hold[];
  /** Who asks; the first answer of readiness may depend on it. */
  readonly asked?: (request: ProbeRequest) => void;
  /** The process has become ready, for the first time. */
  readonly becameReady?: () => void;
  /** The servers have closed: for what is to be closed after them. */
  readonly closed?: () => unknown;
}

/** Makes the health of a process. Throws `InvalidOption`, which names the option by its path below `health`. */
export function createHealth(options?: HealthOptions, hooks: HealthHooks = {}): Health {
  const settings = parseHealth(options);
  const { paths, schemas, details, scrapeSeconds } = settings;
  const checks = Array.from(settings.checks, ([name, check]) => createCheck(name, check));
  const drainer = createDrainer({ ...settings, opened: run, emptied: rest, closed: () => hooks.closed?.() });
  // A schema that the app made may be used by others, who are not done with it.
  const polled = [...checks, ...schemas.filter((schema) => settings.own.has(schema))];
  let startedAt: number | undefined;
  let isScraped = false;
  let isClosed = false;
  let forgetSignals: (() => void) | undefined;
  const readiness = createReadiness({
    checks,
    schemas,
    holds: [...(hooks.holds ?? []), ...(scrapeSeconds === undefined ? [] : [{ name: 'first-scrape', isOver: isSeen }])],
    isDraining: () => drainer.isDraining,
  });
  const endpoints = Array.from(paths, ([path, probe]) => endpointOf(path, probe));

  return {
    endpoints,
    handle(request, response) {
      const asked = endpointFor(endpoints, request);
      asked?.endpoint.handle(request, response, asked.check);
      return asked !== undefined;
    },
    isReady: () => readyReport().status !== 'fail',
    checks: () => checks.map(({ name, result }) => ({ name, status: result().status })),
    schemas,
    schema(name) {
      const found =
        name === undefined && schemas.length === 1 ? schemas[0] : schemas.find((each) => each.name === name);
      if (found === undefined) {
        throw new RangeError(
          `health.schema(name) must be one of ${schemas.map((each) => each.name).join(', ') || 'none: there is no schema'}`,
        );
      }
      return found;
    },
    scraped() {
      isScraped = true;
    },
    start,
    watch: drainer.watch,
    drain: () => drainer.drain(),
    close() {
      isClosed = true;
      rest();
      for (const schema of schemas) schema.stop();
    },
  };

  function start(): void {
    if (startedAt !== undefined || isClosed) return;
    startedAt = performance.now();
    for (const schema of schemas) schema.start();
    run();
  }

  function run(): void {
    if (startedAt === undefined || isClosed || forgetSignals !== undefined) return;
    for (const each of polled) each.start();
    forgetSignals = onSignals(settings.signals, async (signal) => {
      // At a terminal there is no balancer that has to hear of it first.
      const isAtTerminal = signal === 'SIGINT' && process.stdin.isTTY === true;
      await drainer.drain(isAtTerminal ? 0 : undefined);
      return isAtTerminal ? performance.now() : (drainer.deadline ?? 0);
    });
  }

  /** Leaves nothing behind in the process that would keep a closed app in memory, or ask its database. */
  function rest(): void {
    forgetSignals?.();
    forgetSignals = undefined;
    for (const each of polled) each.stop();
  }

  function isSeen(): boolean {
    return isScraped || performance.now() - (startedAt ?? performance.now()) >= 1000 * (scrapeSeconds ?? 0);
  }

  function readyReport(): Report {
    start();
    const hadBeenReady = readiness.hasBeenReady;
    const report = readiness.report();
    if (!hadBeenReady && readiness.hasBeenReady) hooks.becameReady?.();
    return report;
  }

  function reportOf(probe: Probe): Report {
    if (probe === 'ready') return readyReport();
    start();
    return probe === 'live' ? readiness.alive() : readiness.started();
  }

  function endpointOf(path: string, probe: Probe): HealthEndpoint {
    const endpoint: HealthEndpoint = {
      path,
      probe,
      hasChecks: probe === 'ready' && details !== 'never',
      handle(request, response, check) {
        try {
          answerProbe(probe, request, response, check);
        } catch (error) {
          warn('COALMINE_ENDPOINT_FAILED', `${path} could not be answered: ${messageOf(error)}`, endpoint);
          answerFailure(request, response);
        }
      },
    };
    return endpoint;
  }

  function answerProbe(probe: Probe, request: ProbeRequest, response: ProbeResponse, check: string | undefined): void {
    if (probe === 'ready') hooks.asked?.(request);
    const report = reportOf(probe);
    const hasDetails = isAllowed(request);
    if (check === undefined) return answer(request, response, report, hasDetails);
    const lines = report.lines.filter(({ name }) => name === check);
    if (!hasDetails || lines.length === 0) return answerNotFound(request, response);
    answer(request, response, { status: worst(lines), lines }, hasDetails);
  }

  function isAllowed(request: ProbeRequest): boolean {
    if (typeof details === 'string') return details === 'always';
    try {
      const allowed = details(request) as boolean | PromiseLike<unknown> | null | undefined;
      if (typeof allowed !== 'object' || typeof allowed?.then !== 'function') return allowed === true;
      // Nobody else would hear of its rejection, which ends a process.
      allowed.then(undefined, () => {});
      throw new TypeError('it returned a promise, and a probe is answered at once');
    } catch (error) {
      detailsFailed(error);
      return false;
    }
  }

  function detailsFailed(error: unknown): void {
    warn(
      'COALMINE_DETAILS_FAILED',
      `health.details failed, so none were shown: ${messageOf(error)}`,
      details as object,
    );
  }
}
