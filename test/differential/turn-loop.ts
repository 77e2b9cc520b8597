/** Turns the event loop for a while: what code does by itself has then been done, however busy the machine is. */
export async function turnLoop(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 4));
}
