import { Document, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';

/** One object for Kubernetes, with the reasons for its values. */
export interface Manifest {
  readonly value: object;
  /** The comments above lines, by path: `spec.metrics.0.interval`; the empty path is the whole object. */
  readonly why?: Readonly<Record<string, string>>;
}

/** Renders manifests as YAML, one document each. */
export function renderManifests(manifests: readonly Manifest[]): string {
  return manifests.map(documentOf).join('---\n');
}

function documentOf({ value, why = {} }: Manifest): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  for (const [path, text] of Object.entries(why)) {
    const comment = text.replace(/^/gm, ' ');
    if (path === '') document.commentBefore = comment;
    else keyAt(document.contents, path.split('.'), path).commentBefore = comment;
  }
  // Long lines are not folded, because a query is read line by line.
  return document.toString({ lineWidth: 0, commentString: (comment) => comment.replace(/^/gm, '#') });
}

/** Returns the node that a comment above the line of a path belongs to. */
function keyAt(root: unknown, path: readonly string[], whole: string): Node {
  let at = root;
  let key: unknown = root;
  for (const step of path) {
    if (isSeq(at)) {
      at = at.items[Number(step)];
      key = at;
    } else if (isMap(at)) {
      const pair = at.items.find((item): item is Pair => isPair(item) && isScalar(item.key) && item.key.value === step);
      at = pair?.value;
      key = pair?.key;
    } else key = undefined;
    if (key === undefined || key === null) throw new RangeError(`there is a reason for ${whole}, which does not exist`);
  }
  return key as Node;
}
