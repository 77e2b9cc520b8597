import { styleText } from 'node:util';

export type Colour = 'green' | 'red' | 'yellow' | 'blue' | 'dim' | 'bold';

/** Returns a function that colours text, or leaves it unchanged. */
export function painter(isColoured: boolean): (colour: Colour, text: string) => string {
  // The caller has decided whether there is colour, so stdout is not checked.
  return (colour, text) => (isColoured ? styleText(colour, text, { validateStream: false }) : text);
}
