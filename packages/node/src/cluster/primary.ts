import type { Cluster, Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DepartedNumbers, type FamilyNumbers, ProcessNumbers } from '@coalmine/metrics';
import { warn } from '@coalmine/options';
import { type Answer, type Question, unwrap, wrap } from './message.js';

// If a worker is silent for this long, its event loop is held, and its last numbers are shown.
const SILENCE_MILLISECONDS = 2_000;
// A worker with very many series may take longer, within the time of a scrape.
const ANSWER_MILLISECONDS = 6_000;
// The workers are asked one after the other, so that they do not take every processor from their requests at the same
// time. A worker that is silent for this long does not keep the next one waiting.
const TURN_MILLISECONDS = 100;
// Workers that have ended leave what they had counted. Labels that are new with each worker must not fill the memory.
const DEPARTED_SERIES_AT_MOST = 100_000;

/** A worker that takes part. */
interface Member {
  readonly worker: Worker;
  /** By the number that the worker has given to its registry. */
  readonly registries: Map<number, ProcessNumbers>;
  /** The snapshot that the worker was asked for and has not sent completely. */
  asked: Asked | undefined;
}

interface Asked {
  readonly id: string;
  /** Resolves once the snapshot is complete, or will not come. */
  readonly answered: Promise<void>;
  /** When the worker was asked or last sent a part, on the monotonic clock; 0 until the worker is asked. */
  heardAt: number;
  done(): void;
}

/** The workers of a cluster, as the primary knows them. */
export class Primary {
  readonly #cluster: Cluster;
  /** By the id of the worker. */
  readonly #members = new Map<number, Member>();
  /** Workers whose last messages may still be on their way. */
  readonly #gone = new WeakSet<Worker>();
  readonly #departed = new DepartedNumbers(DEPARTED_SERIES_AT_MOST);
  readonly #hear = (worker: Worker, message: unknown): void => {
    const answer = unwrap<Answer>(message);
    if (answer !== undefined) this.#take(worker, answer);
  };
  readonly #leave = (worker: Worker): void => this.#depart(worker);

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.on('message', this.#hear);
    cluster.on('disconnect', this.#leave);
    // Workers that were forked before.
    for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) ask(worker, { kind: 'who' });
  }

  /** How many workers have sent a complete snapshot, and how many have not. */
  get counts(): { readonly responding: number; readonly silent: number } {
    const silent = [...this.#members.values()].filter(({ asked }) => asked !== undefined).length;
    return { responding: this.#members.size - silent, silent };
  }

  /**
   * Returns the last numbers of each worker, and the counts of workers that have ended. The result is a copy that does
   * not change.
   */
  get families(): readonly ReadonlyMap<string, FamilyNumbers>[] {
    // In the order in which the workers started; "first" is the oldest.
    const members = [...this.#members.values()].sort((a, b) => a.worker.id - b.worker.id);
    const numbers = members.flatMap(({ registries }) => [...registries.values()]);
    return [...numbers.map(({ families }) => families), this.#departed.families];
  }

  /** Asks the workers for their numbers. Resolves once all have sent them, or the others have been silent for 2 s. */
  async refresh(): Promise<void> {
    const startedAt = performance.now();
    await doneOrLate(this.#askInTurn(), () => {
      const heardAt = Math.max(startedAt, ...Array.from(this.#members.values(), ({ asked }) => asked?.heardAt ?? 0));
      return Math.min(heardAt + SILENCE_MILLISECONDS, startedAt + ANSWER_MILLISECONDS);
    });
  }

  /** Resolves once all workers have sent their snapshots. */
  async #askInTurn(): Promise<void> {
    // All at once, so that the count of silent workers is right if there is no time to ask them all.
    const members = [...this.#members.values()];
    const snapshots = members.map(snapshotOf);
    for (const [i, { worker }] of members.entries()) {
      const asked = snapshots[i] as Asked;
      if (asked.heardAt > 0) continue;
      asked.heardAt = performance.now();
      ask(worker, { kind: 'snapshot', id: asked.id });
      await doneOrLate(asked.answered, () => asked.heardAt + TURN_MILLISECONDS);
    }
    await Promise.all(snapshots.map(({ answered }) => answered));
  }

  close(): void {
    this.#cluster.off('message', this.#hear);
    this.#cluster.off('disconnect', this.#leave);
  }

  #take(worker: Worker, answer: Answer): void {
    if (this.#gone.has(worker)) return;
    const member = this.#members.get(worker.id) ?? { worker, registries: new Map(), asked: undefined };
    this.#members.set(worker.id, member);
    if (answer.kind === 'last') numbersOf(member, answer.registry).amend(answer.pieces);
    // The worker answers all who ask, and each question has its own id.
    if (answer.kind === 'here' || answer.kind === 'last' || answer.id !== member.asked?.id) return;
    member.asked.heardAt = performance.now();
    if (answer.kind === 'pieces') {
      numbersOf(member, answer.registry).add(answer.pieces);
      ask(worker, { kind: 'more', id: answer.id });
    }
    if (answer.kind === 'whole') numbersOf(member, answer.registry).complete(answer.missing);
    if (answer.kind === 'done') this.#finish(member, answer.registries);
  }

  #finish(member: Member, present: readonly number[]): void {
    for (const [registry, numbers] of member.registries) {
      numbers.abandon();
      if (present.includes(registry)) continue;
      member.registries.delete(registry);
      this.#keep(numbers);
    }
    member.asked?.done();
  }

  #depart(worker: Worker): void {
    this.#gone.add(worker);
    const member = this.#members.get(worker.id);
    if (member === undefined) return;
    this.#members.delete(worker.id);
    for (const numbers of member.registries.values()) this.#keep(numbers);
    member.asked?.done();
  }

  #keep(numbers: ProcessNumbers): void {
    if (this.#departed.add(numbers)) return;
    const message = `More than ${DEPARTED_SERIES_AT_MOST} series were left by workers that have ended, so some of their counters are lost`;
    warn('COALMINE_CLUSTER_FULL', message, this);
  }
}

function numbersOf({ registries }: Member, registry: number): ProcessNumbers {
  const numbers = registries.get(registry) ?? new ProcessNumbers();
  registries.set(registry, numbers);
  return numbers;
}

/** Returns the snapshot that a worker has not sent completely, or a new one. */
function snapshotOf(member: Member): Asked {
  if (member.asked !== undefined) return member.asked;
  let resolve = (): void => {};
  const answered = new Promise<void>((answered) => {
    resolve = answered;
  });
  const asked: Asked = {
    id: randomUUID(),
    answered,
    heardAt: 0,
    done() {
      if (member.asked === asked) member.asked = undefined;
      resolve();
    },
  };
  member.asked = asked;
  return asked;
}

/** Resolves once a promise has resolved, or at a time on the monotonic clock, which may move meanwhile. */
async function doneOrLate(promise: Promise<unknown>, until: () => number): Promise<void> {
  const done = promise.then(() => true);
  for (let left = until() - performance.now(); left > 0; left = until() - performance.now()) {
    const waiting = new AbortController();
    const isDone = await Promise.race([done, delay(left, false, { signal: waiting.signal, ref: false })]);
    waiting.abort();
    if (isDone) return;
  }
}

/** Asks a worker. A worker that cannot be asked is about to end, and another event reports that. */
function ask(worker: Worker, question: Question): void {
  if (worker.isConnected()) worker.send(wrap(question), () => {});
}
