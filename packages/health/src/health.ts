import type { Server } from 'node:http';
import { isatty } from 'node:tty';
import { messageOf, warn } from '@coalmine/options';
import { hasListener } from './active-resources.js';
import { answer, answerFailure, answerNotFound, type ProbeResponse } from './answer.js';
import { createCheck } from './check.js';
import type { Status } from './check-options.js';
import { signOfDevelopment } from './development.js';
import { createDrainer, type DrainTerms } from './drain.js';
import type { DrainListener } from './drain-listeners.js';
import { type EndpointPath, endpointFor } from './endpoint.js';
import { findExitingListener } from './exiting-listener.js';
import { type HealthOptions, type Probe, type ProbeRequest, parseHealth } from './health-options.js';
import { createLog, type Log } from './log.js';
import { createReadiness, type Hold, type Report, worst } from './readiness.js';
import { createReadinessLog } from './readiness-log.js';
import type { Schema } from './schema/schema.js';
import { hiddenListeners } from './signal-listeners.js';
import { type Ended, onSignals } from './signals.js';

/** A path whose responses come from memory. */
export interface HealthEndpoint extends EndpointPath {
  readonly probe: Probe;
  /** Responds to `GET` and `HEAD`, for all checks or for the named check. Never throws. */
  handle(request: ProbeRequest, response: ProbeResponse, check?: string): void;
}

/** The health of one process. */
export interface Health {
  readonly endpoints: readonly HealthEndpoint[];
  /** Responds to a request for one of the endpoints. Returns false for any other request. */
  handle(request: ProbeRequest, response: ProbeResponse): boolean;
  /** Whether the process may take traffic. From the first `true` on, the process counts as serving. */
  isReady(): boolean;
  /** Each check with its status, in the order of the options. */
  checks(): readonly { readonly name: string; readonly status: Status }[];
  readonly schemas: readonly Schema[];
  /** Returns the schema of that name, or the only schema. Throws `RangeError` if there is none. */
  schema(name?: string): Schema;
  /** Notes that the metrics have been scraped: {@link HealthOptions.afterScrape} waits for this. */
  scraped(): void;
  /** Ends the process at a signal from now on, for a process that still boots. {@link Health.start} does the same. */
  heedSignals(): void;
  /** Runs checks in the background from now on, and listens for signals. A second call does nothing. */
  start(): void;
  /**
   * Drains and closes a server at the end. Call it before the server listens. Once every watched server has closed,
   * checks and signals rest until one of the servers listens again.
   */
  watch(server: Server): void;
  /**
   * Turns unready, serves for another `drainSeconds`, closes the servers, and resolves. A second call returns the first
   * drain.
   */
  drain(): Promise<void>;
  /** Whether the process drains: `/readyz` responds with a 503. */
  readonly isDraining: boolean;
  /** Aborted when draining starts, with an error that says why: for event streams, WebSockets and consumers. */
  readonly signal: AbortSignal;
  /**
   * Calls a listener with the cause, such as `'SIGTERM'`, when draining starts, or at once if it has started. The
   * process does not end before the promise of the listener has settled, or `closeSeconds` are over. Returns a function that
   * removes the listener.
   */
  onDrain(listener: DrainListener): () => void;
  /** Resolves once the process has served for `drainSeconds` while draining; at once if it does not drain. */
  served(): Promise<void>;
  /** Whether anybody has asked for the health of the process. */
  readonly wasProbed: boolean;
  /** Stops the checks and the listeners for signals. */
  close(): void;
}

export interface HealthHooks {
  /** Other conditions of the first readiness. @defaultValue none */
  readonly holds?: readonly Hold[];
  /** Called with each request for a report, before the first report of readiness, which may depend on it. */
  readonly asked?: (request: ProbeRequest) => void;
  /** Called when the process has become ready for the first time. */
  readonly becameReady?: () => void;
  /** Closes the app when the process has served for long enough; its servers close meanwhile. */
  readonly close?: () => unknown;
  /** The log for readiness and draining; `false` for none. @defaultValue `console` */
  readonly log?: Log | false;
}

// A process that has drained ends by itself within this time; otherwise it is ended.
const LINGER_SECONDS = 1;
// By this time an app has registered its listeners for signals.
const STARTED_MILLISECONDS = 1_000;
// In development, the next start waits until this process has ended.
const DEVELOPMENT_SECONDS = 0.1;

/** Creates the health of a process. Throws `InvalidOption`, which names the option by its path below `health`. */
export function createHealth(options?: HealthOptions, hooks: HealthHooks = {}): Health {
  const settings = parseHealth(options);
  const { paths, schemas, details, scrapeSeconds } = settings;
  const checks = Array.from(settings.checks, ([name, check]) => createCheck(name, check));
  const log = createLog(hooks.log ?? console);
  const drainer = createDrainer({ opened: run, emptied: rest, close: () => hooks.close?.(), log });
  // Other code may use a schema that the app made, so such a schema is not stopped here.
  const polled = [...checks, ...schemas.filter((schema) => settings.own.has(schema))];
  let startedAt: number | undefined;
  let isScraped = false;
  let isClosed = false;
  let wasProbed = false;
  let forgetSignals: (() => void) | undefined;
  let started: NodeJS.Timeout | undefined;
  const parts = {
    checks,
    schemas,
    holds: [...(hooks.holds ?? []), ...(scrapeSeconds === undefined ? [] : [{ name: 'first-scrape', isOver: isSeen }])],
    isDraining: () => drainer.isDraining,
  };
  const readiness = createReadiness(parts);
  // A report makes the process count as serving. Until somebody has asked for a report, the log looks at a copy.
  const readinessLog = createReadinessLog(log, () =>
    (readiness.hasBeenReady ? readiness : createReadiness(parts)).report(),
  );
  drainer.onDrain(() => readinessLog.stop());
  const endpoints = Array.from(paths, ([path, probe]) => endpointOf(path, probe));

  return {
    endpoints,
    handle(request, response) {
      const match = endpointFor(endpoints, request);
      match?.endpoint.handle(request, response, match.check);
      return match !== undefined;
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
    heedSignals,
    start,
    watch: drainer.watch,
    drain: () => drainer.drain({ ...settings, cause: 'drain()' }),
    get isDraining() {
      return drainer.isDraining;
    },
    signal: drainer.signal,
    onDrain: drainer.onDrain,
    served: drainer.served,
    get wasProbed() {
      return wasProbed;
    },
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
    if (startedAt === undefined || isClosed || drainer.isDraining) return;
    for (const each of polled) each.start();
    readinessLog.start();
    heedSignals();
    started ??= setTimeout(warnOfExit, STARTED_MILLISECONDS).unref();
  }

  /** Leaves nothing behind in the process that would keep a closed app in memory, or query its database. */
  function rest(): void {
    forgetSignals?.();
    forgetSignals = undefined;
    readinessLog.stop();
    clearTimeout(started);
    for (const each of polled) each.stop();
  }

  /** A drain that the app itself starts holds no listener back. */
  function warnOfExit(): void {
    const listener = settings.signals.includes('SIGTERM') ? undefined : findExitingListener('SIGTERM');
    if (listener === undefined) return;
    warn(
      'COALMINE_DRAIN_UNPROTECTED',
      `The listener ${listener} ends the process at SIGTERM, or at a second one, and cuts the drain short. Leave health.signals out: Coalmine then calls the listener after the drain`,
      settings,
    );
  }

  function heedSignals(): void {
    if (!isClosed) forgetSignals ??= onSignals(settings.signals, { end, cut: drainer.cut, log });
  }

  async function end(signal: NodeJS.Signals): Promise<Ended> {
    const { drainSeconds, closeSeconds, lingerSeconds, ...terms } = termsAt(signal);
    // An admin port is not a server of the app, but a process that was ready through this port has served.
    const hasServed = drainer.isListening ?? (readiness.hasBeenReady || hasListener());
    const deadline = performance.now() + 1000 * (drainSeconds + settings.closeSeconds);
    if (hasServed) await drainer.drain({ ...terms, drainSeconds, closeSeconds });
    else await drainer.leave(signal, closeSeconds);
    return { hasServed, deadline, lingerSeconds };
  }

  function termsAt(signal: NodeJS.Signals): DrainTerms & { readonly lingerSeconds: number } {
    const { closeSeconds, drainSeconds, isAskedFor } = settings;
    const isTerminal = isatty(0);
    const terms = { cause: signal, drainSeconds, closeSeconds, lingerSeconds: LINGER_SECONDS };
    if (isAskedFor) return terms;
    const isUnderTsx = hiddenListeners(signal).length > 0;
    const sign = signOfDevelopment({ env: process.env, isTerminal, isUnderTsx, wasProbed });
    if (sign !== undefined) {
      const seconds = { drainSeconds: 0, closeSeconds: DEVELOPMENT_SECONDS, lingerSeconds: DEVELOPMENT_SECONDS };
      return { ...terms, ...seconds, shortBecause: `${sign}; health.drainSeconds asks for it` };
    }
    // No load balancer has to see the process unready first.
    if (signal !== 'SIGINT' || (wasProbed && !isTerminal)) return terms;
    const shortBecause = isTerminal ? 'a terminal sent the signal' : 'no probe was seen';
    return { ...terms, drainSeconds: 0, shortBecause };
  }

  function isSeen(): boolean {
    return isScraped || performance.now() - (startedAt ?? performance.now()) >= 1000 * (scrapeSeconds ?? 0);
  }

  function readyReport(): Report {
    wasProbed = true;
    start();
    const hadBeenReady = readiness.hasBeenReady;
    const report = readiness.report();
    if (!hadBeenReady && readiness.hasBeenReady) hooks.becameReady?.();
    return report;
  }

  function reportOf(probe: Probe): Report {
    if (probe === 'ready') return readyReport();
    wasProbed = true;
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
          warn('COALMINE_ENDPOINT_FAILED', `${path} could not be served: ${messageOf(error)}`, endpoint);
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
      // Nobody else handles its rejection, which would end the process.
      allowed.then(undefined, () => {});
      throw new TypeError('it returned a promise, and a probe cannot wait for it');
    } catch (error) {
      warnOfDetails(error);
      return false;
    }
  }

  function warnOfDetails(error: unknown): void {
    warn(
      'COALMINE_DETAILS_FAILED',
      `health.details failed, so none were shown: ${messageOf(error)}`,
      details as object,
    );
  }
}
