import { describe, expect, it } from 'vitest';
import { nanoseconds, secondsIn } from './duration.js';

// As measured with time.ParseDuration of Go 1.26.
describe('a duration of Go', () => {
  it.each([
    ['90s', 90e9],
    ['1h30m', 5400e9],
    ['1m1h', 3660e9],
    ['-500ms', -0.5e9],
    ['+2m', 120e9],
    ['1.5h', 5400e9],
    ['.5s', 0.5e9],
    ['1.s', 1e9],
    ['0', 0],
    ['3ns', 3],
    ['1us', 1e3],
    ['1\u00b5s', 1e3],
    ['1\u03bcs', 1e3],
    ['9223372036s', 9223372036e9],
  ])('%s has %d nanoseconds', (text, size) => {
    expect(nanoseconds(text)).toBe(size);
  });

  it.each(['', '5', '1d', '1h ', ' 1h', 's', '.s', '--1s', '1h30', '1e3s', '1h-1m'])('is not written as %j', (text) => {
    expect(() => nanoseconds(text)).toThrow(`${JSON.stringify(text)} is not a duration such as 90s or 1h30m`);
  });

  it.each(['9223372037s', '2562048h', '-2562048h'])('is not longer than 292 years: %s', (text) => {
    expect(() => nanoseconds(text)).toThrow(`${text} is not a duration: it is too long`);
  });

  it('has seconds, which are not a number for any other text', () => {
    expect(secondsIn('1m30s')).toBe(90);
    expect(secondsIn('-250ms')).toBe(-0.25);
    expect(secondsIn('soon')).toBeNaN();
  });
});
