/** Turns the event loop for a while, so that code has finished its own work even on a busy machine. */
export async function turnLoop(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 4));
}
