// Holds pods back from a new node until its system-critical daemonsets run, the same in every
// account. What is system-critical is said where a daemonset is rendered, with
// `nodetaint.systemCritical`.
local controller = import 'controller.libsonnet';
local k = import 'k.libsonnet';
local nodetaint = import 'nodetaint.libsonnet';
local platform = import 'platform.libsonnet';
local tk = import 'tk';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local daemonSet = k.apps.v1.daemonSet;
local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local rule = k.rbac.v1.rule;
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local account = platform.accountOf(tk.env);
local namespace = tk.env.spec.namespace;
local image = platform.image('platform/nodetaint', '1.4.2');

local config = {
  taint: nodetaint.taint,
  annotation: nodetaint.annotation,
  // EKS installs these itself and would drop an annotation at the next upgrade, so they are named.
  daemonSets: [
    { namespace: 'kube-system', name: 'aws-node' },
    { namespace: 'kube-system', name: 'ebs-csi-node' },
    { namespace: 'kube-system', name: 'kube-proxy' },
  ],
  // Better a node without one of its agents than a cluster that cannot grow.
  giveUpAfter: '10m',
};

// Asks the cluster's DNS for a name from inside the pod network, which nothing else on a new node
// does before the first workload would fail at it.
local probe = {
  local name = 'node-probe',

  serviceAccount:
    k.core.v1.serviceAccount.new(name) + k.core.v1.serviceAccount.withAutomountToken(false),

  daemonSet:
    daemonSet.new(name, [
      container.new(name, image)
      + container.withCommand(['/node-probe'])
      + container.withArgs(['--resolve=kubernetes.default.svc.cluster.local', '--listen=:8082'])
      + container.withPorts([k.core.v1.containerPort.new('health', 8082)])
      + container.withResources('5m', '24Mi')
      + container.withLivenessProbe(k.core.v1.probe.http('/healthz', 'health'))
      // Ready is what the controller waits for: ask often.
      + container.withReadinessProbe(k.core.v1.probe.http('/readyz', 'health', period=2)),
    ])
    + daemonSet.withServiceAccountName(name)
    + daemonSet.withAutomountToken(false)
    + daemonSet.withMaxUnavailable('25%')
    + platform.hardened(daemonSet)
    + nodetaint.systemCritical,

  networkPolicy: networkPolicy.forWorkload(probe.daemonSet, egress=[traffic.toDns]),
};

{
  namespace: platform.namespace(namespace),

  config: k.core.v1.configMap.new('nodetaint', {
    'config.json': std.manifestJsonEx(config, '  '),
  }),

  controller: controller.new({
    name: 'nodetaint',
    namespace: namespace,
    account: account,
    image: image,
    args: ['--config=/etc/nodetaint/config.json', '--leader-elect'],
    healthPort: 8081,
    clusterRules: [
      rule.read([''], ['nodes', 'pods']),
      rule.read(['apps'], ['daemonsets']),
      // Taints are part of the node's spec: there is no narrower right.
      rule.new([''], ['nodes'], ['patch']),
      rule.new([''], ['events'], ['create', 'patch']),
    ],
  }) {
    container+: container.withVolumeMounts([volumeMount.new('config', '/etc/nodetaint', readOnly=true)]),
    deployment+:
      deployment.withVolumes([volume.fromConfigMap('config', 'nodetaint')])
      // A system node that Karpenter did not start may carry the taint as well.
      + deployment.withTolerationsMixin([nodetaint.toleration])
      // A changed configuration restarts the pods.
      + deployment.withPodAnnotations({ 'checksum/config': std.md5(std.manifestJsonEx(config, '')) }),
  },

  probe: probe,
}
