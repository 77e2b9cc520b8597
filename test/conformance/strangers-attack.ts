import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { play, type Stranger, simplified } from './strangers.js';
import { judge } from './strangers-judgement.js';
import { judgeKnown, knownOf } from './strangers-known.js';
import type { Certificate, Good, Target, Times } from './strangers-services.js';

/** What is wrong with the numbers of a service after an attack, one sentence for each fault. */
type Judge = (service: Good, times: Times) => Promise<readonly string[]>;

interface Result {
  readonly problems: readonly string[];
  readonly times: Times;
  /** The longest that the event loop was held, in seconds. */
  readonly heldFor: number;
}

/** An objective far above the durations of good handlers, and a patience short enough for strangers to wait longer. */
const TIMES: Times = { latency: 0.5, patience: 0.75 };
const LONGEST = 4;
// Node never sees the end of some connections, so their requests are still open.
const QUIET = 1_000;
const SETTLING = 2_000;
const ROOM = 10;
const MOST_SIMPLIFIED = 4;

/** Lets strangers attack a service. Returns what is wrong after that, and which of the strangers cause it alone. */
export async function attack(
  target: Target,
  strangers: readonly Stranger[],
  certificate: Certificate,
): Promise<readonly string[]> {
  const { problems, times } = await attackFairly(target, strangers, certificate, judge);
  if (problems.length === 0) return [];
  const [first, ...others] = await blame(target, strangers, certificate, times);
  const blamed =
    first === undefined
      ? 'None of the strangers does it alone.'
      : `${others.length + 1} of ${strangers.length} strangers do it alone. The first, simplified: ${first}`;
  return [...problems.map((problem) => `${target.name}: ${problem}`), blamed];
}

/** Lets strangers attack a service whose counts are known beforehand. */
export async function attackKnown(target: Target, certificate: Certificate): Promise<readonly string[]> {
  const known = knownOf(target);
  const strangers = known.map(({ stranger }) => stranger);
  const { problems } = await attackFairly(target, strangers, certificate, judgeKnown(known));
  return problems.map((problem) => `${target.name}: ${problem}`);
}

/**
 * Attacks until the result can be judged. If the event loop was held for long, by the clients in this process or by a busy
 * machine, nobody knows which side a duration waited for. Then the attack runs again, without others beside it, and with an
 * objective, and all times that follow from it, twice as long.
 */
async function attackFairly(
  target: Target,
  strangers: readonly Stranger[],
  certificate: Certificate,
  by: Judge,
): Promise<Result> {
  for (let factor = 1; ; factor *= 2) {
    const times = { latency: factor * TIMES.latency, patience: factor * TIMES.patience };
    const attempt = () => attackOnce(target, strangers, certificate, by, times);
    const result = await (factor === 1 ? attempt() : alone(attempt));
    if (result.problems.length === 0 || result.heldFor < times.latency / 2) return result;
    if (factor === LONGEST) throw new Error(`the event loop was held for ${result.heldFor} s: nothing can be judged`);
  }
}

async function attackOnce(
  target: Target,
  strangers: readonly Stranger[],
  certificate: Certificate,
  by: Judge,
  times: Times,
): Promise<Result> {
  const service = await target.start(times, certificate);
  try {
    const lag = monitorEventLoopDelay({ resolution: 10 });
    lag.enable();
    const overdue = watch(service, 'http_requests_overdue');
    await Promise.all(strangers.map((stranger) => play(stranger, target, service, times)));
    await until(async () => service.witness.isQuiet(), QUIET);
    let problems: readonly string[] = [];
    await until(async () => {
      problems = await by(service, times);
      return problems.length === 0;
    }, SETTLING);
    const most = await overdue.end();
    lag.disable();
    if (most > 0) problems = [...problems, `http_requests_overdue was ${most} meanwhile`];
    return { problems, times, heldFor: lag.max / 1e9 };
  } finally {
    await service.close();
  }
}

let turn: Promise<unknown> = Promise.resolve();

/** Runs tasks one after the other that must not run beside others. */
function alone<T>(run: () => Promise<T>): Promise<T> {
  const result = turn.then(run);
  turn = result.catch(() => {});
  return result;
}

/** Reads a gauge again and again. Returns a function that returns its largest value. */
function watch({ registry }: Good, name: string): { end(): Promise<number> } {
  let [most, isOver] = [0, false];
  const watching = (async () => {
    while (!isOver) {
      const shown = await registry.getSingleMetricAsString(name);
      most = Math.max(most, Number(/^\w+ (\d+)$/m.exec(shown)?.[1]));
      await delay(20);
    }
  })();
  return {
    async end() {
      isOver = true;
      await watching;
      return most;
    },
  };
}

/** Returns the strangers who do harm alone, each to its own service. The first of them is made as simple as possible. */
async function blame(
  target: Target,
  strangers: readonly Stranger[],
  certificate: Certificate,
  times: Times,
): Promise<readonly string[]> {
  const harmful = async (candidates: readonly Stranger[]): Promise<readonly [Stranger, readonly string[]][]> => {
    const judged: [Stranger, readonly string[]][] = [];
    for (let i = 0; i < candidates.length; i += ROOM) {
      const some = candidates.slice(i, i + ROOM).map(async (stranger): Promise<[Stranger, readonly string[]]> => {
        return [stranger, (await attackOnce(target, [stranger], certificate, judge, times)).problems];
      });
      judged.push(...(await Promise.all(some)));
    }
    return judged.filter(([, problems]) => problems.length > 0);
  };
  const [first, ...others] = await harmful(strangers);
  if (first === undefined) return [];
  let simplest = first;
  for (let i = 0; i < MOST_SIMPLIFIED; i++) {
    const [simpler] = await harmful(simplified(simplest[0]));
    if (simpler === undefined) break;
    simplest = simpler;
  }
  return [simplest, ...others].map(([stranger, problems]) => `${describe(stranger)}\n  ${problems.join('\n  ')}`);
}

function describe(stranger: Stranger): string {
  return JSON.stringify(stranger);
}

async function until(isTrue: () => Promise<boolean>, milliseconds: number): Promise<void> {
  const from = performance.now();
  while (!(await isTrue()) && performance.now() - from < milliseconds) await delay(10);
}
