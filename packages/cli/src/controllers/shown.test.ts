import { describe, expect, it } from 'vitest';
import { showCount, showNumber, showPlural, showResult, showShare, showSpan, showTime } from './shown.js';

describe('in a report', () => {
  it.each([
    [undefined, 'nothing'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [0, '0'],
    [1234567, '1234567'],
    [0.123456, '0.1235'],
    [-12.34567, '-12.35'],
    [0.001, '0.001'],
    [0.00012345, '1.23e-4'],
  ])('the number %d is %s', (value, text) => {
    expect(showNumber(value)).toBe(text);
  });

  it('a result has at most ten values, and says how many there were', () => {
    const show = (values: readonly number[]): string => showResult({ at: 0, phase: 'Successful', values });
    expect(show([])).toBe('nothing');
    expect(show([1, 0.5])).toBe('1, 0.5');
    expect(show(Array(10).fill(1))).toBe('1, 1, 1, 1, 1, 1, 1, 1, 1, 1');
    expect(show(Array(11).fill(1))).toBe('1, 1, 1, 1, 1, 1, 1, 1, 1, 1, … (11 values)');
  });

  it('a time is in UTC and has seconds', () => {
    expect(showTime(1_767_323_045.678)).toBe('2026-01-02T03:04:05Z');
    expect(showTime(0)).toBe('1970-01-01T00:00:00Z');
  });

  it('requests are whole and have commas', () => {
    expect(showCount(1203.6)).toBe('1,204');
    expect(showCount()).toBe('0');
  });

  it('a share has two digits', () => {
    expect([0, 0.0612, 0.00012, 1, 0.995].map(showShare)).toEqual(['0 %', '6.1 %', '0.012 %', '100 %', '100 %']);
  });

  it('one is singular, also after rounding', () => {
    expect([0, 0.9, 1.2, 1.5].map((value) => showPlural(value, 'request', 'requests'))).toEqual([
      '0 requests',
      '1 request',
      '1 request',
      '2 requests',
    ]);
  });

  it('a span is in minutes if they are whole', () => {
    expect([90, 300, 3600].map(showSpan)).toEqual(['90 s', '5 min', '60 min']);
  });
});
