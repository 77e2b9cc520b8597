import type { FailOptions } from '@coalmine/node';

/** An error of an operation, by shape: in the form of graphql-js, or as a client gets it. */
export interface OperationError {
  readonly name?: string;
  readonly message?: unknown;
  /** The place of the error in the result; absent if the error belongs to the whole operation. */
  readonly path?: readonly unknown[] | undefined;
  readonly nodes?: readonly { readonly kind: string }[] | undefined;
  readonly extensions?: { readonly code?: unknown; readonly http?: unknown } | null | undefined;
  readonly originalError?: unknown;
}

/** Whose fault an error is. */
export type Blame = 'client' | 'server';

/** The rules for the errors of one server. */
export interface FaultRules {
  /** Whose fault an error is, by its code. */
  readonly codes: ReadonlyMap<string, Blame>;
  /** Whether an error without a code is meant for the client, given the error that the app has thrown. */
  isMeant(thrown: OperationError, error: OperationError): boolean;
}

// The codes with which servers, gateways and gRPC name an internal error. Any other code tells the client something.
const SERVER_CODES: ReadonlyMap<string, number> = new Map([
  ...[
    ['INTERNAL_SERVER_ERROR', 'INTERNAL_ERROR', 'INTERNAL', 'SERVER_ERROR'],
    ['UNEXPECTED_ERROR', 'UNKNOWN_ERROR', 'UNKNOWN', 'DATA_LOSS', 'DATABASE_ERROR'],
    ['NOT_IMPLEMENTED', 'UNIMPLEMENTED', 'BAD_GATEWAY', 'DOWNSTREAM_SERVICE_ERROR', 'SUBREQUEST_HTTP_ERROR'],
  ]
    .flat()
    .map((code) => [code, 500] as const),
  ['SERVICE_UNAVAILABLE', 503],
  ['UNAVAILABLE', 503],
  ['GATEWAY_TIMEOUT', 504],
  ['TIMEOUT', 504],
  ['DEADLINE_EXCEEDED', 504],
]);

/**
 * Returns the error that fails an operation, or `undefined` if all of its errors are the client's fault. `shown` are
 * the errors that the client gets, and `raw` are the same errors as the app has thrown them, as far as they are known.
 */
export function findFault(
  shown: readonly OperationError[],
  raw: readonly OperationError[] | undefined,
  rules: FaultRules,
): FailOptions | undefined {
  const thrown = raw?.length === shown.length ? raw : shown;
  for (let i = 0; i < shown.length; i++) {
    const own = thrown[i] as OperationError;
    const status = faultStatus(shown[i] as OperationError, own, rules);
    if (status !== undefined) return { status, reason: reasonOf(own) };
  }
  return undefined;
}

/**
 * Returns the status of an error that is the server's fault, or `undefined` for an error that is the client's fault.
 */
function faultStatus(shown: OperationError, raw: OperationError, { codes, isMeant }: FaultRules): number | undefined {
  const givenStatus = httpStatus(shown) ?? httpStatus(raw) ?? 200;
  if (givenStatus >= 500) return givenStatus;
  const ownCode = codeOf(raw);
  // A formatter may have given the error a code, or may have removed it.
  const code = codeOf(shown) ?? ownCode;
  if (code === undefined) return givenStatus >= 400 || isMeant(findThrown(raw), raw) ? undefined : 500;
  const blame = codes.get(code);
  if (blame !== undefined) return blame === 'server' ? 500 : undefined;
  // Apollo and Yoga call an error without a code internal, even if it asks for the status of a client's mistake.
  if (givenStatus >= 400 && ownCode === undefined) return undefined;
  return SERVER_CODES.get(code.toUpperCase()) ?? (/^5\d\d$/.test(code) ? Number(code) : undefined);
}

function codeOf({ extensions }: OperationError): string | undefined {
  const code = extensions?.code;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
}

/** Returns the HTTP status that an error asks for, as Apollo and Yoga read it. */
function httpStatus({ extensions }: OperationError): number | undefined {
  const { status } = (extensions?.http ?? {}) as { readonly status?: unknown };
  return typeof status === 'number' ? status : undefined;
}

/** Returns the error that the app has thrown: execution wraps it in an error with the place of the field. */
function findThrown(error: OperationError): OperationError {
  let thrown = error;
  // No cause is this deep, unless it is its own cause.
  for (let depth = 0; depth < 10 && isObject(thrown.originalError); depth++) thrown = thrown.originalError;
  return thrown;
}

function reasonOf(error: OperationError): string {
  const { message } = findThrown(error);
  return typeof message === 'string' ? message : 'an error without a message';
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Whether an app has thrown an error to tell its client something: an error of GraphQL that execution itself has not
 * thrown.
 */
export function isTold(thrown: OperationError, { path }: OperationError): boolean {
  return isGraphqlError(thrown) && (path === undefined || !isBadResult(thrown));
}

function isGraphqlError(error: OperationError): boolean {
  return error.name === 'GraphQLError' || Object.prototype.toString.call(error) === '[object GraphQLError]';
}

const BAD_RESULT =
  /^(?:(?:\w+|Enum ".*") cannot represent |Expected (?:Iterable|value of type)|Abstract type |Runtime Object type |Support for returning GraphQLObjectType)/;

/** Whether execution itself has thrown an error, because a resolver returned a value that the schema does not allow. */
function isBadResult({ message }: OperationError): boolean {
  return typeof message === 'string' && BAD_RESULT.test(message);
}
