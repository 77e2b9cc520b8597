import { describe, expect, it } from 'vitest';
import { checkContentType, formatOf } from './read.js';

const TEXT = '# TYPE a_total counter\na_total 1\n';
const OPEN = `# TYPE a counter\na_total 1\n# EOF\n`;

it.each<[string | undefined, string, string]>([
  [undefined, TEXT, 'text'],
  [undefined, OPEN, 'openmetrics'],
  [undefined, '# EOF of it\n', 'text'],
  ['text/plain', OPEN, 'text'],
  ['application/openmetrics-text; version=1.0.0', TEXT, 'openmetrics'],
  ['Application/OpenMetrics-Text', TEXT, 'openmetrics'],
  ['application/json', OPEN, 'text'],
])('of the type %s, an exposition is read by it', (contentType, text, format) => {
  expect(formatOf({ text, ...(contentType === undefined ? {} : { contentType }) })).toBe(format);
});

describe('the type of an exposition', () => {
  const wrong = (contentType: string, text: string): string | undefined =>
    checkContentType({ text, contentType })[0]?.message;

  it.each([
    ['text/plain', TEXT],
    ['text/plain; version=0.0.4; charset=utf-8', TEXT],
    ['text/plain;version="0.0.4"', TEXT],
    ['TEXT/PLAIN; VERSION=1.0.0', TEXT],
    ['application/openmetrics-text; version=1.0.0', OPEN],
    ['application/openmetrics-text', '# TYPE a_total counter\na_total 1\n# EOF\n'],
    ['application/openmetrics-text', 'a 1\n'],
    ['application/openmetrics-text', '# TYPE a counter\na_total 1\n'],
  ])('%s is right', (contentType, text) => {
    expect(wrong(contentType, text)).toBeUndefined();
  });

  it.each([
    ['application/json', TEXT, 'the body is text/plain; version=0.0.4'],
    ['', OPEN, 'The type is "", but the body is application/openmetrics-text'],
    ['application/openmetrics-text', TEXT, 'but the body is the text format: there is no # EOF'],
    ['text/plain', OPEN, 'but the body is OpenMetrics'],
    ['text/plain; version=0.0.5', TEXT, 'The type has the version 0.0.5, but the text format has 0.0.4'],
  ])('%s is wrong', (contentType, text, says) => {
    expect(wrong(contentType, text)).toContain(says);
  });

  it('is not known of a file', () => {
    expect(checkContentType({ text: TEXT })).toEqual([]);
  });
});
