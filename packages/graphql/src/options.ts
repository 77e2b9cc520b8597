import type { OperationsOptions } from '@coalmine/node';
import { InvalidOption, isMapping, listOption, objectOption } from '@coalmine/options';
import type { Blame } from './fault.js';

/** The options of every GraphQL server, all of them optional. */
export interface GraphqlOptions extends Partial<OperationsOptions> {
  /** The path at which the service serves GraphQL. @defaultValue the path that the server reports, or `'/graphql'` */
  readonly path?: string;
  /** The HTTP methods that clients use: the series of root fields exist for these. @defaultValue `['GET', 'POST']` */
  readonly methods?: readonly ('GET' | 'POST')[];
  /**
   * Whose fault an error with a code of the app is. @defaultValue `'server'` for the codes in docs/graphql.md,
   * otherwise `'client'`
   */
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

function parseCodes(codes: GraphqlOptions['codes']): ReadonlyMap<string, Blame> {
  if (codes === undefined) return new Map();
  if (!isMapping(codes)) throw new InvalidOption('codes', "an object with 'client' or 'server' by code", codes);
  for (const [code, blame] of Object.entries(codes)) {
    if (blame !== 'client' && blame !== 'server')
      throw new InvalidOption(`codes.${code}`, "'client' or 'server'", blame);
  }
  return new Map(Object.entries(codes));
}
