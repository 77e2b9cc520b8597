import { oneLine } from './reason.js';

/** A logger, such as `app.log`, pino or `console`. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}

/** Returns a log that prefixes each message and never throws, whatever `log` does. `false` logs nothing. */
export function createLog(log: Log | false): Log {
  const say = (level: keyof Log, message: string): void => {
    if (log === false) return;
    try {
      const line = `coalmine: ${message}`;
      if (log === console) writeToConsole(level, line);
      else log[level](line);
    } catch {
      // A logger that fails must not keep a process from ending.
    }
  };
  return { info: (message) => say('info', message), warn: (message) => say('warn', message) };
}

/**
 * Writes to the console, whoever reads it. At a Ctrl-C, a program that reads the output through a pipe may end first, and Node
 * would end this process at its second message.
 */
function writeToConsole(level: keyof Log, line: string): void {
  const stream = level === 'info' ? process.stdout : process.stderr;
  const ignore = (): void => {};
  stream.on('error', ignore);
  console[level](line);
  stream.write('', () => setImmediate(() => stream.off('error', ignore)));
}

const LENGTH_AT_MOST = 300;

/** Returns the text on one line, without the passwords that errors of drivers contain. */
export function withoutPasswords(text: string): string {
  const line = oneLine(text)
    .replace(/(\w:\/\/)[^\s/@]*@/g, '$1***@')
    .replace(/\b(password|passwd|pwd|secret|token|api[-_]?key)(["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi, '$1$2***')
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 ***');
  return line.length <= LENGTH_AT_MOST ? line : `${line.slice(0, LENGTH_AT_MOST - 1)}…`;
}
