// The clusters of the other two platforms, the publishing platform (`journal`) and the GitOps
// platform (`gitops`), and their environments. A cluster has the fields of an account of
// accounts.libsonnet as far as they make sense for it, so that the libraries take either.
local catalog = import 'service-catalog.libsonnet';

local cluster(platform, name, account, network, version='1.33', extra={}) = {
  local this = self,
  platform: platform,
  // By what the exported folders end in.
  name: name,
  // The label `account` is unique among all platforms, so that `-l account=prod` is one cluster.
  account: account,
  vpcCidr: network,
  zone: { name: '%s.%s.example.com' % [name, platform] },
  cluster: {
    name: '%s-%s' % [platform, name],
    version: version,
    apiServer: 'https://%s.k8s.example.com' % self.name,
  },
} + extra;

local platforms = {
  journal: {
    local aws = { region: 'eu-central-1' },
    staging: cluster('journal', 'staging', 'staging', '10.64.0.0/16', extra=aws { id: '444444444444' }),
    live: cluster('journal', 'live', 'live', '10.65.0.0/16', extra=aws {
      id: '555555555555',
      // Readers know it by this name.
      zone: { name: 'journal.example.com' },
    }),
  },

  // On machines of our own: no cloud gives them addresses, disks or identities.
  gitops: {
    dev: cluster('gitops', 'dev', 'gitops-dev', '10.80.0.0/16'),
    qa: cluster('gitops', 'qa', 'gitops-qa', '10.81.0.0/16'),
    // Argo CD runs here, for all three.
    prod: cluster('gitops', 'prod', 'gitops-prod', '10.82.0.0/16', extra={ zone: { name: 'gitops.example.com' } }),
  },
};

// `folder` is the environment's below `environments/PLATFORM/`; the system has the name of the
// folder in the service catalogue, with dashes, after the platform's.
local environment(cluster, folder, namespace, data, labels) = {
  local system = '%s-%s' % [cluster.platform, std.strReplace(folder, '/', '-')],
  local service = catalog.service(system),
  apiVersion: 'tanka.dev/v1alpha1',
  kind: 'Environment',
  metadata: {
    name: 'environments/%s/%s/%s' % [cluster.platform, folder, cluster.name],
    labels: {
      platform: cluster.platform,
      account: cluster.account,
      system: system,
      team: service.owner_group,
      tier: service.tier,
    } + labels,
  },
  spec: {
    apiServer: cluster.cluster.apiServer,
    namespace: namespace,
    injectLabels: true,
    resourceDefaults: { labels: { 'app.kubernetes.io/part-of': system } },
  },
  data: data,
};

// `data(cluster)` for some or all clusters of a platform.
local environments(clusters) = function(folder, namespace, data, labels={}, only=std.objectFields(clusters)) {
  [name]: environment(clusters[name], folder, namespace, data(clusters[name]), labels)
  for name in only
};

{
  [platform]: {
    clusters: platforms[platform],
    environments:: environments(platforms[platform]),
  }
  for platform in std.objectFields(platforms)
}
