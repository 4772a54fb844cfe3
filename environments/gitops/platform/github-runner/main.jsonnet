// Runs the jobs of our repositories. A runner takes one job and ends: what a job leaves behind does
// not reach the next one. Only dev and prod have runners: qa is for what is being tested.
local gitops = import '../../gitops.libsonnet';
local application = import 'application.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local deployment = k.apps.v1.deployment;
local envVar = k.core.v1.envVar;

local name = 'github-runner';

// Kinds of runners, by what jobs ask for with `runs-on`.
local kinds = {
  small: { cpu: '500m', memory: '2Gi', work: '10Gi', replicas: { dev: 2, prod: 4 } },
  large: { cpu: '4', memory: '12Gi', work: '50Gi', replicas: { dev: 1, prod: 2 } },
};

local runner(cluster, kind) =
  local size = kinds[kind];
  local fullName = '%s-%s' % [name, kind];
  application.new({
    name: fullName,
    namespace: name,
    account: cluster,
    image: platform.image('actions/actions-runner', '2.328.0'),
    command: ['/home/runner/run.sh'],
    args: ['--once'],
    uid: 1001,
    replicas: size.replicas[cluster.name],
    cpu: size.cpu,
    memory: size.memory,
    env: {
      RUNNER_NAME: envVar.fromField('metadata.name'),
      RUNNER_SCOPE: 'org',
      ORG_NAME: 'example',
      RUNNER_LABELS: '%s,%s' % [cluster.cluster.name, kind],
      RUNNER_WORKDIR: '/work',
      RUNNER_EPHEMERAL: 'true',
      DISABLE_AUTO_UPDATE: 'true',
      // The key of an app that may register runners, and nothing else.
      APP_ID: envVar.fromSecret('github-runner-app', 'id'),
      APP_PRIVATE_KEY: envVar.fromSecret('github-runner-app', 'privateKey'),
    },
    ports: {},
    service: false,
    liveness: k.core.v1.probe.exec(['/usr/bin/pgrep', '-f', 'Runner.Listener'], period=30),
    readiness: k.core.v1.probe.exec(['/usr/bin/pgrep', '-f', 'Runner.Listener'], period=30),
    scratch: {
      '/work': size.work,
      '/tmp': '2Gi',
    },
    // Whatever a job builds is on the internet; the cluster and our networks are not for it.
    egress: [traffic.toInternet([22, 80, 443])],
  }) {
    workload+:
      // The runner keeps its registration beside its program.
      deployment.mapContainers(function(container) container {
        securityContext+: { readOnlyRootFilesystem: false },
      })
      // A job that has begun may end; no new one is taken.
      + deployment.withTerminationGracePeriodSeconds(3600)
      + deployment.withRollingUpdate(0, '50%'),
  };

local data(cluster) = {
  namespace: gitops.namespace(name),
  runners: { [kind]: runner(cluster, kind) for kind in std.objectFields(kinds) },

  // Jobs must not take the cluster with them.
  quota: {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: name },
    spec: { hard: { 'requests.cpu': '16', 'requests.memory': '48Gi', pods: '20' } },
  },
};

gitops.environments('platform/github-runner', name, data, only=['dev', 'prod'])
