import type { Scalar } from 'yaml';

/**
 * Returns the value of a scalar as kubectl reads it, by YAML 1.1: `yes` and `on` are true, `010` is 8. A time stays a
 * text.
 */
export function scalarOf({ type, tag, source, value }: Scalar): unknown {
  if (type !== 'PLAIN' || tag !== undefined || source === undefined) return value;
  if (/^(?:y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE)$/.test(source)) return true;
  if (/^(?:n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/.test(source)) return false;
  if (/^(?:|~|null|Null|NULL)$/.test(source)) return null;
  return parseNumber(source) ?? source;
}

function parseNumber(text: string): number | undefined {
  const [, sign = '', special] = /^([-+]?)\.(inf|Inf|INF)$/.exec(text) ?? [];
  if (special !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return Number.NaN;
  if (!/^[-+.\d]/.test(text)) return undefined;
  const plain = text.replaceAll('_', '');
  const [, minus = '', octal] = /^([-+]?)0[oO]?([0-7]+)$/.exec(plain) ?? [];
  if (octal !== undefined) return applySign(minus, Number.parseInt(octal, 8));
  const [, negative = '', based] = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+)$/.exec(plain) ?? [];
  if (based !== undefined) return applySign(negative, Number(based));
  return /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain) ? Number(plain) : undefined;
}

function applySign(sign: string, value: number): number {
  return sign === '-' ? -value : value;
}
