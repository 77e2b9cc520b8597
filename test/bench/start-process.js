import { fork } from 'node:child_process';
import { once } from 'node:events';

/**
 * Starts a module as a process that responds to each message with one message.
 *
 * @param {URL} module
 * @param {readonly string[]} args
 * @param {import('node:child_process').ForkOptions} [options]
 */
export function startProcess(module, args = [], options = {}) {
  const child = fork(module, args, options);
  const next = async () => {
    const waiting = new AbortController();
    const ended = once(child, 'exit', waiting).then(() => {
      throw new Error(`${module.pathname} ended before it had responded`);
    });
    try {
      const [answer] = await Promise.race([once(child, 'message', waiting), ended]);
      return answer;
    } finally {
      waiting.abort();
    }
  };
  return {
    /** Returns the next message. */
    next,
    /** Sends a message, and returns the next one. */
    ask(question) {
      child.send(question);
      return next();
    },
    /** Ends the process, and resolves once it has ended. */
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
