// Kills the processes and removes the folders that a test run leaves behind. However the run ends, even by SIGKILL, the
// operating system closes the pipe between the run and this process.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** The ids of processes, the negative ids of process groups, and the paths of folders. */
const leftovers = new Set();
for await (const line of createInterface({ input: process.stdin })) {
  const [change, leftover] = JSON.parse(line);
  leftovers[change](leftover);
}

for (const leftover of leftovers) {
  if (typeof leftover === 'number') kill(leftover);
}
for (const leftover of leftovers) {
  // A process may still write a moment after it was killed.
  if (typeof leftover === 'string') rmSync(leftover, { recursive: true, force: true, maxRetries: 20 });
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}
