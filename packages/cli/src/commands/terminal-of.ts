import type { TerminalOptions } from '../report/terminal.js';

/** Returns what a stream can show, by its type and by the environment. */
export function terminalOf(stream: NodeJS.WriteStream): TerminalOptions {
  const { NO_COLOR = '', TERM = '', LANG = '', LC_ALL = LANG } = process.env;
  const isTerminal = stream.isTTY === true;
  return {
    colour: isTerminal && NO_COLOR === '' && TERM !== 'dumb',
    unicode: !isTerminal || /utf-?8/i.test(LC_ALL),
    width: stream.columns ?? 100,
  };
}
