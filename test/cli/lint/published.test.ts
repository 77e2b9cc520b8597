import { readdirSync, readFileSync } from 'node:fs';
import { lintTemplates } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';

// The kinds of manifests in the documentation and the examples of Argo Rollouts and Flagger, in our own words. The first line of
// each file says which errors and notes are true, by the source of the controllers.
const published = new URL('published/', import.meta.url);

describe('a published kind of manifest', () => {
  it.each(readdirSync(published))('in %s has exactly the true errors and notes', (file) => {
    const text = readFileSync(new URL(file, published), 'utf8');
    const [, said = ''] = /^# expected: (.*)$/m.exec(text) ?? [];
    const found = lintTemplates([{ file, text }])
      .filter(({ severity }) => severity !== 'warning')
      .map(({ severity, rule, line }) => `${severity} ${rule} ${line}`);
    expect(found.sort()).toEqual(said === 'nothing' ? [] : said.split(', ').sort());
  });
});
