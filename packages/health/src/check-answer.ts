import { types } from 'node:util';
import { messageOf, textOf } from '@coalmine/options';
import type { CheckAnswer } from './check-options.js';
import { reasonOf } from './reason.js';

// A probe gets its response from memory, and anybody who sees details reads it: it shows a value, not a document.
const MEMBERS_AT_MOST = 200;
const LENGTH_AT_MOST = 2_000;

/**
 * Returns the result of a run of a check in a form that JSON can carry: a copy, because the app keeps the original. A
 * driver's own result is a pass, whatever fields it has. Throws only what reading `status` throws.
 */
export function parseAnswer(value: unknown): CheckAnswer {
  if (value === false) return { status: 'fail', output: 'returned false' };
  if (typeof value !== 'object' || value === null) return { status: 'pass' };
  if (value instanceof Error || types.isNativeError(value)) return { status: 'fail', output: reasonOf(value) };
  const { status } = value as Partial<CheckAnswer>;
  if (status !== 'pass' && status !== 'warn' && status !== 'fail') return parseIndicator(value);
  const [output, observed, unit] = ['output', 'observedValue', 'observedUnit'].map((key) => memberOf(value, key));
  return {
    status,
    ...(output === undefined ? {} : { output: textOf(output) }),
    ...(observed === undefined ? {} : { observedValue: jsonValueOf(observed) }),
    ...(unit === undefined ? {} : { observedUnit: textOf(unit) }),
  };
}

/** Returns a result as {@link parseAnswer} does, except that `undefined` and `null` are failures. */
export function parseProof(value: unknown): CheckAnswer {
  if (value !== undefined && value !== null) return parseAnswer(value);
  return { status: 'fail', output: `returned ${value}, and passes with true or another value` };
}

/**
 * Reads what an indicator of Terminus returns. Since Terminus 11, an indicator that is down does not throw, but returns
 * `{ database: { status: 'down' } }`.
 */
function parseIndicator(value: object): CheckAnswer {
  const [name = '', ...others] = Object.keys(value);
  const indicator = memberOf(value, name) as { readonly status?: unknown; readonly message?: unknown } | undefined;
  const said = others.length === 0 ? indicator?.status : undefined;
  if (said !== 'down' && said !== 'degraded') return { status: 'pass' };
  const message = indicator?.message ?? `${name} is ${said}`;
  return { status: said === 'down' ? 'fail' : 'warn', output: textOf(message) };
}

function memberOf(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key] ?? undefined;
  } catch (error) {
    return `unreadable: ${messageOf(error)}`;
  }
}

/** Returns a copy of a value that JSON can carry, or the value as text. Never throws. */
function jsonValueOf(value: unknown): unknown {
  try {
    const json = ArrayBuffer.isView(value) ? undefined : JSON.stringify(value, createReplacer());
    // JSON turns a value that it has no word for, such as an invalid date, into `null`.
    if (json !== undefined && json !== 'null' && json.length <= LENGTH_AT_MOST) return JSON.parse(json);
  } catch {
    // The value has a cycle, a `toJSON` or a getter that throws, or too many members.
  }
  return textOf(value);
}

function createReplacer(): (key: string, value: unknown) => unknown {
  let members = 0;
  return (_key, value) => {
    if (++members > MEMBERS_AT_MOST) throw new RangeError('too many members');
    const isPlain = typeof value === 'object' || typeof value === 'boolean' || typeof value === 'undefined';
    return isPlain || (typeof value === 'number' && Number.isFinite(value)) ? value : textOf(value);
  };
}
