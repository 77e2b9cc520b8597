// A ReplicaSet is named after its owner and the hash of its template: a 32-bit number, whose ten digits are written as
// these ten letters. Its pods add five letters of an alphabet without vowels.
const OF_REPLICA_SET = /^(.+)-([456789bcdf]{1,10})-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

// Longer names are cut before the suffix is added, so the hash in a name of this length may be half a hash.
const CUT_LENGTH = 63;

/** The parts of the name of a pod that a ReplicaSet created. */
export interface PodName {
  /** The Rollout or the Deployment: the pods of both are named alike. */
  readonly workload: string;
  readonly hash: string;
}

/** Returns the parts of a pod's name, or `undefined` if the name may not belong to a pod of a ReplicaSet. */
export function parsePodName(pod: string | undefined): PodName | undefined {
  if (pod === undefined || pod.length >= CUT_LENGTH) return undefined;
  const [, workload, hash] = OF_REPLICA_SET.exec(pod) ?? [];
  return workload === undefined || hash === undefined ? undefined : { workload, hash };
}
