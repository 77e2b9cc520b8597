import { describe, expect, it } from 'vitest';
import { onOneLine, renderingFault, renderTemplate } from './go-template.js';

const MODEL = {
  name: 'shop',
  namespace: 'prod',
  target: 'shop-web',
  service: 'shop',
  ingress: 'shop',
  route: 'shop',
  interval: '1m',
  variables: { low: '3', 'a-b': 'dashed' },
};

describe('a query of Flagger', () => {
  it.each([
    ['rate(x{ns="{{ namespace }}"}[{{interval}}])', 'rate(x{ns="prod"}[1m])'],
    ['{{ printf "%s-primary" target }}', 'shop-web-primary'],
    ['{{ target | printf "%q" }}', '"shop-web"'],
    ['{{ index variables "a-b" }} {{ variables.low }}', 'dashed 3'],
    ['{{ if eq namespace "prod" }}a{{ else }}b{{ end }}', 'a'],
    ['{{ with variables.low }}x < {{ . }}{{ end }}', 'x < 3'],
    ['{{ range $key, $value := variables }}{{ $key }}={{ $value }};{{ end }}', 'a-b=dashed;low=3;'],
    ['{{ $x := slice target 0 4 }}{{ $x }}{{/* a comment */}}', 'shop'],
    ['{{ define "pods" }}pod=~"{{ . }}-.*"{{ end }}up{ {{ template "pods" target }} }', 'up{ pod=~"shop-web-.*" }'],
    ['{{ block "window" interval }}[{{ . }}]{{ end }} {{ template "window" "5m" }}', '[1m] [5m]'],
    ['{{ $x := 1 }}{{ define "x" }}{{ $ }}{{ end }}{{ template "x" $x }}', '1'],
    ['a {{- " b " -}} c', 'a b c'],
  ])('%s is rendered', (source, rendered) => {
    expect(renderTemplate(source, MODEL)).toBe(rendered);
  });

  it.each([
    ['up{pod="{{ pod }}"}', true, 'there is no function pod', 11],
    ['{{ variables.none }}', true, 'there is no templateVariables.none', 3],
    ['{{ name', true, 'an action is not closed', 7],
    ['{{ template "x" }}', true, 'there is no template "x"', 3],
    ['{{ if true }}{{ define "x" }}{{ end }}{{ end }}', true, 'unexpected {{ define }}', 16],
    ['{{ define "x" }}a{{ end }}{{ define "x" }}b{{ end }}', true, 'the template "x" is defined twice', 29],
    ['{{ range 1000000000 }}x{{ end }}', false, 'not known here: a template that takes so many steps', undefined],
  ])('%s cannot be rendered', (source, isRefused, message, at) => {
    expect(renderingFault(source, MODEL)).toEqual({ isRefused, message, at });
  });

  it('is sent on one line, so that a comment swallows what follows', () => {
    expect(renderingFault('# why\nup', MODEL)).toBeUndefined();
    expect(onOneLine('# why\nup')).toBe('# why up');
  });
});
