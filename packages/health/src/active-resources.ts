// Standard input and output show as these while they hold nothing. A channel or a socket of a path shows as a pipe,
// too.
const STANDARD_STREAMS = new Set(['TTYWrap', 'PipeWrap', 'CloseReq']);

/** Returns whether any server of this process listens, including servers that Coalmine does not know. */
export function hasListener(): boolean {
  const resources = process.getActiveResourcesInfo();
  if (resources.includes('TCPServerWrap') || resources.includes('PipeServerWrap')) return true;
  // The primary of a cluster listens for its workers.
  const cluster = process.getBuiltinModule('node:cluster') as unknown as { readonly isWorker: boolean };
  return cluster.isWorker;
}

/** Returns what keeps the process alive, in the words of `process.getActiveResourcesInfo()`, such as `2 × Timeout`. */
export function activeResources(): string {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (!STANDARD_STREAMS.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const resources = Array.from(counts, ([name, count]) => `${count} × ${name}`);
  // The channel is alive while somebody listens to it.
  const hears = process.listenerCount('message') + process.listenerCount('disconnect') > 0;
  if (process.connected && hears) resources.push('the channel to its parent process');
  return resources.join(', ') || 'something that Node does not name';
}
