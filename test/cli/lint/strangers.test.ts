import { readdirSync, readFileSync } from 'node:fs';
import { type Finding, lintTemplates } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

// Manifests as people write them, apart from the examples of the documentation: other providers, routers and webhooks, output of
// Helm, output of kubectl. Each file says which errors and notes are true, by the source of the controllers.
const folder = new URL('strangers/', import.meta.url);
const FILES = readdirSync(folder).map((file) => ({ file, text: readFileSync(new URL(file, folder), 'utf8') }));

/** Returns the errors and notes in a text, with their lines or without. */
function foundIn(file: string, text: string, hasLines = true): readonly string[] {
  const isTold = ({ severity }: Finding): boolean => severity !== 'warning';
  const told = ({ severity, rule, line }: Finding): string => `${severity} ${rule}${hasLines ? ` ${line}` : ''}`;
  return lintTemplates([{ file, text }]).filter(isTold).map(told).sort();
}

/** Returns the documents of a text, as kubectl reads them, as one List in JSON on one line. */
function asJson(text: string): string {
  const items = parseAllDocuments(text, { merge: true, version: '1.1' }).map((document): unknown => document.toJS());
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: items.filter((item) => item !== null) });
}

describe('a manifest of strangers', () => {
  it.each(FILES)('in $file has exactly the true errors and notes', ({ file, text }) => {
    const [, said = ''] = /(?:^# |")expected"?: ?"?([^"\r\n]*)/m.exec(text) ?? [];
    expect(foundIn(file, text)).toEqual(said === 'nothing' ? [] : said.split(', ').sort());
  });

  it.each(FILES)(
    'in $file has the same findings with other line ends, and with a byte order mark',
    ({ file, text }) => {
      const found = foundIn(file, text);
      expect(foundIn(file, text.replaceAll('\n', '\r\n'))).toEqual(found);
      expect(foundIn(file, `\ufeff${text}`)).toEqual(found);
    },
  );

  it.each(FILES.filter(({ file, text }) => !foundIn(file, text, false).includes('error yaml-syntax')))(
    'in $file has the same findings in JSON',
    ({ file, text }) => {
      expect(foundIn(file, asJson(text), false)).toEqual(foundIn(file, text, false));
    },
  );
});
