// The browser runs these functions in a page. It gets the text of a function, so a function uses nothing from outside itself.

/** Waits until the page is interactive and everything on it has loaded. */
export async function settle() {
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  while (document.querySelector('#app')?.__vue_app__ === undefined) await nextFrame();
  await document.fonts.ready;
  // An image that cannot be loaded is a fault that `layoutFaults` finds.
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  await nextFrame();
}

/** Returns what is wrong with the layout and the images of the page. */
export function layoutFaults() {
  const faults = [];
  const { clientWidth, scrollWidth } = document.documentElement;
  if ((document.querySelector('h1')?.textContent ?? '').trim() === '') faults.push('has no heading');
  if (scrollWidth > clientWidth) faults.push(`is ${scrollWidth - clientWidth} px wider than the screen`);
  for (const element of document.querySelectorAll('main :is(h1, h2, h3, h4, p, li, table, pre, img)')) {
    if (element.getBoundingClientRect().right > clientWidth + 1 && !isInScrolling(element)) {
      faults.push(`sticks out: ${element.localName} ${element.textContent.trim().slice(0, 50)}`);
    }
  }
  for (const { src, naturalWidth, clientWidth: shownWidth } of document.images) {
    if (naturalWidth === 0 || shownWidth === 0) faults.push(`has an image that is not shown: ${src}`);
  }
  // The colors of a picture follow this property.
  const scheme = document.documentElement.classList.contains('dark') ? 'dark' : 'light';
  const { colorScheme } = getComputedStyle(document.documentElement);
  if (colorScheme !== scheme) faults.push(`has the scheme ${colorScheme} in ${scheme} mode`);
  return faults;

  function isInScrolling({ parentElement: parent }) {
    return parent !== null && (/auto|scroll/.test(getComputedStyle(parent).overflowX) || isInScrolling(parent));
  }
}

/** Returns the anchors of the page, and the addresses to which it links. */
export function anchorsAndLinks() {
  const anchors = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  const links = [...document.querySelectorAll('a[href]')].map(({ href }) => href);
  return { anchors, links: [...new Set(links)] };
}

/** Types a word into the search, and returns the results. Throws if there are none after ten seconds. */
export async function search(word) {
  document.querySelector('.DocSearch-Button').click();
  const input = await appearing('#localsearch-input');
  input.value = word;
  input.dispatchEvent(new Event('input'));
  await appearing('.results .result');
  return [...document.querySelectorAll('.results .result')].map(({ textContent }) => textContent.trim());

  async function appearing(selector) {
    for (const start = Date.now(); Date.now() < start + 10_000; ) {
      const found = document.querySelector(selector);
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${selector} does not appear`);
  }
}

/** Returns the distances of the edges of an element from the top of the page. */
export function edgesOf(selector) {
  const { top, bottom } = document.querySelector(selector).getBoundingClientRect();
  return { top: Math.floor(top), bottom: Math.ceil(bottom) };
}
