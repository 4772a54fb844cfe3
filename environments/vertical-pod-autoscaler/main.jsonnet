// Requests that follow what pods use. The recommender watches all workloads that have a
// VerticalPodAutoscaler; what becomes of a recommendation is said there.
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local networkPolicy = k.networking.v1.networkPolicy;

local namespace = 'vertical-pod-autoscaler';

// The recommender keeps a histogram for each container of the cluster.
local sizes = {
  dev: { replicas: 1, recommender: '256Mi' },
  shared: { replicas: 2, recommender: '256Mi' },
  prod: { replicas: 2, recommender: '1Gi' },
};

local component(replicas, memory) = {
  replicaCount: replicas,
  resources: container.withResources('50m', memory).resources { limits+: { cpu: null } },
};

local data(account) = {
  local release = self.release,
  local size = sizes[account.name],

  namespace: platform.namespace(namespace),

  release: helm.patch(
    helm.new(std.thisFile).template('vpa', '../../charts/vpa', helm.cluster(account) {
      namespace: namespace,
      values: {
        recommender: component(size.replicas, size.recommender),
        updater: component(size.replicas, '128Mi') {
          // A workload of one pod would be down while the pod is replaced.
          extraArgs: { 'min-replicas': 2 },
        },
        admissionController: component(size.replicas, '128Mi') {
          // Pods start without a recommendation rather than not at all.
          failurePolicyIgnore: true,
          certGen: {
            // Hooks are left out, and this one makes the certificate.
            asHooks: false,
            resources: container.withResources('10m', '32Mi').resources,
          },
        },
        podMonitor: { enabled: true },
      },
    }),
    [
      helm.mirrored,
      helm.controllers(uid=65534),
      helm.keepDefinitions,
      helm.kind('Job', platform.hardened(k.batch.v1.job, 65534)),
      helm.kind('Job', platform.onSystemNodes(k.batch.v1.job)),
      // A job cannot be changed: a new version of it takes the place of the old one.
      helm.kind('Job', { metadata+: { annotations+: { 'kustomize.toolkit.fluxcd.io/force': 'enabled' } } }),
    ]
  ),

  budgets: helm.budgets(release),

  local base = [traffic.toDns, traffic.toApiServer(account)],
  local monitored = [traffic.fromMonitoring(['metrics'])],
  networkPolicies: {
    recommender: networkPolicy.forWorkload(release.deployment_vpa_recommender, monitored, base),
    updater: networkPolicy.forWorkload(release.deployment_vpa_updater, monitored, base),
    admissionController: networkPolicy.forWorkload(
      release.deployment_vpa_admission_controller,
      monitored + [traffic.fromApiServer(account, ['http'])],
      base,
    ),
    certificate: networkPolicy.new(
      'vpa-certgen', release.job_vpa_certgen.spec.template.metadata.labels, egress=base
    ),
  },
};

platform.environments(namespace, namespace, ['dev', 'shared', 'prod'], data, {
  // Its usage figures come from there.
  'fluxcd.io/depends-on': 'metrics-server',
})
