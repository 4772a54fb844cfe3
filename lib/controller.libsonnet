// A controller: one deployment that watches the API server, with everything that belongs to one.
//
// `new` returns a map of objects; an environment adds to them by name, for example
// `controller.new({ … }) { deployment+: deployment.withVolumes([…]) }`.
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local rights = import 'rights.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local probe = k.core.v1.probe;

local defaults = {
  args: [],
  command: null,
  env: {},
  // Containers that run before the controller.
  initContainers: [],
  // Name of an IAM role, without the cluster's name. Null: no rights in AWS.
  iamRole: null,
  replicas: 2,
  cpu: '50m',
  memory: '128Mi',
  metricsPort: 8080,
  // Null: health is served on the metrics port.
  healthPort: null,
  livenessPath: '/healthz',
  readinessPath: '/readyz',
  // Rules in the whole cluster, and further ones in the controller's own namespace.
  clusterRules: [],
  rules: [],
  // Rules for the network beyond DNS, the API server and, with an IAM role, AWS.
  ingress: [],
  egress: [],
  priorityClass: 'system-cluster-critical',
};

// Replicas agree on a leader by a Lease; the name is the program's choice, so the rule has none.
local leaderElection = k.rbac.v1.rule.new(
  ['coordination.k8s.io'], ['leases'], ['get', 'list', 'watch', 'create', 'update', 'patch']
);

local objects(c) =
  local healthPort = if c.healthPort == null then 'metrics' else 'health';
  local ownRules = c.rules + (if c.replicas > 1 then [leaderElection] else []);
  local awsEgress = if c.iamRole == null then [] else [traffic.toAws];
  rights.new(c.name, c.namespace, ownRules, c.clusterRules) {
    local this = self,

    serviceAccount:
      k.core.v1.serviceAccount.new(c.name)
      + (if c.iamRole == null then {} else platform.irsa(c.account, c.iamRole)),

    container::
      container.new(c.name, c.image)
      + (if c.command == null then {} else container.withCommand(c.command))
      + (if c.args == [] then {} else container.withArgs(c.args))
      + (if c.env == {} then {} else container.withEnvMap(c.env))
      + container.withPorts(
        [k.core.v1.containerPort.new('metrics', c.metricsPort)]
        + (if c.healthPort == null then [] else [k.core.v1.containerPort.new('health', c.healthPort)])
      )
      + container.withResources(c.cpu, c.memory)
      + container.withLivenessProbe(probe.http(c.livenessPath, healthPort))
      + container.withReadinessProbe(probe.http(c.readinessPath, healthPort)),

    deployment:
      deployment.new(c.name, c.replicas, [this.container])
      + deployment.withServiceAccountName(c.name)
      + deployment.withPriorityClassName(c.priorityClass)
      + (if c.initContainers == [] then {} else deployment.withInitContainers(c.initContainers))
      + (
        // Without leader election two at once would fight.
        if c.replicas > 1
        then platform.spread(deployment, this.deployment.spec.selector.matchLabels)
        else deployment.withRecreate
      )
      + platform.onSystemNodes(deployment)
      + platform.hardened(deployment),

    // A budget for a single replica would only block the drain of its node.
    [if c.replicas > 1 then 'podDisruptionBudget']:
      k.policy.v1.podDisruptionBudget.forWorkload(this.deployment),

    metricsService:
      k.core.v1.service.new(
        c.name + '-metrics',
        this.deployment.spec.selector.matchLabels,
        [k.core.v1.servicePort.new('metrics', c.metricsPort)],
      )
      + k.core.v1.service.withLabels({ 'platform.example.com/scrape': 'true' }),

    networkPolicy: networkPolicy.forWorkload(
      this.deployment,
      ingress=[traffic.fromMonitoring(['metrics'])] + c.ingress,
      egress=[traffic.toDns, traffic.toApiServer(c.account)] + awsEgress + c.egress,
    ),
  };

{
  // Required: `name`, `namespace`, `account`, `image`; the rest as in `defaults`.
  new(config):: objects(defaults + config),
}
