import { afterEach, describe, expect, it, vi } from 'vitest';
import { terminalOf } from './terminal.js';

type Environment = Readonly<Partial<Record<'NO_COLOR' | 'TERM' | 'LC_ALL' | 'LC_CTYPE' | 'LANG', string>>>;

/** Returns what a stream shows in an environment without other variables. */
function shownBy(stream: Partial<NodeJS.WriteStream>, environment: Environment = {}) {
  for (const name of ['NO_COLOR', 'TERM', 'LC_ALL', 'LC_CTYPE', 'LANG'] as const) {
    vi.stubEnv(name, environment[name]);
  }
  return terminalOf(stream as NodeJS.WriteStream);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

const TERMINAL = { isTTY: true, columns: 120 } as const;

describe('a terminal', () => {
  it.each<[environment: Environment, isUnicode: boolean]>([
    [{}, false],
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LANG: 'C' }, false],
    [{ LANG: 'C', LC_ALL: 'C.utf8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'en_US.UTF-8', LC_ALL: '' }, true],
    // Terminals of macOS set only this one.
    [{ LC_CTYPE: 'UTF-8' }, true],
    [{ LC_CTYPE: 'C', LANG: 'en_US.UTF-8' }, false],
  ])('with %j shows the characters of Unicode: %s', (environment, isUnicode) => {
    expect(shownBy(TERMINAL, environment)).toEqual({ colour: true, unicode: isUnicode, width: 120 });
  });

  it('shows no colour if the user or the terminal wants none', () => {
    expect(shownBy(TERMINAL, { NO_COLOR: '1' }).colour).toBe(false);
    expect(shownBy(TERMINAL, { NO_COLOR: '' }).colour).toBe(true);
    expect(shownBy(TERMINAL, { TERM: 'dumb' }).colour).toBe(false);
  });
});

it('a file or a pipe has no colour, all characters, and 100 columns', () => {
  expect(shownBy({}, { LC_ALL: 'C' })).toEqual({ colour: false, unicode: true, width: 100 });
});
