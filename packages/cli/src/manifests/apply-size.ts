// The name under which `kubectl apply` keeps the object itself, as an annotation.
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The most bytes of the annotations of an object, names and values together.
 * Source: Kubernetes, `TotalAnnotationSizeLimitB` of apimachinery.
 */
export const ANNOTATION_BYTES: number = 256 * 1024;

/** Returns the bytes of the annotations that an object has after `kubectl apply` without `--server-side`. */
export function annotationBytes(object: object): number {
  const { metadata = {} } = object as {
    readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  };
  const { annotations = {} } = metadata;
  // kubectl keeps the object with a line end, and with annotations even if it has none.
  const applied = `${JSON.stringify({ ...object, metadata: { ...metadata, annotations } })}\n`;
  return Object.entries({ ...annotations, [LAST_APPLIED]: applied })
    .flat()
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
