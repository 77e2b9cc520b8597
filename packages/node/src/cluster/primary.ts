import type { Cluster, Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { DepartedNumbers, type FamilyNumbers, ProcessNumbers } from '@coalmine/metrics';
import { warn } from '@coalmine/options';
import { type Answer, type Question, unwrap, wrap } from './message.js';

// A worker that says nothing for so long is shown as it was last seen, since its event loop is held.
const SILENCE_MILLISECONDS = 2_000;
// One with a great many series may take longer, within the time that a scrape has.
const ANSWER_MILLISECONDS = 6_000;
// Gone workers leave what they had counted; labels that are new with each worker must not fill the memory.
const DEPARTED_SERIES_AT_MOST = 100_000;

/** A worker that takes part. */
interface Member {
  readonly worker: Worker;
  /** By the number that the worker has given its registry. */
  readonly registries: Map<number, ProcessNumbers>;
  /** The snapshot that it was asked for and has not told to the end. */
  asked: Asked | undefined;
}

interface Asked {
  readonly id: string;
  /** Resolves once it is told, or will not be. */
  readonly answered: Promise<void>;
  /** When the worker last told a part of it, on the monotonic clock. */
  heardAt: number;
  done(): void;
}

/** The workers of a cluster, as their primary knows them. */
export class Primary {
  readonly #cluster: Cluster;
  /** By the id of the worker. */
  readonly #members = new Map<number, Member>();
  /** Whose last messages may still be under way. */
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
    // Those that were forked before.
    for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) ask(worker, { kind: 'who' });
  }

  /** How many workers have told all that they were asked, and how many have not. */
  get counts(): { readonly responding: number; readonly silent: number } {
    const silent = [...this.#members.values()].filter(({ asked }) => asked !== undefined).length;
    return { responding: this.#members.size - silent, silent };
  }

  /** What each worker has told last, and what was counted by those that are gone; a copy that stays as it is. */
  get families(): readonly ReadonlyMap<string, FamilyNumbers>[] {
    // They come in the order in which they started; "first" is the oldest.
    const members = [...this.#members.values()].sort((a, b) => a.worker.id - b.worker.id);
    const numbers = members.flatMap(({ registries }) => [...registries.values()]);
    return [...numbers.map(({ families }) => families), this.#departed.families];
  }

  /** Asks the workers for what they have counted. Resolves once all have told, or some have been silent for 2 s. */
  async refresh(): Promise<void> {
    const startedAt = performance.now();
    const answered = Promise.all(Array.from(this.#members.values(), snapshotOf));
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      const look = (): void => {
        const heardAt = Math.max(startedAt, ...Array.from(this.#members.values(), ({ asked }) => asked?.heardAt ?? 0));
        const until = Math.min(heardAt + SILENCE_MILLISECONDS, startedAt + ANSWER_MILLISECONDS);
        const left = until - performance.now();
        if (left > 0) timer = setTimeout(look, left);
        else resolve();
      };
      look();
    });
    await Promise.race([answered, tooLate]);
    clearTimeout(timer);
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
    // The worker tells all who ask, each by the id of its own question.
    if (answer.kind === 'here' || answer.kind === 'last' || answer.id !== member.asked?.id) return;
    member.asked.heardAt = performance.now();
    if (answer.kind === 'pieces') numbersOf(member, answer.registry).add(answer.pieces);
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
    const message = `More than ${DEPARTED_SERIES_AT_MOST} series were left by workers that are gone, so that some of their counters are lost`;
    warn('COALMINE_CLUSTER_FULL', message, this);
  }
}

function numbersOf({ registries }: Member, registry: number): ProcessNumbers {
  const numbers = registries.get(registry) ?? new ProcessNumbers();
  registries.set(registry, numbers);
  return numbers;
}

/** Asks a worker for a snapshot, unless it has not told the last one yet. Resolves once it has. */
function snapshotOf(member: Member): Promise<void> {
  if (member.asked !== undefined) return member.asked.answered;
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
  ask(member.worker, { kind: 'snapshot', id: asked.id });
  return answered;
}

/** A worker that cannot be asked is about to be gone, which is told by an event of its own. */
function ask(worker: Worker, question: Question): void {
  if (worker.isConnected()) worker.send(wrap(question), () => {});
}
