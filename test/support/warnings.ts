/** What the process has been warned of by Coalmine since the call, until it is taken. */
export function coalmineWarnings(): { taken(): Promise<readonly Error[]> } {
  const warnings: Error[] = [];
  const note = (warning: Error): void => {
    if (warning.name === 'CoalmineWarning') warnings.push(warning);
  };
  process.on('warning', note);
  return {
    async taken() {
      // They are told in a turn of their own.
      await new Promise((resolve) => setImmediate(resolve));
      process.off('warning', note);
      return warnings;
    },
  };
}
