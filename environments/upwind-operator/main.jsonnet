// Upwind: sensors that see what runs in the cluster and what it talks to. The operator makes them
// of the object `Sensor`.
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local nodetaint = import 'nodetaint.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;

local name = 'upwind-operator';
local namespace = name;

local sizes = {
  dev: { agent: '256Mi', cluster: '256Mi' },
  shared: { agent: '256Mi', cluster: '256Mi' },
  prod: { agent: '512Mi', cluster: '1Gi' },
};

local resources(cpu, memory) = container.withResources(cpu, memory).resources;

local sensor(account) = {
  apiVersion: 'operator.upwind.io/v1alpha1',
  kind: 'Sensor',
  metadata: { name: 'default' },
  spec: {
    clusterId: account.cluster.name,
    version: '0.118.2',
    region: 'eu',
    registry: platform.registry,
    // The operator hands on what it has got from Vault.
    credentials: { fromOperator: true },
    agent: {
      enabled: true,
      resources: resources('50m', sizes[account.name].agent),
      // On all nodes, also before they are ready: a pod is watched from its first minute.
      tolerations: nodetaint.infrastructureTolerations,
      priorityClassName: 'system-node-critical',
      updateStrategy: { maxUnavailable: '10%' },
      // A tenth of the requests shows who talks to whom as well as all of them.
      tracing: { excludeNamespaces: ['kube-system', 'vault'], sampleRate: 0.1 },
    },
    cluster: {
      enabled: true,
      replicas: 1,
      resources: resources('100m', sizes[account.name].cluster),
      nodeSelector: { [platform.poolLabel]: 'system' },
      tolerations: [k.core.v1.toleration.exists('CriticalAddonsOnly')],
    },
    scanner: {
      enabled: account.name == 'prod',
      // Images are read while nobody is waiting for them.
      schedule: '0 3 * * *',
      includeSystemNamespaces: true,
    },
  },
};

local data(account) = {
  local release = self.release,
  local secret(key) = vault.ref('%s/%s/api' % [account.name, name], key),

  // The sensors read processes and files of the nodes.
  namespace: platform.namespace(namespace, 'privileged'),

  release: helm.patch(
    helm.new(std.thisFile).template(name, '../../charts/upwind-operator', helm.cluster(account) {
      namespace: namespace,
      values: {
        // Nothing waits for it: the sensors run on.
        replicaCount: 1,
        region: 'eu',
        env: [
          { name: 'UPWIND_CLIENT_ID', value: secret('client_id') },
          { name: 'UPWIND_CLIENT_SECRET', value: secret('client_secret') },
        ],
        podAnnotations: vault.inject(account, name),
        resources: resources('20m', '128Mi'),
      },
    }),
    [
      helm.mirrored,
      helm.controllers(),
      helm.keepDefinitions,
      helm.kind('Deployment', deployment.withRecreate),
      helm.kind('Service', k.core.v1.service.withLabels({ 'platform.example.com/scrape': 'true' })),
    ]
  ),

  sensor: sensor(account),

  networkPolicies: {
    operator: networkPolicy.forWorkload(
      release.deployment_upwind_operator,
      ingress=[traffic.fromMonitoring(['metrics'])],
      // Vault and the API server are in the VPC, Upwind is not.
      egress=[traffic.toDns, traffic.toVpc(account, [443]), traffic.toInternet()],
    ),
    // What the operator makes. Agents are part of the node's network, where no policy reaches.
    sensors: networkPolicy.new(
      'upwind-sensors',
      { 'app.kubernetes.io/managed-by': name },
      egress=[traffic.toDns, traffic.toApiServer(account), traffic.toInternet()],
    ),
  },
};

platform.environments(name, namespace, ['dev', 'shared', 'prod'], data, vault.readerLabels())
