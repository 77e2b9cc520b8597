import { parser } from '@prometheus-io/lezer-promql';
import type { Matcher } from './matcher.js';
import type { Binary, PlacedMatcher, Promql, Range, Selector } from './promql.js';

/** What is wrong with a query, and where. */
export interface PromqlError {
  readonly error: string;
  readonly at: number;
}

type Syntax = ReturnType<typeof parser.parse>['topNode'];

// What Prometheus reads and the grammar does not: a function of Prometheus 2, and a number that ends with its point. A text of the
// same length stands in for each, because names and numbers are read from the query itself.
const STAND_INS: readonly (readonly [RegExp, string])[] = [
  [/\bholt_winters(?=\s*\()/g, 'day_of_month'],
  [/(?<=(?<![\w:.])\d+)\.(?!\d)/g, '0'],
];

/** Parses a query. */
export function parsePromql(text: string): Promql | PromqlError {
  const { topNode } = parser.parse(STAND_INS.reduce((known, [own, standIn]) => known.replaceAll(own, standIn), text));
  let at: number | undefined;
  topNode.cursor().iterate((node) => {
    if (node.type.isError) at ??= node.from;
  });
  const [top] = childrenOf(topNode);
  if (at !== undefined || top === undefined) {
    const rest = text.slice(at ?? 0).trim();
    return {
      error: rest === '' ? 'it ends too early' : `unexpected ${JSON.stringify(rest.slice(0, 20))}`,
      at: at ?? 0,
    };
  }
  return refusalIn(topNode, text) ?? nodeOf(top, text);
}

/** Returns why Prometheus refuses a part that the grammar accepts. */
function refusalIn(topNode: Syntax, text: string): PromqlError | undefined {
  let found: PromqlError | undefined;
  topNode.cursor().iterate(({ node }) => {
    found ??= refusalOf(node, text);
  });
  return found;
}

// Only the selectors in these have a time.
const NOT_MOVABLE = /^(?:FunctionCall|AggregateExpr|ParenExpr)$/;

function refusalOf(node: Syntax, text: string): PromqlError | undefined {
  const { name, from, to, firstChild } = node;
  if (name === 'VectorSelector') return secondNameIn(node, text);
  if (name === 'StringLiteral') return unknownEscapeIn(text.slice(from, to), from);
  if (firstChild === null) return undefined;
  const at = firstChild.to;
  if (name === 'MatrixSelector' && firstChild.name !== 'VectorSelector')
    return { error: 'a window belongs directly after a selector; after anything else, write a subquery: [5m:]', at };
  const isMoved = name === 'OffsetExpr' || name === 'StepInvariantExpr';
  if (isMoved && (firstChild.name === name || NOT_MOVABLE.test(firstChild.name)))
    return { error: 'offset and @ belong directly after a selector, its window or a subquery, and once each', at };
  return undefined;
}

/** Returns why Prometheus refuses a selector with two names. */
function secondNameIn(selector: Syntax, text: string): PromqlError | undefined {
  const matchers = childrenOf(selector).flatMap((child) =>
    child.name === 'LabelMatchers' ? childrenOf(child) : [child],
  );
  const names = matchers.filter(({ name }) => name === 'Identifier' || name === 'QuotedLabelName');
  const [second] = [...names.slice(1), ...(names.length === 0 ? [] : matchers.filter(isOfName))];
  return second && { error: 'a selector has one name: write it before the braces or as __name__', at: second.from };

  function isOfName({ firstChild }: Syntax): boolean {
    return firstChild !== null && unquote(text.slice(firstChild.from, firstChild.to)) === '__name__';
  }
}

const ESCAPE = /\\(?:[abfnrtv\\]|[0-3][0-7]{2}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|(["'])|(.))/gs;

/** Returns the first escape in a quoted string that Prometheus does not read. */
function unknownEscapeIn(quoted: string, from: number): PromqlError | undefined {
  const [quote] = quoted;
  if (quote === '`') return undefined;
  for (const { 1: escapedQuote = quote, 2: unknown, index } of quoted.matchAll(ESCAPE)) {
    const character = escapedQuote === quote ? unknown : escapedQuote;
    if (character === undefined) continue;
    const error = `\\${character} is not an escape in a quoted text: write \\\\${character}`;
    return { error, at: from + index };
  }
  return undefined;
}

export function isPromqlError(parsed: Promql | PromqlError): parsed is PromqlError {
  return 'error' in parsed;
}

function nodeOf(node: Syntax, text: string): Promql {
  const { from, to, name } = node;
  const children = childrenOf(node);
  const inner = (child: Syntax | undefined): Promql => {
    if (child === undefined) throw new Error(`${name} without a part`);
    return nodeOf(child, text);
  };
  const textOf = ({ from, to }: Syntax): string => text.slice(from, to);
  switch (name) {
    case 'NumberDurationLiteral':
      return { kind: 'number', value: parseSigned(textOf(node)), from, to };
    case 'StringLiteral':
      return { kind: 'string', value: unquote(textOf(node)), from, to };
    case 'VectorSelector':
      return { ...selectorOf(node, text), from, to };
    case 'MatrixSelector': {
      const of = inner(children[0]);
      return of.kind === 'selector' ? { ...of, range: rangeOf(children[1], text), from, to } : of;
    }
    case 'SubqueryExpr': {
      const [of, range, step] = children;
      return {
        kind: 'subquery',
        of: inner(of),
        range: rangeOf(range, text),
        ...(step === undefined ? {} : { stepSeconds: rangeOf(step, text).seconds }),
        from,
        to,
      };
    }
    case 'UnaryExpr': {
      const of = inner(children[1]);
      return children[0] !== undefined && textOf(children[0]) === '-' ? { kind: 'negative', of, from, to } : of;
    }
    case 'BinaryExpr': {
      const matching = children.find((child) => child.name === 'MatchingModifierClause');
      const binary: Binary = {
        kind: 'binary',
        operator: textOf(children[1] ?? node).toLowerCase(),
        isBool: children.some((child) => child.name === 'BoolModifier'),
        ...(matching === undefined ? {} : { matching: matchingOf(matching, text) }),
        left: inner(children[0]),
        right: inner(children.at(-1)),
        from,
        to,
      };
      return negatedPower(binary, text) ?? binary;
    }
    case 'AggregateExpr': {
      const modifier = children.find((child) => child.name === 'AggregateModifier');
      const body = children.find((child) => child.name === 'FunctionCallBody');
      return {
        kind: 'aggregate',
        operator: textOf(children[0] ?? node).toLowerCase(),
        ...(modifier === undefined
          ? {}
          : { grouping: { isWithout: /^without/i.test(textOf(modifier)), labels: labelsIn(textOf(modifier)) } }),
        args: (body === undefined ? [] : childrenOf(body)).map(inner),
        from,
        to,
      };
    }
    case 'FunctionCall': {
      const [identifier = node, body = node] = children;
      return { kind: 'call', name: textOf(identifier), args: childrenOf(body).map(inner), from, to };
    }
    case 'OffsetExpr':
      return { ...inner(children[0]), offsetSeconds: offsetOf(children, textOf), from, to };
    case 'StepInvariantExpr': {
      const isPinned = children.some(
        (child) => child.name === 'NumberDurationLiteral' || child.name === 'SignedNumber',
      );
      return { ...inner(children[0]), ...(isPinned ? { isPinned } : {}), from, to };
    }
    default:
      // Parentheses change only where the part ends.
      return { ...inner(children[0]), from, to };
  }
}

/** Returns `-2 ^ 2` as Prometheus reads it: it negates the power. The grammar has one token for `-2`. */
function negatedPower(binary: Binary, text: string): Promql | undefined {
  const { left, from, to } = binary;
  if (binary.operator !== '^' || left.kind !== 'number' || text[left.from] !== '-') return undefined;
  const base: Promql = { ...left, value: -left.value, from: left.from + 1 };
  return { kind: 'negative', of: { ...binary, left: base, from: base.from }, from, to };
}

function selectorOf(node: Syntax, text: string): Omit<Selector, 'from' | 'to'> {
  let metric = '';
  const matchers: PlacedMatcher[] = [];
  for (const child of childrenOf(node)) {
    if (child.name === 'Identifier') metric = text.slice(child.from, child.to);
    for (const matcher of child.name === 'LabelMatchers' ? childrenOf(child) : []) {
      const { from, to } = matcher;
      const [label, operator, value] = childrenOf(matcher).map((part) => text.slice(part.from, part.to));
      const name = unquote(label ?? '');
      if (matcher.name === 'QuotedLabelName') metric = name;
      else if (name === '__name__' && operator === '=') metric = unquote(value ?? '');
      else
        matchers.push({
          label: name,
          operator: (operator ?? '=') as Matcher['operator'],
          value: unquote(value ?? ''),
          from,
          to,
        });
    }
  }
  return { kind: 'selector', metric, matchers };
}

function offsetOf(children: readonly Syntax[], textOf: (node: Syntax) => string): number {
  const duration = children.find(({ name }) => name.endsWith('DurationExpr'));
  return duration === undefined ? 0 : parseSigned(textOf(duration));
}

function matchingOf(node: Syntax, text: string): NonNullable<Binary['matching']> {
  const clause = text.slice(node.from, node.to);
  const children = childrenOf(node);
  const group = children.findIndex(({ name }) => name === 'GroupLeft' || name === 'GroupRight');
  const labelsOf = (parts: readonly Syntax[]): readonly string[] =>
    parts.flatMap(({ name, from, to }) => (name === 'GroupingLabels' ? labelsIn(text.slice(from, to)) : []));
  const [own, included] = group < 0 ? [children, []] : [children.slice(0, group), children.slice(group)];
  return {
    isOn: /^on/i.test(clause),
    labels: labelsOf(own),
    ...(group < 0 ? {} : { many: children[group]?.name === 'GroupLeft' ? 'left' : 'right' }),
    included: labelsOf(included),
  };
}

function labelsIn(text: string): readonly string[] {
  return text
    .slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
    .split(',')
    .map((label) => unquote(label.trim()))
    .filter((label) => label !== '');
}

function rangeOf(node: Syntax | undefined, text: string): Range {
  const [from, to] = [node?.from ?? 0, node?.to ?? 0];
  return { seconds: parseSigned(text.slice(from, to)), from, to };
}

function parseSigned(text: string): number {
  const [, sign = '', amount = ''] = /^\s*([+-]?)\s*(.*?)\s*$/s.exec(text) ?? [];
  return sign === '-' ? -parseNumber(amount) : parseNumber(amount);
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** Returns a number, or a duration in seconds; `NaN` for an expression. */
function parseNumber(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join('') === text) {
    return parts.reduce((sum, [, amount, unit = 's']) => sum + Number(amount) * (UNITS[unit] ?? 1), 0);
  }
  return Number(text.replaceAll('_', '').replace(/^inf$/i, 'Infinity'));
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** Returns the content of a string; a bare name is its own content. */
function unquote(text: string): string {
  const [quote = ''] = /^["'`]/.exec(text) ?? [];
  if (quote === '') return text;
  const inner = text.slice(1, -1);
  return quote === '`' ? inner : inner.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
}

function childrenOf(node: Syntax): readonly Syntax[] {
  const children: Syntax[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== 'LineComment') children.push(child);
  }
  return children;
}
