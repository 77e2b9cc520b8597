import { InvalidOption, integerOption, objectOption } from '@coalmine/options';

/** `runs` of the last `of` runs. */
export interface Threshold {
  readonly runs: number;
  /** @defaultValue `runs`: one after the other */
  readonly of?: number;
}

/** Parsed {@link Threshold}. */
export type ThresholdSettings = Required<Threshold>;

/** Parses a threshold; `runs` is the default. Throws `InvalidOption`. */
export function parseThreshold(name: string, threshold: Threshold | undefined, runs: number): ThresholdSettings {
  const given = objectOption(name, threshold, ['runs', 'of']);
  const least = integerOption(`${name}.runs`, given.runs, runs, 1);
  const of = integerOption(`${name}.of`, given.of, least, least);
  if (of > 100) throw new InvalidOption(`${name}.of`, 'at most 100', of);
  return { runs: least, of };
}

/** Turns a series of results into a verdict that no single result overturns. */
export interface Hysteresis {
  /** Returns the verdict after one more result; the first result is the first verdict. */
  add(isGood: boolean): boolean;
}

export function createHysteresis(failing: ThresholdSettings, passing: ThresholdSettings): Hysteresis {
  const kept = Math.max(failing.of, passing.of);
  let results: boolean[] = [];
  let verdict: boolean | undefined;

  return {
    add(isGood) {
      if (verdict === undefined) {
        verdict = isGood;
        return verdict;
      }
      results = [...results, isGood].slice(-kept);
      const { runs, of } = verdict ? failing : passing;
      if (results.slice(-of).filter((each) => each !== verdict).length >= runs) {
        verdict = !verdict;
        // The results that led to this verdict do not count for the next one.
        results = [];
      }
      return verdict;
    },
  };
}
