// argoproj.io: what Argo CD delivers, and what it may. The objects are made with lib/argocd.libsonnet.
local definition = import 'definition.libsonnet';
local s = import 'schema.libsonnet';

local new(kind, fields, shortNames, columns={}, subresources={}) =
  definition.new(
    'argoproj.io',
    kind,
    [definition.version('v1alpha1', fields { status: s.any }, columns, subresources=subresources)],
    shortNames=shortNames,
  );

local parameters = s.list(s.object({ forceString: s.boolean, name: s.string, value: s.string }));

local source = s.object({
  'repoURL!': s.string,
  chart: s.string,
  directory: s.object({
    exclude: s.string,
    include: s.string,
    jsonnet: s.object({
      extVars: s.list(s.object({ code: s.boolean, 'name!': s.string, 'value!': s.string })),
      libs: s.list(s.string),
      tlas: s.list(s.object({ code: s.boolean, 'name!': s.string, 'value!': s.string })),
    }),
    recurse: s.boolean,
  }),
  helm: s.object({
    apiVersions: s.list(s.string),
    fileParameters: s.list(s.object({ name: s.string, path: s.string })),
    ignoreMissingValueFiles: s.boolean,
    kubeVersion: s.string,
    namespace: s.string,
    parameters: parameters,
    passCredentials: s.boolean,
    releaseName: s.string,
    skipCrds: s.boolean,
    skipSchemaValidation: s.boolean,
    skipTests: s.boolean,
    valueFiles: s.list(s.string),
    values: s.string,
    valuesObject: s.any,
    version: s.string,
  }),
  kustomize: s.any,
  name: s.string,
  path: s.string,
  plugin: s.object({
    env: s.list(s.object({ 'name!': s.string, 'value!': s.string })),
    name: s.string,
    parameters: s.list(s.any),
  }),
  ref: s.string,
  targetRevision: s.string,
});

local retry = s.object({
  backoff: s.object({ duration: s.string, factor: s.long, maxDuration: s.string }),
  limit: s.long,
});

local destination = s.object({ name: s.string, namespace: s.string, server: s.string });

local info = s.list(s.object({ 'name!': s.string, 'value!': s.string }));

local application = s.object({
  'destination!': destination,
  'project!': s.string,
  ignoreDifferences: s.list(s.object({
    'kind!': s.string,
    group: s.string,
    jqPathExpressions: s.list(s.string),
    jsonPointers: s.list(s.string),
    managedFieldsManagers: s.list(s.string),
    name: s.string,
    namespace: s.string,
  })),
  info: info,
  revisionHistoryLimit: s.long,
  source: source,
  // What is rendered before it is applied, and on which branch it then is.
  sourceHydrator: s.object({
    'drySource!': s.object({ 'path!': s.string, 'repoURL!': s.string, 'targetRevision!': s.string }),
    hydrateTo: s.object({ 'targetBranch!': s.string }),
    'syncSource!': s.object({ 'path!': s.string, 'targetBranch!': s.string }),
  }),
  sources: s.list(source),
  syncPolicy: s.object({
    automated: s.object({ allowEmpty: s.boolean, enabled: s.boolean, prune: s.boolean, selfHeal: s.boolean }),
    managedNamespaceMetadata: s.object({ annotations: s.strings, labels: s.strings }),
    retry: retry,
    syncOptions: s.list(s.string),
  }),
});

local template = s.object({
  'metadata!': s.object({
    annotations: s.strings,
    finalizers: s.list(s.string),
    labels: s.strings,
    name: s.string,
    namespace: s.string,
  }),
  'spec!': application,
});

// Generators of a matrix are generators again; a schema cannot say so, and stops after two.
local generators = {
  clusterDecisionResource: s.any,
  clusters: s.object({ flatList: s.boolean, selector: s.labelSelector, template: s.any, values: s.strings }),
  git: s.object({
    'repoURL!': s.string,
    'revision!': s.string,
    directories: s.list(s.object({ exclude: s.boolean, 'path!': s.string })),
    files: s.list(s.object({ exclude: s.boolean, 'path!': s.string })),
    pathParamPrefix: s.string,
    requeueAfterSeconds: s.long,
    template: s.any,
    values: s.strings,
  }),
  list: s.object({ elements: s.list(s.anyValue), elementsYaml: s.string, template: s.any }),
  plugin: s.any,
  pullRequest: s.any,
  scmProvider: s.any,
  selector: s.labelSelector,
};
local nested = s.list(s.object(generators { matrix: s.anyValue, merge: s.anyValue }));

{
  application: new('Application', {
    'spec!': application,
    // What is being done at the moment; the controller writes it.
    operation: s.any,
  }, ['app', 'apps'], {
    'Sync Status': '.status.sync.status',
    'Health Status': '.status.health.status',
  }),

  applicationSet: new('ApplicationSet', {
    'spec!': s.object({
      'generators!': s.list(s.object(generators {
        matrix: s.object({ 'generators!': nested, template: s.any }),
        merge: s.object({ 'generators!': nested, 'mergeKeys!': s.list(s.string), template: s.any }),
      })),
      'template!': template,
      applyNestedSelectors: s.boolean,
      goTemplate: s.boolean,
      goTemplateOptions: s.list(s.string),
      ignoreApplicationDifferences: s.list(s.object({
        jqPathExpressions: s.list(s.string),
        jsonPointers: s.list(s.string),
        name: s.string,
      })),
      preservedFields: s.object({ annotations: s.list(s.string), labels: s.list(s.string) }),
      strategy: s.object({
        rollingSync: s.object({ steps: s.list(s.object({
          matchExpressions: s.list(s.object({ key: s.string, operator: s.string, values: s.list(s.string) })),
          maxUpdate: s.intOrString,
        })) }),
        type: s.string,
      }),
      syncPolicy: s.object({
        applicationsSync: s.enum(['create-only', 'create-update', 'create-delete', 'sync']),
        preserveResourcesOnDeletion: s.boolean,
      }),
      templatePatch: s.string,
    }),
  }, ['appset', 'appsets'], subresources={ status: {} }),

  appProject:
    local kinds = s.list(s.object({ 'group!': s.string, 'kind!': s.string }));
    new('AppProject', {
      'spec!': s.object({
        clusterResourceBlacklist: kinds,
        clusterResourceWhitelist: kinds,
        description: s.string { maxLength: 255 },
        destinationServiceAccounts: s.list(s.object({
          'defaultServiceAccount!': s.string,
          namespace: s.string,
          'server!': s.string,
        })),
        destinations: s.list(destination),
        namespaceResourceBlacklist: kinds,
        namespaceResourceWhitelist: kinds,
        orphanedResources: s.object({
          ignore: s.list(s.object({ group: s.string, kind: s.string, name: s.string })),
          warn: s.boolean,
        }),
        permitOnlyProjectScopedClusters: s.boolean,
        roles: s.list(s.object({
          'name!': s.string,
          description: s.string,
          groups: s.list(s.string),
          jwtTokens: s.list(s.object({ exp: s.long, 'iat!': s.long, id: s.string })),
          policies: s.list(s.string),
        })),
        signatureKeys: s.list(s.object({ 'keyID!': s.string })),
        sourceNamespaces: s.list(s.string),
        sourceRepos: s.list(s.string),
        syncWindows: s.list(s.object({
          andOperator: s.boolean,
          applications: s.list(s.string),
          clusters: s.list(s.string),
          description: s.string,
          duration: s.string,
          kind: s.enum(['allow', 'deny']),
          manualSync: s.boolean,
          namespaces: s.list(s.string),
          schedule: s.string,
          timeZone: s.string,
        })),
      }),
    }, ['appproj', 'appprojs']),
}
