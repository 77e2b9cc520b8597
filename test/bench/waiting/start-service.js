import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Starts a service in a process of its own.
 *
 * @param {'fastify' | 'express'} framework
 */
export function startService(framework) {
  const child = fork(fileURLToPath(new URL('./service.js', import.meta.url)), [framework], {
    // The service does not get the options of the parent, such as the conditions of a test runner.
    execArgv: [],
  });
  const exited = once(child, 'exit');
  return {
    /** The port, once the service listens. */
    port: once(child, 'message').then(([{ port }]) => port),
    /** Rejects when the process ends. */
    failed: exited.then(([code, signal]) => {
      throw new Error(`the ${framework} service has ended with ${signal ?? code}`);
    }),
    /** Ends the process at once, even while a handler holds its event loop. */
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
