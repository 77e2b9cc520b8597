import { labelText } from './label-text.js';
import type { Labels, Names } from './names.js';
import type { Route } from './route.js';

/** Spells the labels of the series of routes, which are too many to be kept. */
export class RouteLabels {
  readonly #names: Names['labels'];
  readonly #constant: Labels;
  /** The constant labels as text, to append. */
  readonly #constantText: string;

  constructor({ names, labels }: { readonly names: Names; readonly labels: Labels }) {
    this.#names = names.labels;
    this.#constant = labels;
    const text = labelText(labels);
    this.#constantText = text === '' ? '' : `,${text}`;
  }

  /** Returns the text of a method and a pattern, which a route keeps. */
  routeText(method: string, pattern: string): string {
    return labelText({ [this.#names.method]: method, [this.#names.route]: pattern });
  }

  /** Returns the labels of a route with a status, with a class of statuses such as `2xx`, or with neither. */
  labels({ method, pattern }: Route, status?: number | string): Labels {
    const names = this.#names;
    return {
      [names.method]: method,
      [names.route]: pattern,
      ...(status === undefined ? {} : { [names.status_code]: String(status) }),
      ...(names.error_type === undefined || !isError(status) ? {} : { [names.error_type]: String(status) }),
      ...this.#constant,
    };
  }

  /** Returns the same labels as exposition text without braces. */
  text({ text }: Route, status?: number | string): string {
    const names = this.#names;
    const statusText = status === undefined ? '' : `,${names.status_code}="${status}"`;
    const errorText = names.error_type === undefined || !isError(status) ? '' : `,${names.error_type}="${status}"`;
    return `${text}${statusText}${errorText}${this.#constantText}`;
  }
}

/** Whether a status has its own label for errors, which a class of statuses has not. */
function isError(status: number | string | undefined): boolean {
  return typeof status === 'number' && status >= 500;
}
