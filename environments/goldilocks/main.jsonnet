// What workloads request, next to what they should: goldilocks makes a VerticalPodAutoscaler that
// changes nothing for each of them, and shows the recommendations.
local alb = import 'alb.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local networkPolicy = k.networking.v1.networkPolicy;

local name = 'goldilocks';
local namespace = name;

local sizes = {
  dev: { replicas: 1, memory: '128Mi' },
  shared: { replicas: 1, memory: '128Mi' },
  prod: { replicas: 2, memory: '384Mi' },
};

// What EKS runs has requests that are not ours to change.
local excluded = ['kube-node-lease', 'kube-public', 'kube-system'];

local data(account) = {
  local release = self.release,
  local size = sizes[account.name],
  local resources = container.withResources('25m', size.memory).resources,

  namespace: platform.namespace(namespace),

  release: helm.patch(
    helm.new(std.thisFile).template(name, '../../charts/goldilocks', helm.cluster(account) {
      namespace: namespace,
      values: {
        controller: {
          // A namespace that wants none says `goldilocks.fairwinds.com/enabled: "false"`.
          flags: { 'on-by-default': true, 'exclude-namespaces': std.join(',', excluded) },
          resources: resources,
        },
        dashboard: {
          replicaCount: size.replicas,
          flags: { 'on-by-default': true },
          excludeContainers: 'istio-proxy',
          resources: resources,
        },
      },
    }),
    [helm.mirrored, helm.controllers(uid=10324)]
  ),

  budgets: helm.budgets(release),

  // Names of workloads and numbers, nothing that needs a login inside of our networks.
  ingress: alb.internal(
    'goldilocks-dashboard', 'goldilocks.' + account.zone.name, 'http', healthPath='/health'
  ),

  networkPolicies: {
    // It has no port, and with that nothing to probe either.
    controller: networkPolicy.forWorkload(
      release.deployment_goldilocks_controller,
      egress=[traffic.toDns, traffic.toApiServer(account)],
    ),
    dashboard: networkPolicy.forWorkload(
      release.deployment_goldilocks_dashboard,
      ingress=[traffic.fromLoadBalancer(account, ['http'])],
      egress=[traffic.toDns, traffic.toApiServer(account)],
    ),
  },
};

platform.environments(name, namespace, ['dev', 'shared', 'prod'], data, {
  'fluxcd.io/depends-on': 'vertical-pod-autoscaler',
})
