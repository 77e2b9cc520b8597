import { contentsOf } from '../contents.js';
import { type KubernetesObject, objectsIn } from '../controllers/documents.js';
import { gatherFiles } from './gather.js';

/**
 * Returns the objects of files, and of those files below folders that have a wanted kind. Rejects with `AnalysisError`.
 */
export async function objectsOf(named: readonly string[], kinds: RegExp): Promise<readonly KubernetesObject[]> {
  const { files } = await gatherFiles(named);
  const objects = await Promise.all(
    files.map(async ({ path, isFound }) => {
      const text = await contentsOf(path);
      return isFound && !kinds.test(text) ? [] : objectsIn(text, path);
    }),
  );
  return objects.flat();
}
