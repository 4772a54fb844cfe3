// CPU and memory of nodes and pods, for autoscalers and `kubectl top`.
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local tk = import 'tk';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local networkPolicy = k.networking.v1.networkPolicy;

local account = platform.accountOf(tk.env);
local namespace = tk.env.spec.namespace;

local size = {
  dev: { replicas: 1, cpu: '50m', memory: '128Mi' },
  shared: { replicas: 2, cpu: '50m', memory: '128Mi' },
  // A millicore and 2 MiB for each node.
  prod: { replicas: 2, cpu: '200m', memory: '512Mi' },
}[account.name];

local release = helm.patch(
  helm.new(std.thisFile).template('metrics-server', '../../charts/metrics-server', helm.cluster(account) {
    namespace: namespace,
    values: {
      replicas: size.replicas,
      resources: container.withResources(size.cpu, size.memory).resources,
    },
  }),
  [helm.mirrored, helm.controllers(uid=1000)]
);

{
  namespace: platform.namespace(namespace),
  release: release,
  budgets: helm.budgets(release),

  networkPolicy: networkPolicy.forWorkload(
    release.deployment_metrics_server,
    ingress=[traffic.fromApiServer(account, ['https'])],
    egress=[
      traffic.toDns,
      traffic.toApiServer(account),
      // The kubelets of all nodes.
      networkPolicy.to([networkPolicy.peer.cidr(account.vpcCidr)]) + networkPolicy.ports([10250]),
    ],
  ),
}
