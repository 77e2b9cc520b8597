import { describe, expect, it } from 'vitest';
import { jsonPathErrorAt } from './json-path.js';

// Each was parsed by k8s.io/client-go/util/jsonpath 0.34.5, which Argo Rollouts uses.
describe('a JSONPath is read as Kubernetes reads it', () => {
  it.each([
    '{$}',
    '{$.data.value}',
    "{$.data[0]['value'][-1:]}",
    '{.data[0, 1]}',
    '{.data[?(@.name=="a)b")].value}',
    '{range .items[*]}{.a}{end}',
    '{.a .b}',
    '{..name}',
    '{.a-b}',
    String.raw`{.a\.b}`,
    'text {.a} more {"text"}',
    '{...}',
    '{.data[1::-1]}',
  ])('%s', (path) => {
    expect(jsonPathErrorAt(path)).toBeUndefined();
  });

  it('without trying a long list of indices in several ways', () => {
    expect(jsonPathErrorAt(`{[${',  '.repeat(10_000)}x]}`)).toBe(1);
    expect(jsonPathErrorAt(`{[${'1, '.repeat(10_000)}2]}`)).toBeUndefined();
  });

  it.each([
    ['{.data[}', 6],
    ['{.data]}', 6],
    ['{.data["a"]}', 6],
    ['{.data[a]}', 6],
    ["{.data['a]}", 6],
    ['{.data[?(@.x]}', 6],
    ['{.a,.b}', 3],
    ['{.a{.b}}', 3],
    ['{(.a)}', 1],
    ['{....}', 1],
    ["{'x}", 1],
    ['{.a} {', 6],
    ['{\t.a}', 1],
  ])('%s, which cannot be read from %i on', (path, at) => {
    expect(jsonPathErrorAt(path)).toBe(at);
  });
});
