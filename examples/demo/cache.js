import { setTimeout as delay } from 'node:timers/promises';

/** Items that the shop keeps in its cache. */
export const CACHED_ITEMS = 24;
const LOAD_MILLISECONDS = 800;

/** Returns an empty cache: each item is slow to load, once. */
export function emptyCache() {
  const loaded = new Set();
  return {
    async load(id) {
      if (loaded.has(id)) return;
      loaded.add(id);
      await delay(LOAD_MILLISECONDS);
    },
  };
}
