import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { warn } from './warning.js';

const seen: { readonly name: string; readonly code: string; readonly message: string }[] = [];
const listen = (warning: Error): void => void seen.push(warning as never);

afterEach(() => {
  process.removeListener('warning', listen);
  seen.length = 0;
});

async function warnings(emit: () => void): Promise<readonly string[]> {
  process.on('warning', listen);
  emit();
  await setImmediate();
  return seen.map(({ name, code, message }) => `${name} ${code} ${message}`);
}

describe('a warning', () => {
  it('is emitted once for each cause and code', async () => {
    const [metric, other] = [{}, {}];
    const emitted = await warnings(() => {
      warn('COALMINE_COLLECT_FAILED', 'first', metric);
      warn('COALMINE_COLLECT_FAILED', 'again', metric);
      warn('COALMINE_COLLECT_FAILED', 'other', other);
      warn('COALMINE_TWO_CLIENTS', 'other code', metric);
    });
    expect(emitted).toEqual([
      'CoalmineWarning COALMINE_COLLECT_FAILED first',
      'CoalmineWarning COALMINE_COLLECT_FAILED other',
      'CoalmineWarning COALMINE_TWO_CLIENTS other code',
    ]);
  });

  it('without a cause is emitted every time', async () => {
    const emitted = await warnings(() => {
      warn('COALMINE_SCHEMA_STATE', 'behind');
      warn('COALMINE_SCHEMA_STATE', 'behind');
    });
    expect(emitted).toHaveLength(2);
  });
});
