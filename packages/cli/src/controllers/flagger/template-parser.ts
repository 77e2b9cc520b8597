import { TemplateError } from './template-error.js';
import { isFunctionName } from './template-functions.js';
import { type Item, itemsOf } from './template-lexer.js';
import { parseNumber, parseQuoted } from './template-literals.js';
import { type Control, MAIN, type Operand, type Part, type Pipe, type Templates } from './template-syntax.js';

/** Parses a Go template with the functions of Flagger. Throws `TemplateError` and `NotKnownHereError`. */
export function parseTemplate(source: string): Templates {
  const items = itemsOf(source);
  let next = 0;
  let variables: readonly string[] = ['$'];
  let ranges = 0;
  const templates = new Map<string, readonly Part[]>();
  const { parts, end } = parseList(true);
  if (end !== 'end of the template') fail(`unexpected {{ ${end} }}`);
  add(MAIN, parts, 0);
  return templates;

  /** Parses parts up to an `end`, an `else` or the end of the template. Templates can be defined only at the top. */
  function parseList(isTop = false): { readonly parts: readonly Part[]; readonly end: string } {
    const found: Part[] = [];
    for (;;) {
      const item = advance();
      if (item.kind === 'end') return { parts: found, end: 'end of the template' };
      if (item.kind === 'text') {
        found.push({ kind: 'text', text: item.text, at: item.at });
        continue;
      }
      const word = skipSpace();
      if (word.kind === 'keyword' && (word.text === 'end' || word.text === 'else')) {
        next += 1;
        const after = skipSpace();
        const isElseIf =
          word.text === 'else' && after.kind === 'keyword' && (after.text === 'if' || after.text === 'with');
        if (!isElseIf) demandRight(word.text);
        return { parts: found, end: word.text };
      }
      if (isTop && word.kind === 'keyword' && word.text === 'define') definition();
      else found.push(action(word));
    }
  }

  function action(word: Item): Part {
    const { at, text } = word;
    if (word.kind !== 'keyword' || text === 'nil') return { kind: 'action', at, pipe: pipeline('command', 'right') };
    next += 1;
    switch (text) {
      case 'if':
      case 'with':
      case 'range':
        return { ...control(text), at };
      case 'break':
      case 'continue':
        demandRight(text);
        if (ranges === 0) fail(`{{ ${text} }} is outside of a range`, at);
        return { kind: text, at };
      case 'template': {
        const name = templateName(text);
        if (skipSpace().kind !== 'right') return { kind: text, at, name, pipe: pipeline(text, 'right') };
        next += 1;
        return { kind: text, at, name };
      }
      case 'block': {
        const name = templateName(text);
        const pipe = pipeline(text, 'right');
        add(name, body(text), at);
        return { kind: 'template', at, name, pipe };
      }
    }
    fail(`unexpected {{ ${text} }}`, at);
  }

  function definition(): void {
    const { at } = advance();
    const name = templateName('define');
    demandRight('define');
    add(name, body('define'), at);
  }

  /** Parses the parts of another template, which has no variables of this one and is not in a range. */
  function body(context: string): readonly Part[] {
    const outer = { variables, ranges };
    [variables, ranges] = [['$'], 0];
    const { parts: found, end: closing } = parseList();
    ({ variables, ranges } = outer);
    if (closing !== 'end') fail(`{{ ${context} }} has no {{ end }}`);
    return found;
  }

  /** Adds a template. An empty template does not count as a second one of its name. */
  function add(name: string, found: readonly Part[], at: number): void {
    const known = templates.get(name);
    if (known === undefined || isEmpty(known)) templates.set(name, found);
    else if (!isEmpty(found)) fail(`the template ${JSON.stringify(name)} is defined twice`, at);
  }

  function templateName(context: string): string {
    const item = skipSpace();
    if (item.kind !== 'string') fail(`unexpected ${describeItem(item)} in ${context}`);
    next += 1;
    return String(parseQuoted(item));
  }

  function control(kind: Control['kind']): Control {
    const outer = variables;
    const pipe = pipeline(kind, 'right');
    if (kind === 'range') ranges += 1;
    const { parts: body, end } = parseList();
    if (kind === 'range') ranges -= 1;
    const otherwise = end === 'else' ? alternative(kind) : [];
    if (end !== 'else' && end !== 'end') fail(`{{ ${kind} }} has no {{ end }}`);
    variables = outer;
    return { kind, pipe, body, otherwise };
  }

  function alternative(kind: Control['kind']): readonly Part[] {
    const { kind: wordKind, text, at } = skipSpace();
    if (wordKind === 'keyword' && text === kind && kind !== 'range') {
      next += 1;
      return [{ ...control(kind), at }];
    }
    if (items[next - 1]?.kind !== 'right') fail(`{{ else ${text} }} goes with {{ ${text} }}`);
    const { parts, end } = parseList();
    if (end !== 'end') fail(`expected {{ end }}, got ${end}`);
    return parts;
  }

  function pipeline(context: string, closing: 'right' | ')'): Pipe {
    const { at } = skipSpace();
    const declared = declarations(context);
    const commands: (readonly [Operand, ...Operand[]])[] = [];
    for (;;) {
      const { kind, text } = skipSpace();
      if (closing === 'right' ? kind === 'right' : kind === 'symbol' && text === ')') {
        next += 1;
        break;
      }
      commands.push(command());
    }
    if (commands.length === 0) fail(`a value is missing for ${context}`, at);
    const dead = commands.slice(1).find(([first]) => ['literal', 'nil', 'dot'].includes(first.kind));
    if (dead !== undefined) fail('a value cannot come after a pipe', dead[0].at);
    return { at, ...declared, commands };
  }

  function declarations(context: string): Pick<Pipe, 'variables' | 'isAssigning'> {
    const names: string[] = [];
    while (skipSpace().kind === 'variable') {
      const start = next;
      const { text: name } = advance();
      const { kind, text } = skipSpace();
      if (kind !== 'symbol' || !['=', ':=', ','].includes(text)) {
        next = start;
        break;
      }
      next += 1;
      names.push(name);
      variables = [...variables, name];
      if (text !== ',') return { variables: names, isAssigning: text === '=' };
      if (context !== 'range' || names.length > 1) fail(`too many variables in ${context}`);
      if (skipSpace().kind !== 'variable' && skipSpace().kind !== 'right') fail('a range can only set variables');
    }
    return { variables: names, isAssigning: false };
  }

  function command(): readonly [Operand, ...Operand[]] {
    const found: Operand[] = [];
    for (;;) {
      skipSpace();
      const operand = operandHere();
      if (operand !== undefined) found.push(operand);
      const { kind, text } = peek();
      if (kind === 'space') {
        next += 1;
        continue;
      }
      if (kind === 'symbol' && text === '|') next += 1;
      else if (kind !== 'right' && !(kind === 'symbol' && text === ')')) fail(`unexpected ${describeItem(peek())}`);
      break;
    }
    const [first, ...rest] = found;
    return first === undefined ? fail('a command is empty') : [first, ...rest];
  }

  function operandHere(): Operand | undefined {
    const term = termHere();
    if (term === undefined || peek().kind !== 'field') return term;
    const names = term.kind === 'fields' ? [...term.names] : [];
    if (['literal', 'nil', 'dot'].includes(term.kind))
      fail('a value that has no members cannot be followed by a member');
    while (peek().kind === 'field') names.push(advance().text.slice(1));
    return { kind: 'fields', at: term.at, of: term.kind === 'fields' ? term.of : term, names };
  }

  function termHere(): Operand | undefined {
    const item = peek();
    const { kind, text, at } = item;
    next += 1;
    switch (kind) {
      case 'identifier':
        return isFunctionName(text) ? { kind: 'function', name: text, at } : fail(`there is no function ${text}`, at);
      case 'dot':
        return { kind: 'dot', at };
      case 'variable':
        return variables.includes(text)
          ? { kind: 'variable', name: text, at }
          : fail(`there is no variable ${text}`, at);
      case 'field':
        return { kind: 'fields', at, of: { kind: 'dot', at }, names: [text.slice(1)] };
      case 'bool':
        return { kind: 'literal', at, value: text === 'true' };
      case 'number':
        return { kind: 'literal', at, value: parseNumber(item) };
      case 'char':
      case 'string':
        return { kind: 'literal', at, value: parseQuoted(item) };
      case 'keyword':
        if (text === 'nil') return { kind: 'nil', at };
        break;
      case 'symbol':
        if (text === '(') return { kind: 'pipe', at, pipe: pipeline('parentheses', ')') };
    }
    next -= 1;
    return undefined;
  }

  function demandRight(context: string): void {
    if (skipSpace().kind !== 'right') fail(`unexpected ${describeItem(peek())} in ${context}`);
    next += 1;
  }

  function skipSpace(): Item {
    while (peek().kind === 'space') next += 1;
    return peek();
  }

  function advance(): Item {
    const item = peek();
    next += 1;
    return item;
  }

  function peek(): Item {
    return items[next] ?? { kind: 'end', text: '', at: source.length };
  }

  function fail(message: string, at: number = peek().at): never {
    throw new TemplateError(message, at);
  }
}

function isEmpty(parts: readonly Part[]): boolean {
  return parts.every((part) => part.kind === 'text' && part.text.trim() === '');
}

function describeItem({ kind, text }: Item): string {
  return kind === 'end' ? 'the end' : JSON.stringify(text);
}
