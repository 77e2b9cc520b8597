import { expect, it } from 'vitest';
import { interfacesPage } from './page.js';

// `npm run interfaces` updates the page after an intended change of a public interface.
it('docs/interfaces.md lists the public interfaces that the code has', async () => {
  await expect(await interfacesPage()).toMatchFileSnapshot('../../docs/interfaces.md');
});
