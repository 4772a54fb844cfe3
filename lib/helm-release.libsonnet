// Charts that Flux installs in the cluster: a HelmRelease for each row of a table, and a
// HelmRepository for each repository that the rows name.
//
//     helmRelease.objects(repositories={ podinfo: 'https://charts.example.com/podinfo' }, releases={
//       podinfo: { chart: 'podinfo/podinfo', version: '6.9.2', namespace: 'test', values: { … } },
//     })
local sourceNamespace = 'flux-system';

local repository(name, url) = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'HelmRepository',
  metadata: { name: name, namespace: sourceNamespace },
  spec: {
    url: url,
    interval: '1h',
    timeout: '60s',
    // A registry has no index to fetch.
    [if std.startsWith(url, 'oci://') then 'type']: 'oci',
  },
};

local defaults = {
  // Releases, by name, that must be ready before.
  dependsOn: [],
  values: {},
  // Definitions come from an environment of their own, before everything else.
  crds: 'Skip',
  timeout: '10m',
};

local release(name, row, all) = {
  local source = std.splitLimit(row.chart, '/', 1),
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: name, namespace: row.namespace },
  spec: {
    // Named like the release and nothing more; Flux would put the namespace in front.
    releaseName: name,
    interval: '30m',
    timeout: row.timeout,
    chart: { spec: {
      chart: source[1],
      version: row.version,
      sourceRef: { kind: 'HelmRepository', name: source[0], namespace: sourceNamespace },
      interval: '1h',
    } },
    // A first installation that failed leaves nothing worth keeping; an update goes back.
    install: { crds: row.crds, remediation: { retries: 3 } },
    upgrade: {
      crds: row.crds,
      cleanupOnFail: true,
      remediation: { retries: 3, strategy: 'rollback', remediateLastFailure: true },
    },
    // What somebody changed by hand is put right.
    driftDetection: {
      mode: 'enabled',
      // An autoscaler's business.
      ignore: [{ paths: ['/spec/replicas'], target: { kind: 'Deployment' } }],
    },
    [if row.dependsOn != [] then 'dependsOn']: [
      { name: other, namespace: all[other].namespace }
      for other in row.dependsOn
    ],
    [if row.values != {} then 'values']: row.values,
  },
};

{
  objects(repositories, releases)::
    local rows = std.mapWithKey(function(_, row) defaults + row, releases);
    local used = std.set([std.splitLimit(row.chart, '/', 1)[0] for row in std.objectValues(rows)]);
    local unknown = std.setDiff(used, std.objectFields(repositories));
    assert unknown == [] : 'no such chart repository: ' + std.join(', ', unknown);
    {
      // Those that no release names are left out.
      repositories: { [name]: repository(name, repositories[name]) for name in used },
      releases: { [name]: release(name, rows[name], rows) for name in std.objectFields(rows) },
    },
}
