/**
 * A set whose members may have an owner. A member with an owner lasts no longer than the owner is in use: a registry
 * outlives the apps that it shows, and must not keep a closed app in memory.
 */
export class OwnedSet<T extends object> {
  readonly #members = new Set<T>();
  readonly #owned = new Set<() => T | undefined>();

  /** Adds a member, and returns a function that removes it. Without an owner, the same member is kept once. */
  add(member: T, owner?: object): () => void {
    if (owner === undefined) {
      this.#members.add(member);
      return removalOf(this.#members, member);
    }
    for (const find of this.#owned) if (find() === undefined) this.#owned.delete(find);
    const find = finder(member, owner);
    this.#owned.add(find);
    return removalOf(this.#owned, find);
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    yield* this.#members;
    for (const find of this.#owned) {
      const member = find();
      if (member === undefined) this.#owned.delete(find);
      else yield member;
    }
  }
}

// These are functions of the module, because closures of one scope keep everything alive that any of them names.

function removalOf<T>(set: Set<T>, member: T): () => void {
  return () => {
    set.delete(member);
  };
}

/** Returns a function that finds the member for as long as its owner is in use. */
function finder<T extends object>(member: T, owner: object): () => T | undefined {
  // The member may refer to its owner: an entry of a WeakMap does not keep its key alive through its value.
  return lookUp(new WeakMap([[owner, member]]), new WeakRef(owner));
}

function lookUp<T>(members: WeakMap<object, T>, owner: WeakRef<object>): () => T | undefined {
  return () => {
    const alive = owner.deref();
    return alive === undefined ? undefined : members.get(alive);
  };
}
