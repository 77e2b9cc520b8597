// The letters of the suffixes of Kubernetes and Argo Rollouts: no vowels, so neither `-primary` nor `-redis` is such a
// suffix. A template hash is a number of at most ten digits, written with ten of these letters.
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const LETTER = `[${LETTERS}]`;
const HASH_LETTER = '[456789bcdf]';
const MOST_OF_HASH = 10;

// Kubernetes cuts the base of a generated name, so that it has 63 characters with five more letters.
const CUT = 58;

/**
 * Returns a pattern of the names of the pods of a Deployment or a Rollout: its name, the template hash, five letters.
 * For a long name the hash is cut, and for a very long one the end of the name. `name` is the longest name that
 * `workload` can stand for.
 */
export function podNames(workload: string, name: string = workload): string {
  const whole = `${workload}-${LETTER}+-${LETTER}{5}`;
  const left = leftForHash(name);
  if (left > MOST_OF_HASH) return whole;
  if (left > 0) return `(?:${whole}|${workload}-${HASH_LETTER}{${left}}${LETTER}{5})`;
  return `${`${workload}-`.slice(0, left === 0 ? undefined : left)}${LETTER}{5}`;
}

/** Returns the pattern for a Deployment or a Rollout, and for the primary that Flagger creates from it. */
export function podNamesWithPrimary(workload: string): string {
  const primary = `${workload}-primary`;
  if (leftForHash(primary) > MOST_OF_HASH) return podNames(`${workload}(-primary)?`, primary);
  return `${podNames(workload)}|${podNames(primary)}`;
}

/** Returns the characters that are left for the hash and the rest; a negative number is cut from the name. */
function leftForHash(name: string): number {
  return CUT - `${name}-`.length;
}

const OF_HASH = new RegExp(`-(${HASH_LETTER}{1,${MOST_OF_HASH}})-${LETTER}{5}$`);

/** Returns the template hash in the name of a pod; `undefined` if there is none. */
export function hashIn(pod: string): string | undefined {
  return OF_HASH.exec(pod)?.[1];
}

/** Returns five letters like the ones that Kubernetes appends to the name of a pod, different for each index. */
export function podSuffix(index: number): string {
  return Array.from({ length: 5 }, (_, i) => LETTERS[Math.floor(index / LETTERS.length ** i) % LETTERS.length]).join(
    '',
  );
}
