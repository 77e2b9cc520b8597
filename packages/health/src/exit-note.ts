import type { Log } from './log.js';

/** Returns a listener for `exit` that logs who ended the process before its drain was over. */
export function createExitNote(log: Log): (code: number) => void {
  return (code) => {
    const caller = callerOfExit();
    log.warn(
      caller === undefined
        ? `the process ended with ${code} before the drain was over`
        : `process.exit(${code}) has cut the drain short${caller}`,
    );
  };
}

/** Returns the place in the app that called `process.exit`, during that call; `undefined` if nobody called it. */
function callerOfExit(): string | undefined {
  const frames = new Error().stack?.split('\n') ?? [];
  const exit = frames.findIndex((frame) => /process\.exit\b|\bexit \(node:/.test(frame));
  if (exit === -1) return undefined;
  const caller = frames.slice(exit + 1).find((frame) => !frame.includes('node:'));
  return caller === undefined ? '' : `, called ${caller.trim()}`;
}
