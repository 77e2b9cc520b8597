import type { LRParser } from '@lezer/lr';
import { parser } from '@prometheus-io/lezer-promql';

type SyntaxNode = ReturnType<LRParser['parse']>['topNode'];

/** A matcher of a label, its value as it is meant: without quotes and escapes. */
export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** A vector selector of a query, and how the query looks at it. */
export interface Selector {
  /** Empty where the name is none that is written out. */
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Seconds that it looks back: its range, its offset, and the subqueries around it. */
  readonly lookbackSeconds: number;
  /** Whether it is read as what was added within its range: by `rate()`, `increase()` and the like. */
  readonly isIncrease: boolean;
}

/** The vector selectors of a query, in the order in which they stand; `undefined` where it is no PromQL. */
export function selectorsOf(query: string): readonly Selector[] | undefined {
  const found: Selector[] = [];
  let isPromql = true;
  parser.parse(query).iterate({
    enter({ type, node }) {
      if (type.isError) isPromql = false;
      if (type.is('VectorSelector')) found.push(selectorAt(node, query));
    },
  });
  return isPromql ? found : undefined;
}

/** A selector as PromQL. */
export function selectorText({ metric, matchers }: Pick<Selector, 'metric' | 'matchers'>): string {
  const label = (name: string): string => (/^[a-zA-Z_]\w*$/.test(name) ? name : JSON.stringify(name));
  const written = matchers.map(({ label: name, operator, value }) => label(name) + operator + JSON.stringify(value));
  return `${metric}{${written.join(',')}}`;
}

/** Whether a matcher lets a value through. What Go's regular expressions have and ours have not lets nothing through. */
export function isMatch({ operator, value }: Matcher, label: string): boolean {
  if (operator === '=') return label === value;
  if (operator === '!=') return label !== value;
  try {
    return new RegExp(`^(?:${value})$`, 's').test(label) === (operator === '=~');
  } catch {
    return false;
  }
}

function selectorAt(node: SyntaxNode, query: string): Selector {
  const text = ({ from, to }: SyntaxNode): string => query.slice(from, to);
  const names = node.getChildren('Identifier').map(text);
  const matchers = node.getChild('LabelMatchers');
  const quoted = (matchers?.getChildren('QuotedLabelName') ?? []).map((name) => unquoted(text(name)));
  const all = [
    ...(matchers?.getChildren('UnquotedLabelMatcher') ?? []),
    ...(matchers?.getChildren('QuotedLabelMatcher') ?? []),
  ].map((matcher): Matcher => {
    const [label, operator, value] = [matcher.firstChild, matcher.getChild('MatchOp'), matcher.lastChild].map((part) =>
      part === null ? '' : text(part),
    ) as [string, Matcher['operator'], string];
    return { label: unquoted(label), operator, value: unquoted(value) };
  });
  const isName = ({ label, operator }: Matcher): boolean => label === '__name__' && operator === '=';
  return {
    metric: [...names, ...quoted, ...all.filter(isName).map(({ value }) => value)][0] ?? '',
    matchers: all.filter((matcher) => !isName(matcher)),
    ...lookOf(node, text),
  };
}

const INCREASES = /^(?:rate|irate|increase|delta|idelta|xrate|xincrease)$/i;

function lookOf(
  selector: SyntaxNode,
  text: (node: SyntaxNode) => string,
): Pick<Selector, 'lookbackSeconds' | 'isIncrease'> {
  let lookbackSeconds = 0;
  let isIncrease = false;
  for (let node = selector.parent; node !== null; node = node.parent) {
    const duration = node.getChild('DurationExpr') ?? node.getChild('OffsetDurationExpr');
    if (duration !== null) lookbackSeconds += secondsOf(text(duration));
    const called = node.type.is('FunctionCall') ? node.firstChild : null;
    if (called !== null && INCREASES.test(text(called))) isIncrease = true;
  }
  return { lookbackSeconds, isIncrease };
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

/** A duration of PromQL in seconds, such as `1h30m`; a bare number is seconds. Of an offset into the future, none. */
function secondsOf(duration: string): number {
  if (duration.startsWith('-')) return 0;
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])?/g)];
  return parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** What a string of PromQL says; a bare name says itself. */
function unquoted(literal: string): string {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  if (!/^["']/.test(literal)) return literal;
  return literal.slice(1, -1).replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
}
