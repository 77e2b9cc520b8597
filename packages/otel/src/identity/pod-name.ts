// A ReplicaSet is named after its owner and the hash of its template: a 32-bit number, whose ten digits are written as
// these ten letters. Its pods add five letters of an alphabet that has no vowels.
const OF_REPLICA_SET = /^(.+)-([456789bcdf]{1,10})-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

// Longer names are cut before the suffix is added, so that the hash of one that is as long may be half a hash.
const CUT_LENGTH = 63;

/** What the name of a pod is made of, when a ReplicaSet made it. */
export interface PodName {
  /** The Rollout or the Deployment: their pods are named alike. */
  readonly workload: string;
  readonly hash: string;
}

/** The parts of a pod's name; `undefined` where it is not surely that of a ReplicaSet's pod. */
export function parsePodName(pod: string | undefined): PodName | undefined {
  if (pod === undefined || pod.length >= CUT_LENGTH) return undefined;
  const [, workload, hash] = OF_REPLICA_SET.exec(pod) ?? [];
  return workload === undefined || hash === undefined ? undefined : { workload, hash };
}
