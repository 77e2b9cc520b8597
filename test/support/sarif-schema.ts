type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const COUNT: Schema = { type: 'integer', minimum: 0 };
const LEVEL: Schema = { enum: ['none', 'note', 'warning', 'error'] };
const MESSAGE = object({ text: TEXT, markdown: TEXT }, 'text');
// A URI reference contains no blanks and no backslashes.
const URI: Schema = { type: 'string', pattern: '^[\\w.~:/?#@!$&()*+,;=%-]+$' };

const LOCATION = object(
  {
    physicalLocation: object(
      {
        artifactLocation: object({ uri: URI }, 'uri'),
        region: object(
          { startLine: { type: 'integer', minimum: 1 }, snippet: object({ text: TEXT }, 'text') },
          'startLine',
        ),
      },
      'artifactLocation',
    ),
  },
  'physicalLocation',
);

const RULE = object(
  {
    id: TEXT,
    shortDescription: MESSAGE,
    help: MESSAGE,
    helpUri: URI,
    defaultConfiguration: object({ level: LEVEL }),
  },
  'id',
);

const RESULT = object(
  {
    ruleId: TEXT,
    ruleIndex: COUNT,
    level: LEVEL,
    message: MESSAGE,
    locations: list(LOCATION),
    suppressions: list(object({ kind: { enum: ['inSource', 'external'] }, justification: TEXT }, 'kind')),
  },
  'message',
);

const INVOCATION = object(
  {
    executionSuccessful: { type: 'boolean' },
    toolExecutionNotifications: list(object({ level: LEVEL, message: MESSAGE, locations: list(LOCATION) }, 'message')),
  },
  'executionSuccessful',
);

const RUN = object(
  {
    tool: object({ driver: object({ name: TEXT, informationUri: URI, rules: list(RULE) }, 'name') }, 'driver'),
    invocations: list(INVOCATION),
    results: list(RESULT),
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
  },
  'tool',
);

/** The part of SARIF 2.1.0 that a linter writes, without any field that SARIF does not have. */
export const SARIF: Schema = object({ $schema: URI, version: { const: '2.1.0' }, runs: list(RUN) }, 'version', 'runs');

function object(properties: Readonly<Record<string, Schema>>, ...required: readonly string[]): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}
