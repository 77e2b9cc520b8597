import { describe, expect, it } from 'vitest';
import { type History, withoutHoursOf } from './traffic.js';

const HOUR = 3600;

/** A history of four hours, of which the last two had failures and slow requests. */
const HISTORY: History = {
  slots: [0, 0, 0.3, 0.3].map((errorRatio, i) => ({
    at: (i + 1) * HOUR,
    perSecond: 10,
    errorRatio,
    timedPerSecond: 10,
    slowPerSecond: 10 * errorRatio,
  })),
  byHour: [],
  requests: 4 * HOUR * 10,
  errorRatio: 0.15,
  worstErrorRatio: 0.3,
  usualErrorRatio: 0.3,
  overShare: 0.15,
  timedShare: 1,
  routes: [],
  bounds: [],
  over: [],
  objective: 0.5,
  appObjective: undefined,
  nearestBound: undefined,
  notes: [],
};

describe('the usual failures of a service', () => {
  it('leave out the hours of a bad release, which may be half of all hours', () => {
    const without = withoutHoursOf(HISTORY, [{ from: 2 * HOUR, to: 4 * HOUR }]);
    expect(without).toEqual({ ...HISTORY, usualErrorRatio: 0, overShare: 0 });
  });

  it('are the failures of all hours if no release was bad', () => {
    expect(withoutHoursOf(HISTORY, [])).toBe(HISTORY);
  });

  it('are not known if a bad release served all the time', () => {
    const without = withoutHoursOf(HISTORY, [{ from: 0, to: 9 * HOUR }]);
    expect([without.usualErrorRatio, without.overShare]).toEqual([undefined, undefined]);
  });

  it('keep the slowness of the histogram if the app does not count slow requests', () => {
    const uncounted = {
      ...HISTORY,
      slots: HISTORY.slots.map((slot) => ({ ...slot, timedPerSecond: 0, slowPerSecond: 0 })),
    };
    expect(withoutHoursOf(uncounted, [{ from: 2 * HOUR, to: 4 * HOUR }]).overShare).toBe(0.15);
  });
});
