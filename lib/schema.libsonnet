// Schemas of custom resources (OpenAPI v3, structural), in short.
//
//     s.object({ 'name!': s.string, replicas: s.integer, env: s.list(s.any), labels: s.strings })
//
// A field with a `!` is required. What a schema does not name the API server drops without a word:
// where another program's fields are embedded (pod templates, filters), say `any`.
local string = { type: 'string' };
local list(items) = { type: 'array', items: items };
local map(values) = { type: 'object', additionalProperties: values };

local plain(field) = std.rstripChars(field, '!');

local object(fields) =
  local required = [plain(field) for field in std.objectFields(fields) if std.endsWith(field, '!')];
  { type: 'object', properties: { [plain(field)]: fields[field] for field in std.objectFields(fields) } }
  + (if required == [] then {} else { required: required });

local intOrString = {
  'x-kubernetes-int-or-string': true,
  anyOf: [{ type: 'integer' }, { type: 'string' }],
};

local requirement(operators) = object({
  'key!': string,
  'operator!': string { enum: operators },
  values: list(string),
});

{
  string: string,
  boolean: { type: 'boolean' },
  integer: { type: 'integer', format: 'int32' },
  long: { type: 'integer', format: 'int64' },
  number: { type: 'number' },
  time: string { format: 'date-time' },
  enum(values):: string { enum: values },
  // As Go writes it: `1h30m`.
  duration: string { pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$' },
  intOrString: intOrString,
  quantity: intOrString {
    pattern: '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
  },

  // Any object, and any value at all.
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  anyValue: { 'x-kubernetes-preserve-unknown-fields': true },

  list(items):: list(items),
  map(values):: map(values),
  strings: map(string),
  object(fields):: object(fields),
  // An object of which exactly one of the fields is set.
  oneOf(fields):: object(fields) { oneOf: [{ required: [plain(field)] } for field in std.objectFields(fields)] },
  // Known fields, and room for those of newer versions.
  open(fields):: object(fields) { 'x-kubernetes-preserve-unknown-fields': true },

  // What Kubernetes' own kinds are made of, where other kinds borrow it.
  requirement(operators):: requirement(operators),
  labelSelector: object({
    matchLabels: map(string),
    matchExpressions: list(requirement(['In', 'NotIn', 'Exists', 'DoesNotExist'])),
  }),
  metadata: object({ name: string, labels: map(string), annotations: map(string) }),
  name: object({ 'name!': string }),
  // A key of a secret or config map.
  key: object({ 'key!': string, name: string, optional: { type: 'boolean' } }),
  resources: object({
    requests: map($.quantity),
    limits: map($.quantity),
    claims: list(object({ 'name!': string, request: string })),
  }),
  toleration: object({
    key: string,
    operator: string,
    value: string,
    effect: string,
    tolerationSeconds: $.long,
  }),
  condition: object({
    'type!': string,
    'status!': $.enum(['True', 'False', 'Unknown']),
    'reason!': string,
    'message!': string,
    'lastTransitionTime!': $.time,
    observedGeneration: $.long,
  }),
}
