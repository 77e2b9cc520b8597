import { describe, expect, it } from 'vitest';
import { nearestFirstOf } from './nearness.js';
import { readObjects, type SourceObject } from './objects.js';

/** Returns an object of each file, with the path of the file as its name. */
function objectsIn(...files: readonly string[]): readonly SourceObject[] {
  return readObjects(files.map((file) => ({ file, text: `kind: Service\nmetadata: { name: '${file}' }\n` }))).objects;
}

describe('the objects nearest to another one', () => {
  it('are in its file, then in its folder, then in the folders around it, then elsewhere', () => {
    const objects = objectsIn('other/a.yaml', 'k8s/a.yaml', 'k8s/prod/b.yaml', 'k8s/prod/eu/d.yaml', 'k8s/prod/a.yaml');
    const [to] = objectsIn('k8s/prod/a.yaml') as [SourceObject];
    expect(nearestFirstOf(objects)(to).map(({ name }) => name)).toEqual([
      'k8s/prod/a.yaml',
      'k8s/prod/b.yaml',
      'k8s/prod/eu/d.yaml',
      'k8s/a.yaml',
      'other/a.yaml',
    ]);
  });

  it('are in the order in which they were read if they are equally near', () => {
    const objects = objectsIn('prod/b.yaml', 'stage/a.yaml', 'prod/a.yaml');
    const [to] = objectsIn('prod/c.yaml') as [SourceObject];
    expect(nearestFirstOf(objects)(to).map(({ name }) => name)).toEqual(['prod/b.yaml', 'prod/a.yaml', 'stage/a.yaml']);
  });

  it('are not in a folder whose name only begins like its own', () => {
    const objects = objectsIn('k8s/production/a.yaml', 'k8s/prod/a.yaml');
    const [to] = objectsIn('k8s/prod/b.yaml') as [SourceObject];
    expect(nearestFirstOf(objects)(to)[0]?.name).toBe('k8s/prod/a.yaml');
  });

  it('are found with the separators of Windows', () => {
    const objects = objectsIn('k8s\\stage\\a.yaml', 'k8s\\prod\\a.yaml');
    const [to] = objectsIn('k8s\\prod\\b.yaml') as [SourceObject];
    expect(nearestFirstOf(objects)(to)[0]?.name).toBe('k8s\\prod\\a.yaml');
  });
});
