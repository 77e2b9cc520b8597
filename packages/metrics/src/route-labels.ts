import { labelText } from './label-text.js';
import type { Labels, Names } from './names.js';
import type { Route } from './route.js';

/** Spells the labels of the series of routes, which are too many to be kept. */
export class RouteLabels {
  readonly #names: Names['labels'];
  readonly #constant: Labels;
  // There are few methods and statuses, and a scrape asks for thousands of texts.
  /** The label before the route as text, by method. */
  readonly #methods = new Map<string, string>();
  /** The labels after the route as text, by status. */
  readonly #statuses = new Map<number | string | undefined, string>();

  constructor({ names, labels }: { readonly names: Names; readonly labels: Labels }) {
    this.#names = names.labels;
    this.#constant = labels;
  }

  /** Returns the label of a pattern as text, which its routes keep. */
  patternText(pattern: string): string {
    return labelText({ [this.#names.route]: pattern });
  }

  /** Returns the labels of a route with a status, with a class of statuses such as `2xx`, or with neither. */
  labels({ method, pattern }: Route, status?: number | string): Labels {
    return { [this.#names.method]: method, [this.#names.route]: pattern, ...this.#more(status) };
  }

  /** Returns the same labels as exposition text without braces. */
  text({ method, text }: Route, status?: number | string): string {
    return this.#before(method) + text + this.#after(status);
  }

  #before(method: string): string {
    let before = this.#methods.get(method);
    if (before === undefined) {
      before = `${labelText({ [this.#names.method]: method })},`;
      this.#methods.set(method, before);
    }
    return before;
  }

  #after(status: number | string | undefined): string {
    let after = this.#statuses.get(status);
    if (after === undefined) {
      const text = labelText(this.#more(status));
      after = text === '' ? '' : `,${text}`;
      this.#statuses.set(status, after);
    }
    return after;
  }

  /** Returns the labels after method and route. */
  #more(status: number | string | undefined): Labels {
    const { status_code: code, error_type: errorType } = this.#names;
    return {
      ...(status === undefined ? {} : { [code]: String(status) }),
      ...(errorType === undefined || !isError(status) ? {} : { [errorType]: String(status) }),
      ...this.#constant,
    };
  }
}

/** Whether a status has its own label for errors, which a class of statuses has not. */
function isError(status: number | string | undefined): boolean {
  return typeof status === 'number' && status >= 500;
}
