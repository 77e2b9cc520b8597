import type { TemplateValue } from '../../go/print.js';
import { printValue } from '../../go/print.js';
import { compareTexts } from '../../go/text.js';
import { NotKnownHereError } from '../../not-known-here.js';
import { TemplateError } from './template-error.js';
import { isTrue, MODEL_FUNCTIONS, TEMPLATE_FUNCTIONS } from './template-functions.js';
import { type Control, MAIN, type Operand, type Part, type Pipe, type Templates } from './template-syntax.js';

/** The values that the template of a query can use. */
export interface TemplateModel {
  readonly name: string;
  readonly namespace: string;
  readonly target: string;
  readonly service: string;
  readonly ingress: string;
  readonly route: string;
  readonly interval: string;
  readonly variables: Readonly<Record<string, string>>;
}

type Inclusion = Extract<Part, { kind: 'template' }>;

// More than any query needs, so that every template ends.
const MOST_STEPS = 200_000;
const MOST_DEPTH = 200;

/** Executes a template. Throws `TemplateError` and `NotKnownHereError`. */
export function executeTemplate(templates: Templates, model: TemplateModel): string {
  const given: ReadonlyMap<string, string> = new Map(Object.entries(model.variables));
  let variables: { readonly name: string; value: TemplateValue }[] = [{ name: '$', value: null }];
  let steps = 0;
  let depth = 0;
  let out = '';
  walk(templates.get(MAIN) ?? [], null);
  return out;

  /** Executes parts, and returns how a range around them continues. */
  function walk(list: readonly Part[], dot: TemplateValue): 'break' | 'continue' | undefined {
    for (const part of list) {
      step();
      const going = take(part, dot);
      if (going !== undefined) return going;
    }
    return undefined;
  }

  function take(part: Part, dot: TemplateValue): 'break' | 'continue' | undefined {
    switch (part.kind) {
      case 'break':
      case 'continue':
        return part.kind;
      case 'text':
        out += part.text;
        return undefined;
      case 'action':
        print(part.pipe, dot);
        return undefined;
      case 'template':
        fillIn(part, dot);
        return undefined;
      default: {
        const mark = variables.length;
        const going = part.kind === 'range' ? range(part, dot) : choice(part, dot);
        variables.length = mark;
        return going;
      }
    }
  }

  function print(pipe: Pipe, dot: TemplateValue): void {
    const value = valueOfPipe(pipe, dot);
    if (pipe.variables.length === 0) out += value === null ? '<no value>' : printValue(value);
  }

  /** Executes another template, which sees its argument, and no variables. */
  function fillIn({ name, pipe, at }: Inclusion, dot: TemplateValue): void {
    const parts = templates.get(name) ?? fail(`there is no template ${JSON.stringify(name)}`, at);
    const given = pipe === undefined ? null : valueOfPipe(pipe, dot);
    const outer = variables;
    variables = [{ name: '$', value: given }];
    depth += 1;
    if (depth > MOST_DEPTH) throw new NotKnownHereError('templates that include each other so deeply');
    walk(parts, given);
    depth -= 1;
    variables = outer;
  }

  function choice({ kind, pipe, body, otherwise }: Control, dot: TemplateValue): 'break' | 'continue' | undefined {
    const value = valueOfPipe(pipe, dot);
    if (!isTrue(value)) return walk(otherwise, dot);
    return walk(body, kind === 'with' ? value : dot);
  }

  function range(
    { pipe, body, otherwise, at }: Control & { readonly at: number },
    dot: TemplateValue,
  ): 'break' | 'continue' | undefined {
    const value = valueOfPipe(pipe, dot);
    const { variables: names, isAssigning } = pipe;
    const mark = variables.length;
    let isEmpty = true;
    for (const [key, element] of elementsOf(value, names.length, at)) {
      isEmpty = false;
      const values = names.length > 1 ? [key, element] : [element];
      names.forEach((name, i) => {
        if (isAssigning) assign(name, values[i] ?? null, at);
        else variables[mark - names.length + i] = { name, value: values[i] ?? null };
      });
      const going = walk(body, element);
      variables.length = mark;
      if (going === 'break') return undefined;
    }
    return isEmpty ? walk(otherwise, dot) : undefined;
  }

  function* elementsOf(
    value: TemplateValue,
    names: number,
    at: number,
  ): Generator<readonly [TemplateValue, TemplateValue]> {
    if (value instanceof Map) {
      yield* [...value].sort(([a], [b]) => compareTexts(a, b));
      return;
    }
    if (value === null) return;
    if (typeof value !== 'bigint') fail(`a range cannot go over ${printValue(value)}`, at);
    if (names > 1) fail('a range over a number has one variable', at);
    for (let i = 0n; i < (value as bigint); i++) {
      step();
      yield [null, i];
    }
  }

  function valueOfPipe({ commands, variables: names, isAssigning, at }: Pipe, dot: TemplateValue): TemplateValue {
    let last: readonly [] | readonly [TemplateValue] = [];
    for (const command of commands) last = [valueOfCommand(command, dot, last)];
    const value = last[0] ?? null;
    for (const name of names) {
      if (isAssigning) assign(name, value, at);
      else variables.push({ name, value });
    }
    return value;
  }

  function valueOfCommand(
    [first, ...args]: readonly [Operand, ...Operand[]],
    dot: TemplateValue,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    step();
    if (first.kind === 'function') return callFunction(first, args, dot, piped);
    // The value is looked up before the arguments are checked, as in Go.
    const value = first.kind === 'nil' ? fail('nil is not a command', first.at) : read(first, dot);
    if (args.length > 0 || piped.length > 0) fail('only a function takes arguments', first.at);
    return value;
  }

  function read(operand: Operand, dot: TemplateValue): TemplateValue {
    step();
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'nil':
        return null;
      case 'dot':
        return dot;
      case 'variable':
        return lookUp(operand.name, operand.at).value;
      case 'pipe':
        return valueOfPipe(operand.pipe, dot);
      case 'function':
        return callFunction(operand, [], dot, []);
      case 'fields': {
        return operand.names.reduce<TemplateValue>((of, name) => member(of, name, operand.at), read(operand.of, dot));
      }
    }
  }

  function callFunction(
    { name, at }: Extract<Operand, { kind: 'function' }>,
    args: readonly Operand[],
    dot: TemplateValue,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    const count = args.length + piped.length;
    const demandCount = (least: number, most: number): void => {
      if (count < least || count > most)
        fail(`${name} takes ${least === most ? least : `at least ${least}`} arguments, got ${count}`, at);
    };
    if (name === 'variables' || MODEL_FUNCTIONS.some((known) => known === name)) {
      demandCount(0, 0);
      return name === 'variables' ? given : model[name as (typeof MODEL_FUNCTIONS)[number]];
    }
    if (name === 'and' || name === 'or') {
      demandCount(1, Number.POSITIVE_INFINITY);
      return logical(name, args, dot, piped);
    }
    const found = TEMPLATE_FUNCTIONS[name] ?? fail(`there is no function ${name}`, at);
    demandCount(found.least, found.most);
    const values = [...args.map((arg) => read(arg, dot)), ...piped];
    if (found.isFormat === true && typeof values[0] !== 'string') fail(`${name} takes a text first`, at);
    try {
      return found.call(...values);
    } catch (error) {
      if (!(error instanceof Error) || error.constructor !== Error) throw error;
      return fail(`${name}: ${error.message}`, at);
    }
  }

  /** Returns the first value that decides, or the last value. */
  function logical(
    name: 'and' | 'or',
    args: readonly Operand[],
    dot: TemplateValue,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    let value: TemplateValue = null;
    for (const arg of args) {
      value = read(arg, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped.length > 0 ? (piped[0] ?? null) : value;
  }

  function member(of: TemplateValue, name: string, at: number): TemplateValue {
    if (!(of instanceof Map)) return fail(`${of === null ? 'nothing' : printValue(of)} has no member ${name}`, at);
    const value = of.get(name);
    return value ?? fail(`there is no templateVariables.${name}`, at);
  }

  function assign(name: string, value: TemplateValue, at: number): void {
    lookUp(name, at).value = value;
  }

  function lookUp(name: string, at: number): { value: TemplateValue } {
    return variables.findLast((variable) => variable.name === name) ?? fail(`there is no variable ${name} yet`, at);
  }

  function step(): void {
    steps += 1;
    if (steps > MOST_STEPS || out.length > MOST_STEPS * 10)
      throw new NotKnownHereError('a template that takes so many steps');
  }

  function fail(message: string, at: number): never {
    throw new TemplateError(message, at);
  }
}
