import { describe, expect, it } from 'vitest';
import { TemplateError } from './template-error.js';
import { executeTemplate } from './template-execution.js';
import { parseTemplate } from './template-parser.js';

const MODEL = {
  name: 'shop',
  namespace: 'prod',
  target: 'web',
  service: 'svc',
  ingress: 'ing',
  route: 'rt',
  interval: '1m',
  variables: { b: '2', a: '1', empty: '' },
};

const rendered = (source: string): string => executeTemplate(parseTemplate(source), MODEL);

/** Returns why a template cannot be executed, and where. */
function faultIn(source: string): string {
  try {
    return rendered(source);
  } catch (error) {
    return error instanceof TemplateError ? `${error.message} at ${error.at}` : (error as Error).message;
  }
}

describe('a template', () => {
  it.each([
    ['{{ name }} {{ namespace }} {{ target }} {{ service }} {{ ingress }} {{ route }}', 'shop prod web svc ing rt'],
    ['{{ $x := 1 }}', ''],
    ['{{ $x := 1 }}{{ $x = 2 }}{{ $x }}', '2'],
    ['{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}', '21'],
    ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}', '2'],
    ['{{ if $x := name }}{{ $x }}{{ end }}', 'shop'],
    ['{{ . }}', '<no value>'],
    ['{{ (variables).a }}', '1'],
    ['{{ $v := variables }}{{ $v.b }}', '2'],
    ['{{ with variables }}{{ .a }}{{ end }}', '1'],
    ['{{ with variables.empty }}a{{ else }}{{ . }}{{ end }}', '<no value>'],
    ['{{ if variables.empty }}a{{ else if true }}b{{ else }}c{{ end }}', 'b'],
    ['{{ printf "a" }}{{ print }}{{ index name }}{{ slice name }}{{ urlquery }}', 'ashopshop'],
    ['{{ "a" | printf "%s-%s" "b" }}', 'b-a'],
    ['{{ printf "%v" name | printf "%q" }}', '"shop"'],
  ])('%s is executed', (source, out) => {
    expect(rendered(source)).toBe(out);
  });

  it.each([
    ['{{ and 1 0 2 }}', '0'],
    ['{{ and 1 2 }}', '2'],
    ['{{ or 0 3 4 }}', '3'],
    ['{{ or 0 "" }}', ''],
    ['{{ 5 | and 1 }}', '5'],
    ['{{ 5 | and 0 }}', '0'],
    ['{{ 5 | or 0 }}', '5'],
    ['{{ or true variables.none }}', 'true'],
  ])('%s stops at the first value that decides', (source, out) => {
    expect(rendered(source)).toBe(out);
  });

  it.each([
    ['{{ range variables }}{{ . }},{{ end }}', '1,2,,'],
    ['{{ range $k, $v := variables }}{{ $k }}{{ $v }} {{ end }}', 'a1 b2 empty '],
    ['{{ range $v := variables }}{{ $v }},{{ end }}', '1,2,,'],
    ['{{ range 3 }}{{ . }}{{ end }}', '012'],
    ['{{ range $i := 2 }}{{ $i }}{{ end }}', '01'],
    ['{{ $x := 9 }}{{ range $x = 2 }}{{ end }}{{ $x }}', '1'],
    ['{{ range 0 }}a{{ else }}none{{ end }}', 'none'],
    ['{{ range 1 }}a{{ else }}none{{ end }}', 'a'],
    ['{{ range . }}a{{ else }}none{{ end }}', 'none'],
    ['{{ range 5 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if eq . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}!', '02!'],
    ['{{ range 2 }}{{ range 3 }}{{ break }}{{ end }}{{ . }}{{ end }}', '01'],
    ['{{ $x := 7 }}{{ range 2 }}{{ $x := . }}{{ end }}{{ $x }}', '7'],
  ])('%s goes over values', (source, out) => {
    expect(rendered(source)).toBe(out);
  });

  it.each([
    ['{{ define "x" }}{{ . }}{{ end }}{{ template "x" name }}', 'shop'],
    ['{{ define "x" }}{{ $ }}{{ end }}{{ template "x" name }}', 'shop'],
    ['{{ define "x" }}{{ . }}{{ end }}{{ template "x" }}', '<no value>'],
    ['{{ $x := 1 }}{{ define "x" }}{{ $x := 2 }}{{ end }}{{ template "x" }}{{ $x }}', '1'],
  ])('%s includes another, which has its own variables', (source, out) => {
    expect(rendered(source)).toBe(out);
  });

  it.each([
    ['{{ variables.none }}', 'there is no templateVariables.none at 3'],
    ['{{ .none }}', 'nothing has no member none at 3'],
    ['{{ name.x }}', 'shop has no member x at 3'],
    ['{{ nil }}', 'nil is not a command at 3'],
    ['{{ 1 2 }}', 'only a function takes arguments at 3'],
    ['{{ 1 | $ }}', 'only a function takes arguments at 7'],
    ['{{ name 1 }}', 'name takes 0 arguments, got 1 at 3'],
    ['{{ 1 | variables }}', 'variables takes 0 arguments, got 1 at 7'],
    ['{{ and }}', 'and takes at least 1 arguments, got 0 at 3'],
    ['{{ lt 1 }}', 'lt takes 2 arguments, got 1 at 3'],
    ['{{ 3 | lt 1 2 }}', 'lt takes 2 arguments, got 3 at 7'],
    ['{{ printf 1 }}', 'printf takes a text first at 3'],
    ['{{ eq 1 }}', 'eq: there is nothing to compare with at 3'],
    ['{{ eq }}', 'eq takes at least 1 arguments, got 0 at 3'],
    ['{{ len 1 }}', 'len: an integer has no length at 3'],
    ['{{ range "a" }}{{ end }}', 'a range cannot go over a at 3'],
    ['{{ range $a, $b := 2 }}{{ end }}', 'a range over a number has one variable at 3'],
    ['{{ template "x" }}', 'there is no template "x" at 3'],
    ['{{ index "abc" 1 }}', 'not known here: a byte of a text'],
    [
      '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}',
      'not known here: templates that include each other so deeply',
    ],
  ])('%s cannot be executed', (source, fault) => {
    expect(faultIn(source)).toBe(fault);
  });

  it('ends, however long it would take', () => {
    expect(faultIn('{{ range 200001 }}{{ end }}')).toBe('not known here: a template that takes so many steps');
    const text = 'a'.repeat(1000);
    expect(faultIn(`{{ range 2100 }}${text}{{ end }}`)).toBe('not known here: a template that takes so many steps');
    expect(faultIn(`{{ range 1900 }}${text}{{ end }}`)).toBe(text.repeat(1900));
  });

  it('may include others one after the other, as often as it likes', () => {
    expect(rendered('{{ define "x" }}a{{ end }}{{ range 300 }}{{ template "x" }}{{ end }}')).toBe('a'.repeat(300));
  });
});
