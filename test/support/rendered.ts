import { type Format, type RegistryLike, renderRegistry } from '@coalmine/metrics';

/** Returns the whole exposition that Coalmine renders for a registry. */
export async function rendered(registry: RegistryLike, format: Format): Promise<string> {
  let text = '';
  for await (const slice of renderRegistry(registry, format)) text += slice;
  return text;
}
