/**
 * Returns the texts whose contrast is below level AA of the Web Content Accessibility Guidelines, one for each pair of colors, and
 * the SVG pictures with a text below 9 pixels. The browser runs this function in a page, and adds the pictures to it.
 */
export async function textFaults() {
  const faults = new Map();
  for (const image of document.images) if (/^data:image.svg|[.]svg$/.test(image.src)) await addTextsOf(image);
  for (const element of allIn(document.body)) {
    const text = ownTextOf(element);
    if (text === '' || !isVisible(element)) continue;
    const { color, fill, fontSize, fontWeight } = getComputedStyle(element);
    const size = Number.parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && fontWeight >= 700);
    const paper = paperOf(element);
    const ink = over(rgba(isInPicture(element) ? fill : color, opacityOf(element)), paper);
    const contrast = contrastOf(ink, paper);
    if (contrast >= (isLarge ? 3 : 4.5)) continue;
    const pair = `${hex(ink)} on ${hex(paper)}`;
    faults.set(pair, `has a contrast of ${contrast.toFixed(2)}, ${pair}: ${element.localName} ${text}`);
  }
  return [...faults.values()];

  async function addTextsOf({ src, clientWidth, naturalWidth, parentElement }) {
    const host = parentElement.appendChild(document.createElement('div'));
    host.attachShadow({ mode: 'open' }).innerHTML = await (await fetch(src)).text();
    const texts = [...host.shadowRoot.querySelectorAll('text')];
    const size = Math.min(...texts.map((text) => Number.parseFloat(getComputedStyle(text).fontSize)));
    const shown = (size * clientWidth) / naturalWidth;
    if (shown < 9) faults.set(src, `has a picture with a text of ${shown.toFixed(1)} px: ${src.slice(0, 100)}`);
  }

  function allIn(root) {
    return [...root.querySelectorAll('*')].flatMap((element) =>
      element.shadowRoot === null ? element : allIn(element.shadowRoot),
    );
  }

  function ownTextOf({ childNodes }) {
    const texts = [...childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
    return texts
      .map(({ data }) => data.trim())
      .join(' ')
      .trim();
  }

  function isVisible(element) {
    // A text for screen readers only is one pixel wide.
    return element.clientWidth !== 1 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  }

  function isInPicture({ localName }) {
    return localName === 'text';
  }

  function paperOf(element) {
    if (element === undefined) return [255, 255, 255];
    const box = isInPicture(element) ? boxBehind(element) : undefined;
    const color = box === undefined ? getComputedStyle(element).backgroundColor : getComputedStyle(box).fill;
    const own = rgba(color, 1);
    return own[3] === 1 ? own.slice(0, 3) : over(own, paperOf(parentOf(element)));
  }

  /** Returns the last box of a picture that contains the middle of a text. */
  function boxBehind(text) {
    const { x, y, width, height } = text.getBBox();
    return [...text.ownerSVGElement.querySelectorAll('rect')].findLast((rect) => {
      const box = rect.getBBox();
      const [right, down] = [x + width / 2 - box.x, y + height / 2 - box.y];
      return right > 0 && right < box.width && down > 0 && down < box.height;
    });
  }

  function parentOf(element) {
    return element.parentElement ?? element.getRootNode().host;
  }

  function opacityOf(element) {
    return element === undefined ? 1 : Number(getComputedStyle(element).opacity) * opacityOf(parentOf(element));
  }

  function rgba(color, opacity) {
    const [, parts] = /^rgba?\((.*)\)$/.exec(color) ?? [];
    if (parts === undefined) throw new Error(`cannot read the color ${color}`);
    const [red, green, blue, alpha = 1] = parts.split(',').map(Number);
    return [red, green, blue, alpha * opacity];
  }

  function over([red, green, blue, alpha], paper) {
    return [red, green, blue].map((part, i) => alpha * part + (1 - alpha) * paper[i]);
  }

  function contrastOf(...colors) {
    const [darker, lighter] = colors.map(luminanceOf).sort((a, b) => a - b);
    return (lighter + 0.05) / (darker + 0.05);
  }

  function luminanceOf(color) {
    const [red, green, blue] = color.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function hex(color) {
    return `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
  }
}
