import { cpus } from 'node:os';

/**
 * Starts to watch the machine. Returns a function that returns the share of the time for which its cores have been busy
 * since then: on a machine that is too busy, clients wait for the CPU, and not only for the service.
 */
export function watchMachine() {
  const before = readCores();
  return () => {
    const after = readCores();
    return 1 - (after.idle - before.idle) / (after.all - before.all);
  };
}

function readCores() {
  const cores = cpus().map(({ times }) => times);
  return {
    all: cores.flatMap((times) => Object.values(times)).reduce((sum, time) => sum + time, 0),
    idle: cores.reduce((sum, { idle }) => sum + idle, 0),
  };
}
