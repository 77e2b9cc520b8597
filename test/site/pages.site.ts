import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import site from '../../site/.vitepress/config.js';
import { type Browser, type Display, isBrowserMissing, startBrowser, type Tab } from '../support/browser.js';
import { anchorsAndLinks, layoutFaults, search, settle } from './in-page.js';
import { serve } from './serve.js';
import { textFaults } from './text-faults.js';

const DIST = fileURLToPath(new URL('../../site/.vitepress/dist', import.meta.url));
const WIDE = { width: 1440, height: 900 } as const;
const NARROW = { width: 390, height: 844 } as const;
const DISPLAYS: readonly Display[] = [WIDE, NARROW].flatMap((size) => [
  { ...size, scheme: 'light' },
  { ...size, scheme: 'dark' },
]);

describe.skipIf(isBrowserMissing)('the website', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let tab: Tab;
  const pages = new Map<string, string>();
  const links = new Map<string, ReturnType<typeof anchorsAndLinks>>();

  beforeAll(async () => {
    server = await serve(DIST, site.base);
    for (const file of readdirSync(DIST).filter((name) => name.endsWith('.html'))) {
      const name = file.replace(/\.html$/, '');
      pages.set(name, server.address + name.replace(/^index$/, ''));
    }
    browser = await startBrowser();
    tab = await browser.openTab();
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it.each(DISPLAYS)('has no faults at a width of $width px in $scheme mode', async (display) => {
    const faults: string[] = [];
    for (const [name, address] of pages) {
      await tab.open(address, display);
      await tab.run(settle);
      links.set(address, await tab.run(anchorsAndLinks));
      const found = [...tab.takeErrors(), ...(await tab.run(layoutFaults)), ...(await tab.run(textFaults))];
      faults.push(...found.map((fault) => `${name} ${fault}`));
    }
    expect(faults).toEqual([]);
  });

  it('has no link to a page or an anchor of its own that is not there', async () => {
    const own = [...links].flatMap(([from, { links: all }]) =>
      all.filter((to) => to.startsWith(server.address)).map((to) => ({ from, to })),
    );
    expect(own.length).toBeGreaterThan(500);
    const isThere = (to: string): boolean => {
      const [page = '', anchor = ''] = to.split('#');
      const { anchors } = links.get(page) ?? {};
      return anchors !== undefined && (anchor === '' || anchors.includes(decodeURIComponent(anchor)));
    };
    expect(own.filter(({ to }) => !isThere(to))).toEqual([]);
  });

  it.each(DISPLAYS)('finds a word at a width of $width px in $scheme mode', async (display) => {
    await tab.open(server.address, display);
    await tab.run(settle);
    expect(await tab.run(search, 'warm-up')).toContainEqual(expect.stringMatching(/warm-up/i));
    expect([...tab.takeErrors(), ...(await tab.run(textFaults))]).toEqual([]);
  });

  it('finds the faults of a page that has them', async () => {
    const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="20"><rect width="200" height="20"/>
      <text y="15" font-size="8">black on black</text></svg>`;
    const page = `<!doctype html><html style="color-scheme: dark"><main>
      <pre style="width: 500px; color: #888">wide and faint</pre>
      <img src="missing:picture"><img src="data:image/svg+xml,${encodeURIComponent(picture)}">
      <script>console.error('an error in the console'); throw new Error('an error of a script')</script>`;
    await tab.open(`data:text/html,${encodeURIComponent(page)}`, { ...NARROW, scheme: 'light' });
    // The browser reports the errors of its network and of its scripts in no fixed order.
    const errors: string[] = [];
    await vi.waitFor(() => {
      errors.push(...tab.takeErrors());
      expect(errors.toSorted()).toEqual([
        expect.stringMatching(/^Error: an error of a script/),
        'Failed to load resource: net::ERR_UNKNOWN_URL_SCHEME missing:picture',
        'an error in the console',
      ]);
    });
    expect([...(await tab.run(layoutFaults)), ...(await tab.run(textFaults))]).toEqual([
      'has no heading',
      expect.stringMatching(/^is \d+ px wider than the screen$/),
      'sticks out: pre wide and faint',
      'has an image that is not shown: missing:picture',
      'has the scheme dark in light mode',
      expect.stringMatching(/^has a picture with a text of 8.0 px: data:image/),
      'has a contrast of 3.54, #888888 on #ffffff: pre wide and faint',
      'has a contrast of 1.00, #000000 on #000000: text black on black',
    ]);
  });
});
