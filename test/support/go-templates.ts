import type { Random } from './random.js';

const FUNCTIONS = ['name', 'namespace', 'target', 'service', 'ingress', 'route', 'interval'] as const;
const TEXTS = ['"a"', '""', '`raw "x"`', '"a-b"', '"low"', '"é"', '"<&>\'"', '"a\\tb"', '"1"', '"x y"'] as const;
// Templates that can be defined. Each template uses only later templates, because a template that uses itself would never end.
const TEMPLATES = ['"tmpl"', '"t"', '`u`'] as const;
const FORMATS = [
  '"%s"',
  '"%q"',
  '"%v-%v"',
  '"%d"',
  '"%5s|%-5s|"',
  '"%.2f"',
  '"%s%%"',
  '"%.1s"',
  '"%05d"',
  '"%t"',
  '"%"',
  '"%g"',
  '"%T"',
] as const;

/** Generates a Go template for a query. Most templates are valid, and some are refused. */
export function goTemplateOf(random: Random): string {
  let names: string[] = [];
  /** The first of the templates that may be used here. */
  let first = 1;
  const source = definitions() + parts(3);
  return random.chance(0.06) ? damaged(source, random) : source;

  /** Returns definitions of templates, sometimes twice or by the name of the query itself. */
  function definitions(): string {
    if (random.chance(0.7)) return '';
    return Array.from({ length: 1 + random.below(2) }, () => {
      const index = random.below(TEMPLATES.length);
      return `${action(`define ${nameOf(index)}`)}${random.chance(0.1) ? ' ' : within(index, 1)}${action('end')}`;
    }).join('');
  }

  /** Returns the parts of a template. */
  function within(index: number, depth: number): string {
    const outer = { names, first };
    [names, first] = [[], index + 1];
    const body = parts(depth);
    ({ names, first } = outer);
    return body;
  }

  function nameOf(index: number): string {
    return random.chance(0.95) ? (TEMPLATES[index] ?? '"none"') : random.pick(['name', '"none"', '7']);
  }

  function parts(depth: number): string {
    return Array.from({ length: 1 + random.below(3) }, () => part(depth)).join('');
  }

  function part(depth: number): string {
    const kind = random.below(10);
    if (kind < 2 || depth <= 0)
      return random.pick(['sum(rate(x{a="b"}[1m]))', ' \n ', '# comment\n', 'up', ' / ', '}', '{']);
    if (kind < 5) return action(pipe(depth));
    if (kind === 5) {
      const given = random.chance(0.7) ? ` ${pipe(depth - 1)}` : '';
      const index = first + random.below(TEMPLATES.length + 1 - first);
      if (index >= TEMPLATES.length || random.chance(0.7)) return action(`template ${nameOf(index)}${given}`);
      return `${action(`block ${nameOf(index)}${given}`)}${within(index, depth - 1)}${action('end')}`;
    }
    if (kind === 6) return random.pick(['{{/* a comment */}}', '{{- /* a comment */ -}}', ' {{/**/ -}} ']);
    if (kind === 7) {
      const name = random.chance(0.7) ? `$v${names.length}` : (names.at(-1) ?? '$v0');
      const isNew = random.chance(0.8);
      const text = action(`${name} ${isNew ? ':=' : '='} ${pipe(depth)}`);
      if (isNew) names = [...names, name];
      return text;
    }
    return control(depth);
  }

  function control(depth: number): string {
    const outer = names;
    const kind = random.pick(['if', 'if', 'with', 'range'] as const);
    const declared = kind === 'range' ? random.pick(['', '$k, $e := ', '$e := ']) : random.pick(['', '', '$w := ']);
    const value = kind === 'range' && random.chance(0.7) ? random.pick(['variables', '3', '0']) : pipe(depth - 1);
    const start = action(`${kind} ${declared}${value}`);
    names = [...names, ...(declared.match(/\$\w/g) ?? [])];
    const leaving = kind === 'range' && random.chance(0.3) ? action(random.pick(['break', 'continue'])) : '';
    const body = parts(depth - 1) + leaving + (random.chance(0.3) ? parts(depth - 1) : '');
    const elseIf =
      kind !== 'range' && random.chance(0.2) ? action(`else ${kind} ${pipe(depth - 1)}`) + parts(depth - 1) : '';
    const otherwise = random.chance(0.4) ? `${action('else')}${parts(depth - 1)}` : '';
    names = outer;
    return `${start}${body}${elseIf}${otherwise}${action('end')}`;
  }

  function action(inside: string): string {
    return `${random.pick(['{{', '{{ ', '{{ ', ' {{- ', '\n{{-\n'])}${inside}${random.pick(['}}', ' }}', ' }}', ' -}} ', ' -}}\n'])}`;
  }

  function pipe(depth: number): string {
    const first = command(depth);
    if (random.chance(0.75)) return first;
    const behind = random.pick([
      'printf "%s"',
      'printf "%v/%v" 1',
      'html',
      'js',
      'urlquery',
      'len',
      'not',
      'print',
      'println',
      'eq "a"',
      'and 1',
      'or ""',
      'index variables',
      'slice "abc" 1',
      'name',
    ]);
    return `${first}${random.pick([' | ', '|'])}${behind}`;
  }

  function command(depth: number): string {
    const value = (): string => operand(depth - 1);
    switch (random.below(14)) {
      case 0:
        return `printf ${random.pick(FORMATS)} ${value()}${random.chance(0.4) ? ` ${value()}` : ''}`;
      case 1:
        return `${random.pick(['print', 'println', 'html', 'js', 'urlquery'])} ${value()} ${value()}`;
      case 2:
        return `index variables ${random.pick(['"low"', '"a-b"', '"none"', value()])}`;
      case 3:
        return `${random.pick(['eq', 'ne', 'lt', 'le', 'gt', 'ge'])} ${value()} ${value()}`;
      case 4:
        return `${random.pick(['and', 'or'])} ${value()} ${value()}`;
      case 5:
        return `${random.pick(['len', 'not'])} ${value()}`;
      case 6:
        return `slice ${random.pick([...FUNCTIONS, '"abcdef"'])} ${random.below(4)}${random.chance(0.5) ? ` ${random.below(6)}` : ''}`;
      case 7:
        return `variables.${random.pick(['low', 'high', 'none'])}`;
    }
    return operand(depth);
  }

  function operand(depth: number): string {
    const kind = random.below(12);
    if (kind < 4) return random.pick(FUNCTIONS);
    if (kind < 6) return random.pick(TEXTS);
    if (kind === 6)
      return random.pick([
        '1',
        '0',
        '-2',
        '0x1F',
        '010',
        '1.5',
        '2.50',
        '1e6',
        '1e3',
        "'a'",
        'true',
        'false',
        'nil',
        '089',
        '1_000',
      ]);
    if (kind === 7) return random.pick(['variables', 'variables.low', '(variables).high', '.', '$', '.x', 'unknown']);
    if (kind === 8 && depth > 0) return `(${pipe(depth - 1)})`;
    return names.length > 0 ? random.pick(names) : random.pick(FUNCTIONS);
  }
}

function damaged(source: string, random: Random): string {
  const at = random.below(source.length);
  return (
    source.slice(0, at) +
    random.pick(['', '{{', '}}', '"', ' ', '|', '.', '(', ')', '-', '$']) +
    source.slice(at + random.below(3))
  );
}
