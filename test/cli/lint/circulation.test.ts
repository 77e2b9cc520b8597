import { readdirSync, readFileSync } from 'node:fs';
import { lintTemplates } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';

const fixtures = new URL('fixtures/', import.meta.url);
const document = readFileSync(new URL('../../../docs/lint.md', import.meta.url), 'utf8');

/** A row of the document: the findings in a template, errors first. */
function rowOf(file: string): string {
  const found = lintTemplates([{ file, text: readFileSync(new URL(file, fixtures), 'utf8') }]);
  const rules = (severity: string): string =>
    [...new Set(found.filter((finding) => finding.severity === severity).map(({ rule }) => `\`${rule}\``))].join(', ');
  return `| \`${file.replace('.yaml', '')}\` | ${rules('error')} | ${rules('warning')} |`;
}

describe('the table of templates in circulation', () => {
  it('has the findings of the linter', () => {
    const [, table = ''] = /<!-- circulation table -->\n\n((?:\|.*\n)+)/.exec(document) ?? [];
    const rows = table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) => row.replace(/ +/g, ' '));
    expect(rows).toEqual(
      readdirSync(fixtures)
        .sort()
        .map(rowOf)
        .map((row) => row.replace(/ +/g, ' ')),
    );
  });
});
