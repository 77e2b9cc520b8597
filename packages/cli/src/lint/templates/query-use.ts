import type { Controller } from '../../controllers/controller.js';
import type { Phase } from '../../controllers/verdict.js';
import type { Answer } from '../../prometheus.js';
import type { Severity } from '../finding.js';
import type { Query } from './query.js';
import type { Rule } from './rules.js';

/** A query, and what a controller does with its answer. */
export interface QueryUse {
  readonly controller: Controller;
  readonly query: Query;
  /** What the controller makes of an answer; absent where nothing says how it is judged. */
  readonly judge?: (answer: Answer) => Phase;
  /** Whether every element of the answer is judged, and not one of them. */
  readonly judgesAll?: boolean;
  /** The number that the answer is held against. */
  readonly threshold?: number;
  readonly scrapeSeconds: number;
  /** Reports a part of the query. */
  say(rule: Rule, part: { readonly from: number }, message: string, repair: string, severity?: Severity): void;
}
