import { describe, expect, it } from 'vitest';
import { NotKnownHereError } from '../not-known-here.js';
import { instantIn } from './time.js';

const RFC3339 = '2006-01-02T15:04:05Z07:00';
const DATE_TIME = '2006-01-02 15:04:05';

// As measured with time.Parse of Go 1.26.
describe('a time that follows a layout of Go', () => {
  it.each([
    ['2026-02-28T10:11:12Z', RFC3339, 1_772_273_472_000_000_000n],
    ['2026-02-28T10:11:12.5+01:30', RFC3339, 1_772_268_072_500_000_000n],
    ['2026-01-02T00:00:00-00:30', RFC3339, 1_767_313_800_000_000_000n],
    ['2026-01-02 03:04:05,123456789012', DATE_TIME, 1_767_323_045_123_456_789n],
    ['2026-01-02  03:04:05', DATE_TIME, 1_767_323_045_000_000_000n],
    ['2024-02-29', '2006-01-02', 1_709_164_800_000_000_000n],
    ['29.02.2024', '02.01.2006', 1_709_164_800_000_000_000n],
    ['10:11', '15:04', -62_167_182_540_000_000_000n],
    ['9:11', '15:04', -62_167_186_140_000_000_000n],
  ])('%s (%s) is %d', (text, layout, instant) => {
    expect(instantIn(text, layout)).toBe(instant);
  });

  it.each([
    ['2026-02-29', '2006-01-02', 'the day of "2026-02-29" is out of range'],
    ['2026-00-02', '2006-01-02', 'the month of "2026-00-02" is out of range'],
    ['2026-13-02', '2006-01-02', 'the month of "2026-13-02" is out of range'],
    ['24:00', '15:04', 'the hour of "24:00" is out of range'],
    ['10:60', '15:04', 'the minute of "10:60" is out of range'],
    ['2026-1-02', '2006-01-02', '"2026-1-02" is not written as 2006-01-02'],
    ['2026-01-02 ', '2006-01-02', '"2026-01-02 " is not written as 2006-01-02'],
  ])('is not %s (%s)', (text, layout, message) => {
    expect(() => instantIn(text, layout)).toThrow(message);
  });

  it.each(['Jan 2 2006', '3:04PM', '2006-01-02 MST', '15:04:05.000', '2006 2006'])(
    'is not known here if the layout has more than numbers, or a part twice: %s',
    (layout) => {
      expect(() => instantIn('2026', layout)).toThrow(NotKnownHereError);
    },
  );
});
