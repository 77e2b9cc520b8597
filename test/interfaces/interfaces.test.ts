import { expect, it } from 'vitest';
import { interfacesPage } from './page.js';

// `npm run interfaces` writes the page anew, once a change of a public interface is meant.
it('docs/interfaces.md lists the public interfaces that the code has', async () => {
  await expect(await interfacesPage()).toMatchFileSnapshot('../../docs/interfaces.md');
});
