import type { OperationsOptions } from '@coalmine/node';
import { InvalidOption, listOption, objectOption } from '@coalmine/options';
import type { Blame } from './fault.js';

/** The options of every GraphQL server, all of them optional. */
export interface GraphqlOptions extends Partial<OperationsOptions> {
  /** The path of the server, as the service serves it. @defaultValue where the server says it is, or `'/graphql'` */
  readonly path?: string;
  /** The HTTP methods that clients use: root fields have zeros for these. @defaultValue `['GET', 'POST']` */
  readonly methods?: readonly ('GET' | 'POST')[];
  /** Whose fault errors with codes of the app's own are. @defaultValue `'server'` for the codes in docs/graphql.md, else `'client'` */
  readonly codes?: Readonly<Record<string, Blame>>;
}

/** Parsed {@link GraphqlOptions}. */
export interface GraphqlSettings {
  readonly operations: Omit<OperationsOptions, 'path'>;
  readonly path: string | undefined;
  readonly methods: readonly string[];
  readonly codes: ReadonlyMap<string, Blame>;
}

const OPTIONS = ['path', 'objective', 'routes', 'maxOperations', 'methods', 'codes'] as const;
const METHODS: readonly ('GET' | 'POST')[] = ['GET', 'POST'];

/** Parses the options. Throws `InvalidOption`. */
export function parseOptions(options: GraphqlOptions | undefined): GraphqlSettings {
  const { path, methods = METHODS, codes, ...operations } = objectOption('options', options, OPTIONS);
  return {
    operations,
    path,
    methods: listOption('methods', methods, 'GET or POST', (method) => METHODS.includes(method)),
    codes: parseCodes(codes),
  };
}

function parseCodes(codes: unknown): ReadonlyMap<string, Blame> {
  if (codes === undefined) return new Map();
  if (typeof codes !== 'object' || codes === null || Array.isArray(codes)) {
    throw new InvalidOption('codes', "an object with 'client' or 'server' by code", codes);
  }
  for (const [code, blame] of Object.entries(codes)) {
    if (blame !== 'client' && blame !== 'server')
      throw new InvalidOption(`codes.${code}`, "'client' or 'server'", blame);
  }
  return new Map(Object.entries(codes));
}
