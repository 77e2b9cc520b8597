import { describe, expect, it } from 'vitest';
import { TemplateError } from './template-error.js';
import { parseTemplate } from './template-parser.js';

/** Returns why a template cannot be parsed, and where; `none` if it can. */
function faultIn(source: string): string {
  try {
    parseTemplate(source);
  } catch (error) {
    return error instanceof TemplateError ? `${error.message} at ${error.at}` : String(error);
  }
  return 'none';
}

describe('a template', () => {
  it('has parts, and the templates that it defines', () => {
    const templates = parseTemplate('a{{ define "x" }}b{{ end }}{{ block "y" . }}c{{ end }}');
    expect(Object.fromEntries(templates)).toMatchObject({
      tmpl: [
        { kind: 'text', text: 'a', at: 0 },
        { kind: 'template', name: 'y' },
      ],
      x: [{ kind: 'text', text: 'b' }],
      y: [{ kind: 'text', text: 'c' }],
    });
  });

  it('has commands with operands', () => {
    const [part] = parseTemplate('{{ $x := printf "%v" (len name) .a.b | print }}').get('tmpl') ?? [];
    expect(part).toMatchObject({
      kind: 'action',
      pipe: {
        variables: ['$x'],
        isAssigning: false,
        commands: [
          [
            { kind: 'function', name: 'printf' },
            { kind: 'literal', value: '%v' },
            { kind: 'pipe', pipe: { commands: [[{ name: 'len' }, { name: 'name' }]] } },
            { kind: 'fields', of: { kind: 'dot' }, names: ['a', 'b'] },
          ],
          [{ kind: 'function', name: 'print' }],
        ],
      },
    });
  });

  it('has literals', () => {
    const [part] = parseTemplate("{{ print true false 1 1.5 `a` 'a' nil }}").get('tmpl') ?? [];
    const [command] = part?.kind === 'action' ? part.pipe.commands : [];
    const values = command?.map((operand) => (operand.kind === 'literal' ? operand.value : operand.kind));
    expect(values).toEqual(['function', true, false, 1n, 1.5, 'a', 97n, 'nil']);
  });

  it('has alternatives, one in the other', () => {
    const [part] = parseTemplate('{{ if 1 }}a{{ else if 2 }}b{{ else }}c{{ end }}').get('tmpl') ?? [];
    expect(part).toMatchObject({
      kind: 'if',
      body: [{ text: 'a' }],
      otherwise: [{ kind: 'if', body: [{ text: 'b' }], otherwise: [{ text: 'c' }] }],
    });
  });

  it.each([
    '{{ with 1 }}{{ else with 2 }}{{ end }}',
    '{{ range 2 }}{{ if . }}{{ break }}{{ end }}{{ continue }}{{ end }}',
    '{{ range 2 }}{{ else }}{{ end }}',
    '{{ range $i, $v := variables }}{{ $i }}{{ $v }}{{ end }}',
    '{{ $x := 1 }}{{ $x = 2 }}{{ $x | print }}',
    '{{ define "x" }} {{ end }}{{ define "x" }}b{{ end }}',
    '{{ define "x" }}b{{ end }}{{ define "x" }}\n{{ end }}',
    '{{ nil | print }}',
    "{{ print nil true 'a' 1.5 $ . }}",
    '{{ (name).x }}',
    '{{ template "x" }}{{ template "y" . }}',
    '{{(print 1)}}',
    '{{range 1}}{{break}}{{end}}',
    '{{define "x"}}{{end}}{{template "x"}}',
    '{{ if 1 }}{{ else }}{{ if 2 }}{{ end }}{{ end }}',
  ])('%s can be parsed', (source) => {
    expect(faultIn(source)).toBe('none');
  });

  it.each([
    ['{{ end }}', 'unexpected {{ end }} at 9'],
    ['{{ else }}', 'unexpected {{ else }} at 10'],
    ['{{ if 1 }}', '{{ if }} has no {{ end }} at 10'],
    ['{{ define "x" }}a', '{{ define }} has no {{ end }} at 17'],
    ['{{ define "x" }}{{ else }}', '{{ define }} has no {{ end }} at 26'],
    ['{{ if 1 }}{{ else }}{{ else }}{{ end }}', 'expected {{ end }}, got else at 30'],
    ['{{ if 1 }}{{ else with 2 }}{{ end }}', '{{ else with }} goes with {{ with }} at 18'],
    ['{{ range 1 }}{{ else if 1 }}{{ end }}{{ end }}', '{{ else if }} goes with {{ if }} at 21'],
    ['{{ if 1 }}{{ end 1 }}', 'unexpected "1" in end at 17'],
    ['{{ if 1 }}{{ else 1 }}{{ end }}', 'unexpected "1" in else at 18'],
    ['{{ break }}', '{{ break }} is outside of a range at 3'],
    ['{{ range 1 }}{{ end }}{{ continue }}', '{{ continue }} is outside of a range at 25'],
    ['{{ range 1 }}{{ break 1 }}{{ end }}', 'unexpected "1" in break at 22'],
    ['{{ range 1 }}{{ block "x" . }}{{ break }}{{ end }}{{ end }}', '{{ break }} is outside of a range at 33'],
    ['{{ range 1 }}{{ else }}{{ break }}{{ end }}', '{{ break }} is outside of a range at 26'],
    ['{{ template x }}', 'unexpected "x" in template at 12'],
    ['{{ define "x" 1 }}{{ end }}', 'unexpected "1" in define at 14'],
    ['{{ if 1 }}{{ define "x" }}{{ end }}{{ end }}', 'unexpected {{ define }} at 13'],
    ['{{ define "x" }}a{{ end }}{{ define "x" }}b{{ end }}', 'the template "x" is defined twice at 29'],
    ['{{ }}', 'a value is missing for command at 3'],
    ['{{ if }}{{ end }}', 'a value is missing for if at 6'],
    ['{{ () }}', 'a value is missing for parentheses at 4'],
    ['{{ print | 1 }}', 'a value cannot come after a pipe at 11'],
    ['{{ print | . }}', 'a value cannot come after a pipe at 11'],
    ['{{ print | nil }}', 'a value cannot come after a pipe at 11'],
    ['{{ | print }}', 'a command is empty at 4'],
    ['{{ $x, $y := variables }}', 'too many variables in command at 6'],
    ['{{ range $x, $y, $z := variables }}{{ end }}', 'too many variables in range at 16'],
    ['{{ range $x, 1 }}{{ end }}', 'a range can only set variables at 13'],
    ['{{ $x }}', 'there is no variable $x at 3'],
    ['{{ if $x := 1 }}{{ end }}{{ $x }}', 'there is no variable $x at 28'],
    ['{{ $x := 1 }}{{ define "y" }}{{ $x }}{{ end }}', 'there is no variable $x at 32'],
    ['{{ pod }}', 'there is no function pod at 3'],
    ['{{ 1.x }}', '1. is not a number together with the text after it at 3'],
    ['{{ "a".x }}', 'a value that has no members cannot be followed by a member at 6'],
    ['{{ nil.x }}', 'a value that has no members cannot be followed by a member at 6'],
    ['{{ print = 1 }}', 'unexpected "=" at 9'],
    ['{{ print if }}', 'unexpected "if" at 9'],
  ])('%s cannot be parsed', (source, fault) => {
    expect(faultIn(source)).toBe(fault);
  });
});
