// Suggests updates of what our repositories depend on, this workspace included. One of it is enough
// for all clusters.
local gitops = import '../../gitops.libsonnet';
local application = import 'application.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local envVar = k.core.v1.envVar;

local name = 'renovate';

local config = {
  platform: 'gitea',
  endpoint: 'https://git.example.com/api/v1/',
  gitAuthor: 'Renovate <renovate@example.com>',
  autodiscover: true,
  autodiscoverFilter: ['platform/*', 'shop/*'],
  onboarding: false,
  requireConfig: 'optional',
  extends: ['config:recommended', ':dependencyDashboard', ':semanticCommitsDisabled'],
  // At most what people can look at in a day.
  prConcurrentLimit: 5,
  prHourlyLimit: 0,
  // Nothing on the day it comes out: others may find out first.
  minimumReleaseAge: '5 days',
  packageRules: [
    { matchUpdateTypes: ['patch'], matchCurrentVersion: '!/^0/', groupName: 'patches' },
    // `renga charts vendor` has to follow, which Renovate cannot do.
    { matchFileNames: ['chartfile.yaml'], labels: ['needs-vendoring'] },
  ],
  customManagers: [{
    customType: 'regex',
    description: 'Images in Jsonnet',
    managerFilePatterns: ['/\\.(jsonnet|libsonnet)$/'],
    matchStrings: ["platform\\.image\\('(?<depName>[^']+)', '(?<currentValue>[^']+)'\\)"],
    datasourceTemplate: 'docker',
  }],
};

local data(cluster) = {
  namespace: gitops.namespace(name),

  renovate: application.scheduled({
    name: name,
    namespace: name,
    account: cluster,
    image: platform.image('renovate/renovate', '41.97.0'),
    // Before people come to work.
    schedule: '30 4 * * 1-5',
    deadline: 2 * 3600,
    uid: 12021,
    cpu: '500m',
    memory: '2Gi',
    env: {
      RENOVATE_CONFIG_FILE: '/etc/renovate/config.json',
      RENOVATE_BASE_DIR: '/tmp/renovate',
      LOG_FORMAT: 'json',
      RENOVATE_TOKEN: envVar.fromSecret('renovate', 'token'),
      // For reading release notes; without it the rate limit is soon reached.
      GITHUB_COM_TOKEN: envVar.fromSecret('renovate', 'githubToken'),
    },
    configs: { config: { path: '/etc/renovate', data: { 'config.json': std.manifestJsonEx(config, '  ') + '\n' } } },
    scratch: { '/tmp': '10Gi' },
    egress: [traffic.toInternet()],
  }),
};

gitops.environments('platform/renovate', name, data, only=['prod'])
