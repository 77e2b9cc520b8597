/** Returns a function that returns Coalmine's process warnings since the call, and stops collecting them. */
export function coalmineWarnings(): { taken(): Promise<readonly Error[]> } {
  const warnings: Error[] = [];
  const note = (warning: Error): void => {
    if (warning.name === 'CoalmineWarning') warnings.push(warning);
  };
  process.on('warning', note);
  return {
    async taken() {
      // Node emits warnings in a later turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      process.off('warning', note);
      return warnings;
    },
  };
}
