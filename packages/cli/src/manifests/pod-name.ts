// The letters that Kubernetes and Argo Rollouts make suffixes of: no vowels, so that neither `-primary` nor `-redis` is
// one of them. A template hash is a number of ten digits at most, in ten of these letters.
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const LETTER = `[${LETTERS}]`;
const HASH_LETTER = '[456789bcdf]';
const MOST_OF_HASH = 10;

// Kubernetes cuts what it makes a name of, so that with five letters more the name has 63.
const CUT = 58;

/**
 * A pattern of the names that the pods of a Deployment or a Rollout have: its own, the template hash, five letters. Of a long
 * name the hash is cut, and of a very long one its own end. `name` is the longest that `workload` can stand for.
 */
export function podNames(workload: string, name: string = workload): string {
  const whole = `${workload}-${LETTER}+-${LETTER}{5}`;
  const left = leftForHash(name);
  if (left > MOST_OF_HASH) return whole;
  if (left > 0) return `(?:${whole}|${workload}-${HASH_LETTER}{${left}}${LETTER}{5})`;
  return `${`${workload}-`.slice(0, left === 0 ? undefined : left)}${LETTER}{5}`;
}

/** The same of a Deployment or a Rollout, and of the primary that Flagger makes of it. */
export function podNamesWithPrimary(workload: string): string {
  const primary = `${workload}-primary`;
  if (leftForHash(primary) > MOST_OF_HASH) return podNames(`${workload}(-primary)?`, primary);
  return `${podNames(workload)}|${podNames(primary)}`;
}

/** Characters that are left for the hash and what follows; below 0, so many are cut from the name. */
function leftForHash(name: string): number {
  return CUT - `${name}-`.length;
}

const OF_HASH = new RegExp(`-(${HASH_LETTER}{1,${MOST_OF_HASH}})-${LETTER}{5}$`);

/** The template hash in the name of a pod; `undefined` where there is none. */
export function hashIn(pod: string): string | undefined {
  return OF_HASH.exec(pod)?.[1];
}

/** Five letters as Kubernetes puts them behind the name of a pod, others for each index. */
export function podSuffix(index: number): string {
  return Array.from({ length: 5 }, (_, i) => LETTERS[Math.floor(index / LETTERS.length ** i) % LETTERS.length]).join(
    '',
  );
}
