import { describe, expect, it } from 'vitest';
import { InvalidOption, within } from './invalid-option.js';

describe('an option that is wrong within a group', () => {
  const thrownBy = (option: string): unknown => {
    try {
      within('metrics', ['objective'], () => {
        throw new InvalidOption(option, 'a string', 7);
      });
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it('is named by the path that a user typed', () => {
    expect(thrownBy('names.labels.route')).toMatchObject({
      code: 'COALMINE_INVALID_OPTION',
      option: 'metrics.names.labels.route',
      value: 7,
      message: 'metrics.names.labels.route must be a string, got 7',
    });
  });

  it('keeps its name where it is typed outside the group', () => {
    expect(thrownBy('objective.latency')).toMatchObject({ message: 'objective.latency must be a string, got 7' });
  });

  it('is the only kind of error that is renamed, and a result is passed on', () => {
    const other = new Error('other');
    expect(() =>
      within('metrics', [], () => {
        throw other;
      }),
    ).toThrow(other);
    expect(within('metrics', [], () => 'fine')).toBe('fine');
  });
});
