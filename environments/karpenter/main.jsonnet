// Node autoscaling: the controller and the pools of each cluster.
local alerts = import 'alerts.libsonnet';
local controller = import 'controller.libsonnet';
local definitions = import 'definitions/karpenter.libsonnet';
local k = import 'k.libsonnet';
local karpenter = import 'karpenter.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local traffic = import 'traffic.libsonnet';

local deployment = k.apps.v1.deployment;
local nodeClass = karpenter.ec2NodeClass;
local nodePool = karpenter.nodePool;
local rbac = k.rbac.v1;
local rule = rbac.rule;

local namespace = 'karpenter';
local amiVersion = 'v20260915';

local clusterRules = [
  rule.read(
    ['karpenter.sh', 'karpenter.k8s.aws'],
    ['nodepools', 'nodepools/status', 'nodeclaims', 'nodeclaims/status', 'ec2nodeclasses']
  ),
  rule.new(['karpenter.sh'], ['nodeclaims', 'nodeclaims/status'], ['create', 'delete', 'update', 'patch']),
  rule.new(['karpenter.sh'], ['nodepools', 'nodepools/status'], ['update', 'patch']),
  rule.new(['karpenter.k8s.aws'], ['ec2nodeclasses', 'ec2nodeclasses/status'], ['update', 'patch']),
  // What decides whether a pod fits on a node.
  rule.read(
    [''],
    ['pods', 'nodes', 'namespaces', 'persistentvolumes', 'persistentvolumeclaims', 'replicationcontrollers']
  ),
  rule.read(['storage.k8s.io'], ['storageclasses', 'csinodes', 'volumeattachments']),
  rule.read(['apps'], ['daemonsets', 'deployments', 'replicasets', 'statefulsets']),
  rule.read(['policy'], ['poddisruptionbudgets']),
  // What taking a node away needs.
  rule.new([''], ['nodes'], ['patch', 'update', 'delete']),
  rule.new([''], ['pods/eviction'], ['create']),
  rule.new([''], ['pods'], ['delete']),
  rule.new([''], ['events'], ['create', 'patch']),
];

// Node heartbeats are leases too, in a namespace of their own; Karpenter removes those of nodes
// that are gone.
local nodeLeases = {
  local name = 'karpenter-node-leases',
  local inNamespace = rbac.role.withNamespace('kube-node-lease'),
  role:
    rbac.role.new(name, [rule.new(['coordination.k8s.io'], ['leases'], ['get', 'list', 'watch', 'delete'])])
    + inNamespace,
  roleBinding:
    rbac.roleBinding.new(name, name, [rbac.subject.serviceAccount('karpenter', namespace)])
    + inNamespace,
};

// Which pools a cluster has, and how far they may grow.
local pools = {
  dev: {
    general:
      nodePool.new('general')
      + nodePool.withInstances(['c', 'm', 'r'], ['amd64', 'arm64'])
      // Development survives an interruption.
      + nodePool.withCapacity(['spot', 'on-demand'])
      + nodePool.withLimits('200', '800Gi'),
    data:
      nodePool.new('data', 'data')
      + nodePool.withInstances(['r'])
      + nodePool.withCapacity(['spot', 'on-demand'])
      + nodePool.withLimits('64', '512Gi')
      + nodePool.dedicated,
  },
  shared: {
    general:
      nodePool.new('general')
      + nodePool.withInstances(['m', 'c'], ['amd64', 'arm64'])
      + nodePool.withCapacity(['on-demand'])
      + nodePool.withLimits('100', '400Gi'),
  },
  prod: {
    general:
      nodePool.new('general')
      + nodePool.withInstances(['c', 'm', 'r'], ['amd64', 'arm64'])
      + nodePool.withCapacity(['on-demand'])
      + nodePool.withLimits('1000', '4000Gi'),
    // For pods that ask for it, because they survive an interruption.
    spot:
      nodePool.new('spot')
      + nodePool.withInstances(['c', 'm', 'r'], ['amd64', 'arm64'])
      + nodePool.withCapacity(['spot'])
      + nodePool.withLimits('400', '1600Gi')
      + nodePool.dedicated,
    data:
      nodePool.new('data', 'data')
      + nodePool.withInstances(['r'])
      + nodePool.withCapacity(['on-demand'])
      + nodePool.withLimits('512', '4096Gi')
      + nodePool.dedicated
      // A lost worker fails the queries that run on it.
      + nodePool.withQuietDisruption('0 6 * * mon-fri', '14h'),
  },
};

local nodeClasses(account) = {
  default: nodeClass.new('default', account, amiVersion),
  [if std.objectHas(pools[account.name], 'data') then 'data']:
    nodeClass.new('data', account, amiVersion, diskSize='100Gi') + nodeClass.withLocalDisks,
};

local data(account) = {
  namespace: platform.namespace(namespace),

  controller: controller.new({
    name: 'karpenter',
    namespace: namespace,
    account: account,
    image: platform.image('karpenter/controller', '1.6.0'),
    iamRole: 'karpenter-controller',
    cpu: '500m',
    memory: '1Gi',
    healthPort: 8081,
    env: {
      CLUSTER_NAME: account.cluster.name,
      CLUSTER_ENDPOINT: account.cluster.apiServer,
      // Spot interruptions and instance events arrive in a queue of the same name.
      INTERRUPTION_QUEUE: account.cluster.name + '-karpenter',
      BATCH_MAX_DURATION: '10s',
      BATCH_IDLE_DURATION: '1s',
      LOG_LEVEL: 'info',
      METRICS_PORT: '8080',
      HEALTH_PROBE_PORT: '8081',
      SYSTEM_NAMESPACE: k.core.v1.envVar.fromField('metadata.namespace'),
      MEMORY_LIMIT: k.core.v1.envVar.fromResource('limits.memory'),
    },
    clusterRules: clusterRules,
    egress: [traffic.toVpcDns(account)],
  }) {
    // Cluster DNS may itself wait for a node from Karpenter.
    deployment+: deployment.withDnsPolicy('Default'),
  },

  rules: prometheus.prometheusRule.new('karpenter', { nodes: [
    alerts.new(
      'NodePoolAlmostFull',
      'karpenter_nodepools_usage / karpenter_nodepools_limit > 0.9',
      '15m',
      'warning',
      'The pool {{ $labels.nodepool }} has {{ $value | humanizePercentage }} of the {{ $labels.resource_type }} that it may have'
    ),
    alerts.new(
      'NodesDoNotStart',
      'sum(increase(karpenter_cloudprovider_errors_total{method="Create"}[15m])) > 5',
      '5m',
      'critical',
      'AWS refuses new nodes'
    ),
  ] }),

  definitions: definitions,
  nodeLeases: nodeLeases,
  nodeClasses: nodeClasses(account),
  nodePools: pools[account.name],
};

platform.environments('karpenter', namespace, ['dev', 'shared', 'prod'], data, {
  // Nodes that come up before nodetaint runs would keep their taint.
  'fluxcd.io/depends-on': 'nodetaint',
  // Without its pools a cluster loses its nodes: removing them is done by hand.
  'fluxcd.io/prune': 'false',
})
