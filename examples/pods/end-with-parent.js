/**
 * Ends a child process with this process, even if this process ends with an error. Returns a function that ends the child.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
export function endWithParent(child) {
  const kill = () => child.kill();
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return kill;
}
