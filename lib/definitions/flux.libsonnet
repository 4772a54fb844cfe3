// Flux: sources, Kustomizations, Helm releases and notifications. The objects are made with
// lib/flux.libsonnet.
local definition = import 'definition.libsonnet';
local s = import 'schema.libsonnet';

local readiness = {
  Ready: '.status.conditions[?(@.type=="Ready")].status',
  Status: '.status.conditions[?(@.type=="Ready")].message',
};

local new(group, kind, fields, version='v1', plural=std.asciiLower(kind) + 's', shortNames=[], columns=readiness) =
  definition.new(
    group + '.toolkit.fluxcd.io',
    kind,
    [definition.version(version, { spec: s.object(fields) }, columns)],
    plural=plural,
    shortNames=shortNames,
  );

local dependsOn = s.list(s.object({ 'name!': s.string, namespace: s.string, readyExpr: s.string }));
local reference = s.object({ 'kind!': s.string, 'name!': s.string, apiVersion: s.string, namespace: s.string });
local kubeConfig = s.oneOf({ configMapRef: s.name, secretRef: s.object({ 'name!': s.string, key: s.string }) });
local healthCheckExprs = s.list(s.object({
  'apiVersion!': s.string,
  'kind!': s.string,
  'current!': s.string,
  failed: s.string,
  inProgress: s.string,
}));
local verification = s.object({
  'provider!': s.enum(['cosign', 'notation']),
  matchOIDCIdentity: s.list(s.object({ 'issuer!': s.string, 'subject!': s.string })),
  secretRef: s.name,
});

local images = s.list(s.object({ 'name!': s.string, digest: s.string, newName: s.string, newTag: s.string }));
local patches = s.list(s.object({
  'patch!': s.string,
  target: s.object({
    annotationSelector: s.string,
    group: s.string,
    kind: s.string,
    labelSelector: s.string,
    name: s.string,
    namespace: s.string,
    version: s.string,
  }),
}));

// What every source has.
local source = {
  'interval!': s.duration,
  suspend: s.boolean,
  timeout: s.duration,
};

local remediation = {
  ignoreTestFailures: s.boolean,
  remediateLastFailure: s.boolean,
  retries: s.long,
};

local action = {
  disableHooks: s.boolean,
  disableOpenAPIValidation: s.boolean,
  disableSchemaValidation: s.boolean,
  disableTakeOwnership: s.boolean,
  disableWait: s.boolean,
  disableWaitForJobs: s.boolean,
  serverSideApply: s.boolean,
  strategy: s.object({ 'name!': s.enum(['RemediateOnFailure', 'RetryOnFailure']), retryInterval: s.duration }),
  timeout: s.duration,
};

local crds = s.enum(['Skip', 'Create', 'CreateReplace']);

{
  source: {
    gitRepository: new('source', 'GitRepository', source {
      'url!': s.string,
      ignore: s.string,
      include: s.list(s.object({ 'repository!': s.name, fromPath: s.string, toPath: s.string })),
      provider: s.enum(['generic', 'azure', 'github']),
      proxySecretRef: s.name,
      recurseSubmodules: s.boolean,
      ref: s.object({ branch: s.string, commit: s.string, name: s.string, semver: s.string, tag: s.string }),
      secretRef: s.name,
      serviceAccountName: s.string,
      sparseCheckout: s.list(s.string),
      verify: s.object({ 'secretRef!': s.name, mode: s.enum(['head', 'HEAD', 'Tag', 'TagAndHEAD']) }),
    }, plural='gitrepositories', shortNames=['gitrepo'], columns=readiness { URL: '.spec.url' }),

    helmRepository: new('source', 'HelmRepository', source {
      'url!': s.string,
      // An OCI registry has no index to fetch.
      interval: s.duration,
      'interval!':: null,
      accessFrom: s.object({ 'namespaceSelectors!': s.list(s.object({ matchLabels: s.strings })) }),
      certSecretRef: s.name,
      insecure: s.boolean,
      passCredentials: s.boolean,
      provider: s.enum(['generic', 'aws', 'azure', 'gcp']),
      secretRef: s.name,
      type: s.enum(['default', 'oci']),
    }, plural='helmrepositories', shortNames=['helmrepo'], columns=readiness { URL: '.spec.url' }),

    helmChart: new('source', 'HelmChart', source {
      'chart!': s.string,
      'sourceRef!': s.object({
        'kind!': s.enum(['HelmRepository', 'GitRepository', 'Bucket']),
        'name!': s.string,
        apiVersion: s.string,
      }),
      ignoreMissingValuesFiles: s.boolean,
      reconcileStrategy: s.enum(['ChartVersion', 'Revision']),
      timeout:: null,
      valuesFiles: s.list(s.string),
      verify: verification,
      version: s.string,
    }, shortNames=['hc'], columns=readiness { Chart: '.spec.chart', Version: '.spec.version' }),

    ociRepository: new('source', 'OCIRepository', source {
      'url!': s.string { pattern: '^oci://.*$' },
      certSecretRef: s.name,
      ignore: s.string,
      insecure: s.boolean,
      layerSelector: s.object({ mediaType: s.string, operation: s.enum(['extract', 'copy']) }),
      provider: s.enum(['generic', 'aws', 'azure', 'gcp']),
      proxySecretRef: s.name,
      ref: s.object({ digest: s.string, semver: s.string, semverFilter: s.string, tag: s.string }),
      secretRef: s.name,
      serviceAccountName: s.string,
      verify: verification,
    }, plural='ocirepositories', shortNames=['ocirepo'], columns=readiness { URL: '.spec.url' }),

    bucket: new('source', 'Bucket', source {
      'bucketName!': s.string,
      'endpoint!': s.string,
      certSecretRef: s.name,
      ignore: s.string,
      insecure: s.boolean,
      prefix: s.string,
      provider: s.enum(['generic', 'aws', 'gcp', 'azure']),
      proxySecretRef: s.name,
      region: s.string,
      secretRef: s.name,
      serviceAccountName: s.string,
      sts: s.object({
        'endpoint!': s.string,
        'provider!': s.enum(['aws', 'ldap']),
        certSecretRef: s.name,
        secretRef: s.name,
      }),
    }),
  },

  kustomization: new('kustomize', 'Kustomization', {
    'interval!': s.duration,
    'prune!': s.boolean,
    'sourceRef!': reference { properties+: {
      kind: s.enum(['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact']),
    } },
    commonMetadata: s.object({ annotations: s.strings, labels: s.strings }),
    components: s.list(s.string),
    decryption: s.object({ 'provider!': s.enum(['sops']), secretRef: s.name, serviceAccountName: s.string }),
    deletionPolicy: s.enum(['MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan']),
    dependsOn: dependsOn,
    force: s.boolean,
    healthCheckExprs: healthCheckExprs,
    healthChecks: s.list(reference),
    ignoreMissingComponents: s.boolean,
    images: images,
    kubeConfig: kubeConfig,
    namePrefix: s.string,
    nameSuffix: s.string,
    patches: patches,
    path: s.string,
    postBuild: s.object({
      substitute: s.strings,
      substituteFrom: s.list(s.object({
        'kind!': s.enum(['Secret', 'ConfigMap']),
        'name!': s.string,
        optional: s.boolean,
      })),
    }),
    retryInterval: s.duration,
    serviceAccountName: s.string,
    suspend: s.boolean,
    targetNamespace: s.string,
    timeout: s.duration,
    wait: s.boolean,
  }, shortNames=['ks']),

  helmRelease: new('helm', 'HelmRelease', {
    'interval!': s.duration,
    chart: s.object({
      metadata: s.object({ annotations: s.strings, labels: s.strings }),
      'spec!': s.object({
        'chart!': s.string,
        'sourceRef!': s.object({
          'kind!': s.enum(['HelmRepository', 'GitRepository', 'Bucket']),
          'name!': s.string,
          apiVersion: s.string,
          namespace: s.string,
        }),
        ignoreMissingValuesFiles: s.boolean,
        interval: s.duration,
        reconcileStrategy: s.enum(['ChartVersion', 'Revision']),
        valuesFiles: s.list(s.string),
        verify: s.object({ 'provider!': s.enum(['cosign', 'notation']), secretRef: s.name }),
        version: s.string,
      }),
    }),
    chartRef: s.object({
      'kind!': s.enum(['OCIRepository', 'HelmChart', 'ExternalArtifact']),
      'name!': s.string,
      apiVersion: s.string,
      namespace: s.string,
    }),
    commonMetadata: s.object({ annotations: s.strings, labels: s.strings }),
    dependsOn: dependsOn,
    driftDetection: s.object({
      ignore: s.list(s.object({ 'paths!': s.list(s.string), target: patches.items.properties.target })),
      mode: s.enum(['enabled', 'warn', 'disabled']),
    }),
    healthCheckExprs: healthCheckExprs,
    install: s.object(action {
      crds: crds,
      createNamespace: s.boolean,
      remediation: s.object(remediation),
      replace: s.boolean,
      skipCRDs: s.boolean,
    }),
    kubeConfig: kubeConfig,
    maxHistory: s.long,
    persistentClient: s.boolean,
    postRenderStrategy: s.enum(['nohooks', 'combined', 'separate']),
    postRenderers: s.list(s.object({ kustomize: s.object({ images: images, patches: patches }) })),
    releaseName: s.string,
    rollback: s.object({
      cleanupOnFail: s.boolean,
      disableHooks: s.boolean,
      disableWait: s.boolean,
      disableWaitForJobs: s.boolean,
      force: s.boolean,
      recreate: s.boolean,
      serverSideApply: s.string,
      timeout: s.duration,
    }),
    serviceAccountName: s.string,
    storageNamespace: s.string,
    suspend: s.boolean,
    targetNamespace: s.string,
    test: s.object({
      enable: s.boolean,
      filters: s.list(s.object({ 'name!': s.string, exclude: s.boolean })),
      ignoreFailures: s.boolean,
      timeout: s.duration,
    }),
    timeout: s.duration,
    uninstall: s.object({
      deletionPropagation: s.enum(['background', 'foreground', 'orphan']),
      disableHooks: s.boolean,
      disableWait: s.boolean,
      keepHistory: s.boolean,
      timeout: s.duration,
    }),
    upgrade: s.object(action {
      chartNameChangeStrategy: s.enum(['InPlaceUpdate', 'Reinstall']),
      cleanupOnFail: s.boolean,
      crds: crds,
      force: s.boolean,
      preserveValues: s.boolean,
      remediation: s.object(remediation { strategy: s.enum(['rollback', 'uninstall']) }),
      serverSideApply: s.string,
    }),
    values: s.anyValue,
    valuesFrom: s.list(s.object({
      'kind!': s.enum(['Secret', 'ConfigMap']),
      'name!': s.string,
      literal: s.boolean,
      optional: s.boolean,
      targetPath: s.string,
      valuesKey: s.string,
    })),
    waitStrategy: s.object({ name: s.enum(['poller', 'legacy']) }),
  }, version='v2', shortNames=['hr']),

  notification: {
    alert: new('notification', 'Alert', {
      'eventSources!': s.list(s.object({
        'kind!': s.string,
        'name!': s.string,
        apiVersion: s.string,
        matchLabels: s.strings,
        namespace: s.string,
      })),
      'providerRef!': s.name,
      eventMetadata: s.strings,
      eventSeverity: s.enum(['info', 'error']),
      exclusionList: s.list(s.string),
      inclusionList: s.list(s.string),
      summary: s.string,
      suspend: s.boolean,
    }, version='v1beta3'),
    provider: new('notification', 'Provider', {
      'type!': s.string,
      address: s.string,
      certSecretRef: s.name,
      channel: s.string,
      commitStatusExpr: s.string,
      interval: s.duration,
      proxy: s.string,
      proxySecretRef: s.name,
      secretRef: s.name,
      serviceAccountName: s.string,
      suspend: s.boolean,
      timeout: s.duration,
      username: s.string,
    }, version='v1beta3'),
    receiver: new('notification', 'Receiver', {
      'type!': s.string,
      'resources!': s.list(s.object({
        'kind!': s.string,
        'name!': s.string,
        apiVersion: s.string,
        matchLabels: s.strings,
        namespace: s.string,
      })),
      'secretRef!': s.name,
      events: s.list(s.string),
      interval: s.duration,
      resourceFilter: s.string,
      suspend: s.boolean,
    }),
  },
}
