import { describe, expect, it } from 'vitest';
import { formatFloat, parseFloat64, parseInteger, truncate, wrapInt64 } from './number.js';

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

// As measured with Go 1.26 on amd64.
describe('an integer of Go', () => {
  it.each([
    [MOST, MOST],
    [MOST + 1n, LEAST],
    [LEAST - 1n, MOST],
    [2n ** 64n + 5n, 5n],
  ])('wraps to 64 bits: %d becomes %d', (value, wrapped) => {
    expect(wrapInt64(value)).toBe(wrapped);
  });

  it.each([
    [1.9, 1n],
    [-1.9, -1n],
    [1e300, LEAST],
    [2 ** 63, LEAST],
    [-(2 ** 63), LEAST],
    [Number.NaN, LEAST],
    [Number.POSITIVE_INFINITY, LEAST],
  ])('is what a float has before its point, or the least one if that does not fit: %d becomes %d', (value, integer) => {
    expect(truncate(value)).toBe(integer);
  });

  it.each([
    ['7', 7n],
    ['-7', -7n],
    ['+7', 7n],
    ['007', 7n],
    ['9223372036854775807', MOST],
    ['-9223372036854775808', LEAST],
  ])('is read from %s', (text, integer) => {
    expect(parseInteger(text)).toBe(integer);
  });

  it.each(['', '1.0', '1_000', '0x10', ' 1', '+-1'])('is not read from %j', (text) => {
    expect(() => parseInteger(text)).toThrow(`${JSON.stringify(text)} is not an integer`);
  });

  it.each(['9223372036854775808', '-9223372036854775809'])('has 64 bits at most: %s', (text) => {
    expect(() => parseInteger(text)).toThrow(`${text} does not fit in 64 bits`);
  });
});

describe('a float of Go', () => {
  it.each([
    ['1', 1],
    ['1.', 1],
    ['.5', 0.5],
    ['-.5', -0.5],
    ['+1e3', 1000],
    ['1E-3', 0.001],
    ['1e-400', 0],
    ['1_000.000_5', 1000.0005],
    ['inf', Number.POSITIVE_INFINITY],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ['+infinity', Number.POSITIVE_INFINITY],
    ['nan', Number.NaN],
  ])('is read from %s', (text, value) => {
    expect(parseFloat64(text)).toBe(value);
  });

  it.each(['', '.', '1e', '+nan', '-NaN', '1,5', ' 1', '_1', '1_', '1__0', '1_.5'])('is not read from %j', (text) => {
    expect(() => parseFloat64(text)).toThrow(`${JSON.stringify(text)} is not a number`);
  });

  it('does not grow to infinity while it is read', () => {
    expect(() => parseFloat64('1e400')).toThrow('1e400 is out of range');
  });

  it('is not known here if it is hexadecimal', () => {
    expect(() => parseFloat64('0x1p3')).toThrow('the hexadecimal float 0x1p3');
  });

  it.each([
    [0, '0'],
    [-0, '-0'],
    [100000, '100000'],
    [999999, '999999'],
    [1e6, '1e+06'],
    [1234567, '1.234567e+06'],
    [1e21, '1e+21'],
    [1e100, '1e+100'],
    [0.0001, '0.0001'],
    [0.000123, '0.000123'],
    [0.00001, '1e-05'],
    [-2.5, '-2.5'],
    [0.1 + 0.2, '0.30000000000000004'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('%d is printed as %s', (value, text) => {
    expect(formatFloat(value)).toBe(text);
  });
});
