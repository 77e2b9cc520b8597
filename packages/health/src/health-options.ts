import type { IncomingMessage } from 'node:http';
import { constants } from 'node:os';
import {
  functionOption,
  InvalidOption,
  isMapping,
  listOption,
  objectOption,
  secondsOption,
  secondsOrZeroOption,
  timerSeconds,
  within,
} from '@coalmine/options';
import { type CheckSettings, type HealthCheck, parseChecks } from './check-options.js';
import { createSchema, type Schema } from './schema/schema.js';
import type { SchemaOptions } from './schema/schema-options.js';

/** The three probes of Kubernetes. */
export type Probe = 'live' | 'ready' | 'startup';

/** The part of a request that is read, of `node:http` or of the compatibility API of `node:http2`. */
export type ProbeRequest = Pick<IncomingMessage, 'headers' | 'method' | 'url' | 'socket'>;

export interface HealthOptions {
  /** The path of each probe; `false` for none. @defaultValue `/livez`, `/readyz`, `/startupz` */
  readonly paths?: {
    readonly live?: string | false;
    readonly ready?: string | false;
    readonly startup?: string | false;
  };
  /** More paths, such as `{ '/healthz': 'ready' }`. @defaultValue none */
  readonly aliases?: Readonly<Record<string, Probe>>;
  /** The checks to run in the background, by name. @defaultValue none */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  /** The schema of a database, or of several: its options, or a schema made by `createSchema`. @defaultValue none */
  readonly schema?: SchemaOptions | Schema | readonly (SchemaOptions | Schema)[];
  /** Who sees names, reasons and times; anybody else sees one word. @defaultValue `'never'` */
  readonly details?: 'never' | 'always' | ((request: ProbeRequest) => boolean);
  /** Holds the first readiness until the metrics have been scraped, or until `maxSeconds` are over. @defaultValue no */
  readonly afterScrape?: { readonly maxSeconds: number };
  /**
   * Seconds for which a process that has been told to end keeps serving, unready. @defaultValue `5`; in development,
   * none
   */
  readonly drainSeconds?: number;
  /** Seconds after `drainSeconds` within which the process must have closed. @defaultValue `20` */
  readonly closeSeconds?: number;
  /**
   * The signals at which the process drains; none for an app that calls `drain()` itself. @defaultValue `['SIGTERM',
   * 'SIGINT']`
   */
  readonly signals?: readonly NodeJS.Signals[];
}

/** Parsed {@link HealthOptions}. */
export interface HealthSettings {
  /** By path. */
  readonly paths: ReadonlyMap<string, Probe>;
  readonly checks: ReadonlyMap<string, CheckSettings>;
  readonly schemas: readonly Schema[];
  /** The schemas that were made here, from options. */
  readonly own: ReadonlySet<Schema>;
  readonly details: 'never' | 'always' | ((request: ProbeRequest) => boolean);
  /** `undefined` if readiness does not wait for a scrape. */
  readonly scrapeSeconds: number | undefined;
  readonly drainSeconds: number;
  readonly closeSeconds: number;
  readonly signals: readonly NodeJS.Signals[];
  /** Whether the app itself has said how to drain. */
  readonly isAskedFor: boolean;
}

const KEYS = [
  'paths',
  'aliases',
  'checks',
  'schema',
  'details',
  'afterScrape',
  'drainSeconds',
  'closeSeconds',
  'signals',
] as const;
const PROBES: readonly Probe[] = ['live', 'ready', 'startup'];
const PATHS: Readonly<Record<Probe, string>> = { live: '/livez', ready: '/readyz', startup: '/startupz' };

/** Parses the options. Throws `InvalidOption`, which names the option by its path below `health`. */
export function parseHealth(options: HealthOptions | undefined): HealthSettings {
  const given = objectOption('health', options, KEYS);
  const { maxSeconds } = objectOption('afterScrape', given.afterScrape, ['maxSeconds']);
  if (given.afterScrape !== undefined && maxSeconds === undefined) {
    throw new InvalidOption('afterScrape.maxSeconds', 'a finite number of seconds above 0', maxSeconds);
  }
  const schemas = parseSchemas(given.schema);
  const ready: readonly unknown[] = [given.schema].flat();
  return {
    paths: parsePaths(given.paths, given.aliases),
    checks: parseChecks(given.checks),
    schemas,
    own: new Set(schemas.filter((schema) => !ready.includes(schema))),
    details: parseDetails(given.details),
    scrapeSeconds: given.afterScrape && secondsOption('afterScrape.maxSeconds', maxSeconds, 0),
    drainSeconds: timerSeconds(secondsOrZeroOption('drainSeconds', given.drainSeconds, 5)),
    closeSeconds: timerSeconds(secondsOption('closeSeconds', given.closeSeconds, 20)),
    signals: listOption(
      'signals',
      given.signals ?? ['SIGTERM', 'SIGINT'],
      'a signal that a process can catch',
      canCatch,
    ),
    isAskedFor: given.drainSeconds !== undefined || given.signals !== undefined,
  };
}

/** Whether a process can listen for a signal. For any other name, a listener would wait in vain, or Node throws. */
function canCatch(signal: NodeJS.Signals): boolean {
  return Object.hasOwn(constants.signals, signal) && signal !== 'SIGKILL' && signal !== 'SIGSTOP';
}

function parsePaths(paths: HealthOptions['paths'], aliases: HealthOptions['aliases']): ReadonlyMap<string, Probe> {
  const given = objectOption('paths', paths, PROBES);
  const found = new Map<string, Probe>();
  const add = (option: string, path: string, probe: Probe): void => {
    if (typeof path !== 'string' || !/^\/[^?#\s:*]*$/.test(path)) {
      throw new InvalidOption(option, "false or a path that begins with '/', without parameters and query", path);
    }
    if (found.has(path)) throw new InvalidOption(option, 'different from every other path', path);
    found.set(path, probe);
  };
  for (const probe of PROBES) {
    const path = given[probe] ?? PATHS[probe];
    if (path !== false) add(`paths.${probe}`, path, probe);
  }
  if (aliases !== undefined && !isMapping(aliases)) {
    throw new InvalidOption('aliases', "an object such as { '/healthz': 'ready' }", aliases);
  }
  for (const [path, probe] of Object.entries(aliases ?? {})) {
    if (!PROBES.includes(probe)) throw new InvalidOption(`aliases['${path}']`, `one of ${PROBES.join(', ')}`, probe);
    add('aliases', path, probe);
  }
  return found;
}

function parseSchemas(schema: HealthOptions['schema']): readonly Schema[] {
  if (schema === undefined) return [];
  const schemas = within('schema', ['schema'], () => [schema].flat().map(toSchema));
  const names = schemas.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InvalidOption('schema', 'named differently each: give its source a `name`', twice);
  return schemas;
}

function toSchema(schema: SchemaOptions | Schema): Schema {
  return typeof (schema as Partial<Schema> | null)?.whileServing === 'function'
    ? (schema as Schema)
    : createSchema(schema as SchemaOptions);
}

function parseDetails(details: HealthOptions['details']): HealthSettings['details'] {
  if (details === undefined || details === 'never' || details === 'always') return details ?? 'never';
  if (typeof details === 'string') throw new InvalidOption('details', "'never', 'always' or a function", details);
  return functionOption('details', details) ?? 'never';
}
