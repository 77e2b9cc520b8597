import { type Format, type RegistryLike, renderRegistry } from '@coalmine/metrics';

/** The whole exposition that Coalmine makes of a registry. */
export async function rendered(registry: RegistryLike, format: Format): Promise<string> {
  let text = '';
  for await (const slice of renderRegistry(registry, format)) text += slice;
  return text;
}
