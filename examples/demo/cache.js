import { setTimeout as delay } from 'node:timers/promises';

/** Items that the shop keeps in its cache. */
export const CACHED_ITEMS = 24;
const LOAD_MILLISECONDS = 800;

/** A cache that is empty: each item takes its time, once. */
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
