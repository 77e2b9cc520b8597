import { styleText } from 'node:util';

export type Colour = 'green' | 'red' | 'yellow' | 'blue' | 'dim' | 'bold';

/** What colours text, or leaves it as it is. */
export function painter(isColoured: boolean): (colour: Colour, text: string) => string {
  // Whether there is colour was decided by who asks, not by what stdout is.
  return (colour, text) => (isColoured ? styleText(colour, text, { validateStream: false }) : text);
}
