// The mesh, in ambient mode: a control plane, and on every node what takes the traffic of the pods
// (istio-cni) and what encrypts it (ztunnel). A namespace joins with the label
// `istio.io/dataplane-mode: ambient`.
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local nodetaint = import 'nodetaint.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local daemonSet = k.apps.v1.daemonSet;
local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local probe = k.core.v1.probe;

local namespace = 'istio-system';
local charts = helm.new(std.thisFile);

local sizes = {
  dev: { replicas: { min: 1, max: 2 }, istiod: '1Gi', ztunnel: '256Mi' },
  shared: { replicas: { min: 2, max: 3 }, istiod: '1Gi', ztunnel: '256Mi' },
  prod: { replicas: { min: 2, max: 6 }, istiod: '4Gi', ztunnel: '768Mi' },
};

local data(account) = {
  local objects = self,
  local size = sizes[account.name],
  local render(chart, values) = charts.template(
    chart,
    '../../charts/' + chart,
    helm.cluster(account) { namespace: namespace, values: { profile: 'ambient' } + values },
  ),

  // The daemonsets set up the networks of the nodes themselves.
  namespace: platform.namespace(namespace, 'privileged'),

  base: helm.patch(render('istio-base', {}), [
    helm.keepDefinitions,
    // Once it is ready istiod turns the check from optional to required. Flux must not turn it back.
    helm.kind('ValidatingWebhookConfiguration', {
      metadata+: { annotations+: { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' } },
    }),
  ]),

  istiod: helm.patch(
    render('istiod', {
      autoscaleMin: size.replicas.min,
      autoscaleMax: size.replicas.max,
      resources: container.withResources('250m', size.istiod).resources,
      defaultPodDisruptionBudget: { enabled: false },
      // 100%, the chart's choice, would need as many system nodes again.
      rollingMaxSurge: 1,
    }),
    [
      helm.mirrored,
      helm.controllers(uid=1337),
      // Nodes wait for ztunnel, and ztunnel waits for this.
      helm.kind('Deployment', deployment.withTolerationsMixin([nodetaint.toleration])),
      // `/ready` speaks of its caches. One that takes no connections any more is not seen there.
      helm.kind('Deployment', deployment.mapContainers(function(container) container {
        livenessProbe: probe.tcp(15012, failures=6),
      })),
    ]
  ),

  cni: helm.patch(
    render('istio-cni', {
      excludeNamespaces: ['kube-system', 'nodetaint', namespace],
      resources: container.withResources('20m', '128Mi').resources,
    }),
    [
      helm.mirrored,
      helm.kind('DaemonSet', nodetaint.systemCritical),
      // By this name the runbooks know it, and nodetaint's metrics.
      helm.kind('DaemonSet', { metadata+: { name: 'istio-cni-node' } }),
      helm.kind('DaemonSet', daemonSet.mapContainers(function(container) container {
        livenessProbe: probe.http('/healthz', 'readiness'),
        // It is root with capabilities, as it has to be, but no more than that.
        securityContext+: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
      })),
    ]
  ),

  ztunnel: helm.patch(
    render('ztunnel', { resources: container.withResources('100m', size.ztunnel).resources }),
    [
      helm.mirrored,
      helm.kind('DaemonSet', nodetaint.systemCritical),
      // The account keeps its name: by it istiod knows whom to give the identities of other pods.
      helm.kind('DaemonSet', { metadata+: { name: 'istio-ztunnel' } }),
      // No liveness probe: a restart cuts every connection of the node, which is worse than what
      // it would cure. Drained on purpose it gets the time to let them end.
      helm.kind('DaemonSet', daemonSet.withTerminationGracePeriodSeconds(60)),
    ]
  ),

  budgets: helm.budgets(objects.istiod),

  // Only the control plane: what passes through ztunnel is the traffic of all other pods.
  networkPolicy: networkPolicy.forWorkload(
    objects.istiod.deployment_istiod,
    ingress=[
      traffic.fromMonitoring([15014]),
      traffic.fromApiServer(account, [15017]),
      // Proxies, in any namespace.
      networkPolicy.from([networkPolicy.peer.namespacesWith({})]) + networkPolicy.ports([15012]),
    ],
    egress=[traffic.toDns, traffic.toApiServer(account)],
  ),

  local monitor(workload, port, path='/metrics') = prometheus.podMonitor.new(
    workload.metadata.name,
    workload.spec.selector.matchLabels,
    [prometheus.endpoint.new(port, path)],
  ),
  podMonitors: {
    istiod: monitor(objects.istiod.deployment_istiod, 'monitoring'),
    cni: monitor(objects.cni.daemon_set_istio_cni, 'metrics'),
    ztunnel: monitor(objects.ztunnel.daemon_set_ztunnel, 'ztunnel-stats', '/stats/prometheus'),
  },

  // In the namespace of the control plane it is for the whole mesh.
  peerAuthentication: {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default' },
    spec: { mtls: { mode: 'STRICT' } },
  },
};

platform.environments('istio-system', namespace, ['dev', 'shared', 'prod'], data, {
  // Nodes would join before there is a controller that holds their pods back.
  'fluxcd.io/depends-on': 'nodetaint',
})
