import { contentsOf } from '../contents.js';
import { type KubernetesObject, objectsIn } from '../controllers/documents.js';
import { gatherFiles } from './gather.js';

/**
 * The objects of files, and of those below folders as far as they hold a kind that is looked for. Rejects with
 * `AnalysisError`.
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
