// Definitions of custom resources that no chart of the workspace brings. Those of a program stand
// in `definitions/`, one file for each API group or family of groups.
//
// Schemas are written for what we use and what a cluster is likely to hold: all fields of the
// upper levels by name, `any` where it goes deep.
local s = import 'schema.libsonnet';

{
  new(group, kind, versions, plural=std.asciiLower(kind) + 's', scope='Namespaced', shortNames=[], categories=[]):: {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: '%s.%s' % [plural, group],
      // Deleting a definition deletes all objects of its kind: Flux must not.
      annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
    },
    spec: {
      group: group,
      names: {
        kind: kind,
        listKind: kind + 'List',
        plural: plural,
        singular: std.asciiLower(kind),
        [if shortNames != [] then 'shortNames']: shortNames,
        [if categories != [] then 'categories']: categories,
      },
      scope: scope,
      versions: versions,
    },
  },

  // The first version is the one to store; see `also` for the others. `fields` are those beside
  // `apiVersion`, `kind` and `metadata`, marked with `!` as in schema.libsonnet. Columns map a
  // title to a path, for `kubectl get`.
  version(name, fields, columns={}, subresources={ status: {} }):: {
    name: name,
    served: true,
    storage: true,
    [if subresources != {} then 'subresources']: subresources,
    additionalPrinterColumns: [
      { name: title, type: 'string', jsonPath: columns[title] }
      for title in std.objectFields(columns)
    ] + [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
    schema: { openAPIV3Schema: s.object({
      apiVersion: s.string,
      kind: s.string,
      metadata: { type: 'object' },
    } + (if std.objectHas(subresources, 'status') then { status: s.any } else {}) + fields) },
  },

  // The same under an older or newer name, which is served but not stored.
  also(version, name, deprecated=false):: version {
    name: name,
    storage: false,
    [if deprecated then 'deprecated']: true,
  },
}
