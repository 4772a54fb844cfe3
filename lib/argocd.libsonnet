// Argo CD: what delivers the exported tree of the GitOps platform.
local object(kind, name) = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: kind,
  metadata: { name: name },
};

// How everything is applied.
local syncPolicy = {
  automated: { prune: true, selfHeal: true },
  syncOptions: [
    // Definitions are too large for the annotation that a client keeps the last version in.
    'ServerSideApply=true',
    // An object may come before the system that brings its definition; the next attempt finds it.
    'SkipDryRunOnMissingResource=true',
    // Objects that are gone go last, when what replaces them is healthy.
    'PruneLast=true',
  ],
  retry: { limit: 5, backoff: { duration: '30s', factor: 2, maxDuration: '10m' } },
};

// One folder of the exported tree, with the folders of its namespaces.
local source(repository, revision, path) = {
  repoURL: repository,
  targetRevision: revision,
  path: path,
  directory: { recurse: true },
};

{
  appProject: {
    new(name, description, repository):: object('AppProject', name) {
      spec: {
        description: description,
        sourceRepos: [repository],
        destinations: [],
        // Nothing outside of namespaces unless a mixin allows it.
        clusterResourceWhitelist: [],
        namespaceResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    },
    withDestinations(clusters, namespaces=['*']):: {
      spec+: { destinations+: [
        { name: cluster, namespace: namespace }
        for cluster in clusters
        for namespace in namespaces
      ] },
    },
    // Kinds without a namespace, as `group/Kind`.
    withClusterKinds(kinds):: {
      spec+: { clusterResourceWhitelist+: [
        local parts = std.splitLimitR(kind, '/', 1);
        { group: if std.length(parts) == 2 then parts[0] else '', kind: parts[std.length(parts) - 1] }
        for kind in kinds
      ] },
    },
    // Actions on the applications of this project, for groups of people.
    withRole(name, groups, actions):: {
      local project = super.metadata.name,
      spec+: { roles+: [{
        name: name,
        groups: groups,
        policies: [
          'p, proj:%s:%s, applications, %s, %s/*, allow' % [project, name, action, project]
          for action in actions
        ],
      }] },
    },
    withSyncWindow(kind, schedule, duration, clusters):: {
      spec+: { syncWindows+: [{
        kind: kind,
        schedule: schedule,
        duration: duration,
        timeZone: 'Europe/Berlin',
        clusters: clusters,
        applications: ['*'],
        // By hand it is always possible: a window must not keep a repair from going out.
        manualSync: true,
      }] },
    },
  },

  application: {
    new(name, project, repository, revision, path, cluster, namespace):: object('Application', name) {
      spec: {
        project: project,
        source: source(repository, revision, path),
        destination: { name: cluster, namespace: namespace },
        syncPolicy: syncPolicy,
      },
    },
  },

  applicationSet: {
    // An application for each folder that matches `folders`, in each of the clusters: a list of
    // `{ cluster, destination, revision }`, any of which `folders` may use.
    fromFolders(name, project, repository, clusters, folders):: object('ApplicationSet', name) {
      spec: {
        goTemplate: true,
        // A parameter that does not exist is a mistake, not an empty string.
        goTemplateOptions: ['missingkey=error'],
        generators: [{ matrix: { generators: [
          { list: { elements: clusters } },
          { git: {
            repoURL: repository,
            revision: '{{ .revision }}',
            directories: [{ path: folder } for folder in folders],
          } },
        ] } }],
        template: {
          metadata: {
            name: '{{ .path.basename }}',
            labels: { 'platform.example.com/stack': name, 'platform.example.com/cluster': '{{ .cluster }}' },
          },
          spec: {
            project: project,
            source: source(repository, '{{ .revision }}', '{{ .path.path }}'),
            destination: { name: '{{ .destination }}' },
            syncPolicy: syncPolicy,
          },
        },
        // A folder that is missing for a moment must not cost a system its data.
        syncPolicy: { applicationsSync: 'create-update', preserveResourcesOnDeletion: true },
      },
    },
  },

  // For objects whose deletion takes others with it: definitions, namespaces, storage.
  keep:: { metadata+: { annotations+: { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' } } },

  // Within one application, lower numbers first (the default is 0).
  inWave(number):: { metadata+: { annotations+: { 'argocd.argoproj.io/sync-wave': '%d' % number } } },
}
