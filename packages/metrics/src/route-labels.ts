import { labelText } from './label-text.js';
import type { Labels, Names } from './names.js';
import type { Route } from './route.js';

/** Spells the labels of the series of routes, which are too many to be kept. */
export class RouteLabels {
  readonly #names: Names['labels'];
  readonly #constant: Labels;
  /** The labels after method and route as text, by status. There are few, and a scrape asks for thousands of texts. */
  readonly #texts = new Map<number | string | undefined, string>();

  constructor({ names, labels }: { readonly names: Names; readonly labels: Labels }) {
    this.#names = names.labels;
    this.#constant = labels;
  }

  /** Returns the text of a method and a pattern, which a route keeps. */
  routeText(method: string, pattern: string): string {
    return labelText({ [this.#names.method]: method, [this.#names.route]: pattern });
  }

  /** Returns the labels of a route with a status, with a class of statuses such as `2xx`, or with neither. */
  labels({ method, pattern }: Route, status?: number | string): Labels {
    return { [this.#names.method]: method, [this.#names.route]: pattern, ...this.#more(status) };
  }

  /** Returns the same labels as exposition text without braces. */
  text({ text }: Route, status?: number | string): string {
    let more = this.#texts.get(status);
    if (more === undefined) {
      const rest = labelText(this.#more(status));
      more = rest === '' ? '' : `,${rest}`;
      this.#texts.set(status, more);
    }
    return text + more;
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
