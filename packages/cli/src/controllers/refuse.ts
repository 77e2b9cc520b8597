import { type Fault, type FaultRule, showPath } from './fault.js';
import type { Path } from './yaml.js';

/** Reports what a controller refuses at a path of an object. */
export type Refuse = (rule: FaultRule, path: Path, what: string, repair: string, details?: Details) => void;

interface Details {
  /** For a missing field, the names of which one is required. */
  readonly fields?: readonly string[] | undefined;
  /** What happens in place of the usual consequence. */
  readonly consequence?: string;
}

/** Returns a function that adds faults to a list. Each message ends with the consequence, if there is one. */
export function createRefuse(faults: Fault[], usual?: string): Refuse {
  return (rule, path, what, repair, { fields, consequence = usual } = {}) => {
    const message = `${showPath(path)} ${what}${consequence === undefined ? '' : `: ${consequence}`}`;
    faults.push({ rule, path, message, repair, ...(fields === undefined ? {} : { fields }) });
  };
}
