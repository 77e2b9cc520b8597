import type { Controller } from '../../controllers/controller.js';
import type { Phase } from '../../controllers/verdict.js';
import type { Answer } from '../../prometheus.js';
import type { Severity } from '../finding.js';
import type { TemplateRule } from '../rules.js';
import type { Query } from './query.js';

/** A query, and how a controller judges its result. */
export interface QueryUse {
  readonly controller: Controller;
  readonly query: Query;
  /** Returns the controller's verdict on a result; absent if nothing says how it is judged. */
  readonly judge?: (answer: Answer) => Phase;
  /** Whether every element of the result is judged, and not only one. */
  readonly judgesAll?: boolean;
  /** Whether the result is only kept, and says nothing about the release. */
  readonly isRecord?: boolean;
  /** The number that the result is compared with. */
  readonly threshold?: number;
  readonly scrapeSeconds: number;
  /** Reports a part of the query. */
  say(rule: TemplateRule, part: { readonly from: number }, message: string, repair: string, severity?: Severity): void;
}
