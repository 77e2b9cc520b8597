import type { Cluster, Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import { warn } from '@coalmine/options';

/**
 * Asks all workers to end, and resolves once they have ended. Kills a worker that has not ended in time, and lets no
 * worker start meanwhile.
 */
export async function endWorkers(cluster: Cluster, seconds: number): Promise<void> {
  cluster.on('fork', (worker) => refuse(cluster, worker));
  const workers = Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker?.isDead() === false);
  const ended = Promise.all(workers.map(exitOf));
  // A worker that has the signal already, as a member of a signalled group, ignores the second one.
  for (const { process } of workers) process.kill('SIGTERM');
  await Promise.race([ended, delay(1_000 * seconds, undefined, { ref: false })]);
  const late = workers.filter((worker) => !worker.isDead());
  if (late.length === 0) return;
  const pids = late.map(({ process }) => process.pid).join(', ');
  warn(
    'COALMINE_WORKERS_KILLED',
    `${late.length} of ${workers.length} workers had not ended ${seconds} s after the signal and were killed: ${pids}`,
  );
  for (const { process } of late) process.kill('SIGKILL');
  await ended;
}

function exitOf({ process }: Worker): Promise<void> {
  return new Promise((resolve) => {
    process.once('exit', () => resolve());
  });
}

/**
 * Kills a worker before it runs. The app does not learn of its exit, because an app that forks a worker for each exit
 * would fork for ever.
 */
function refuse(cluster: Cluster, { id, process }: Worker): void {
  process.removeAllListeners('exit').removeAllListeners('disconnect');
  process.kill('SIGKILL');
  delete cluster.workers?.[id];
}
