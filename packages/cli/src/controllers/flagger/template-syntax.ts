/** A part of a template; `at` is its index in the source. */
export type Part = { readonly at: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  /** Executes another template with the value of the pipe as its dot. */
  | { readonly kind: 'template'; readonly name: string; readonly pipe?: Pipe }
  | Control
);

export interface Control {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipe: Pipe;
  readonly body: readonly Part[];
  readonly otherwise: readonly Part[];
}

/** `$x := command | command`. */
export interface Pipe {
  readonly at: number;
  readonly variables: readonly string[];
  /** Whether the variables exist already. */
  readonly isAssigning: boolean;
  readonly commands: readonly (readonly [Operand, ...Operand[]])[];
}

export type Operand = { readonly at: number } & (
  | { readonly kind: 'literal'; readonly value: boolean | bigint | number | string }
  | { readonly kind: 'nil' | 'dot' }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe }
  /** Members of a value, or of the dot if there is no value. */
  | { readonly kind: 'fields'; readonly of: Operand; readonly names: readonly string[] }
);

/** A template and the templates that it defines, by name. The template itself is {@link MAIN}. */
export type Templates = ReadonlyMap<string, readonly Part[]>;

/** The name that Flagger gives to a query. */
export const MAIN = 'tmpl';
