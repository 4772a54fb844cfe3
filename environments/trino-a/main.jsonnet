// Trino for analysts: one coordinator, workers by load, on nodes of the pool `data`.
local config = import 'config.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local karpenter = import 'karpenter.libsonnet';
local platform = import 'platform.libsonnet';
local secretsPerEnv = (import 'secrets.jsonnet').secretsPerEnv;
local traffic = import 'traffic.libsonnet';
local trino = import 'trino.libsonnet';
local vault = import 'vault.libsonnet';

local configMap = k.core.v1.configMap;
local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local envVar = k.core.v1.envVar;
local networkPolicy = k.networking.v1.networkPolicy;
local peer = networkPolicy.peer;
local probe = k.core.v1.probe;
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local name = 'trino-a';
local namespace = name;
local uid = 1000;
// Where the chart's configuration is mounted, to be read by the init script. In /etc/trino itself
// nothing could be added to it.
local configPath = '/config/role';

local sizes = {
  dev: {
    coordinator: { cpu: '1', memory: '8Gi' },
    worker: { cpu: '2', memory: '16Gi', min: 1, max: 3 },
    databases: ['orders'],
  },
  prod: {
    coordinator: { cpu: '4', memory: '32Gi' },
    worker: { cpu: '8', memory: '64Gi', min: 3, max: 12 },
    databases: ['billing', 'orders'],
  },
};

// Finishes its tasks before it goes: the process ends by itself when they are done.
local shutdown = |||
  curl -sf -X PUT -H 'X-Trino-User: %s' -H 'Content-Type: application/json' \
    -d '"SHUTTING_DOWN"' http://localhost:8080/v1/info/state && sleep 570
||| % config.shutdownUser;

local etc = volumeMount.new('etc', '/etc/trino');
local scratch = volumeMount.new('data', '/data/trino');

local init(account) =
  container.new('init-config', 'trino/trino:476')
  + container.withCommand(['/bin/sh', '/config/init/init-config.sh'])
  + container.withEnvMap({
    AWS_REGION: account.region,
    CONFIG: configPath,
    ENVIRONMENT: account.name,
    EXCHANGE_BUCKET: 'trino-exchange-%s-%s' % [account.cluster.name, account.id],
    POD_NAME: envVar.fromField('metadata.name'),
  })
  + container.withResources('10m', '32Mi')
  + container.withVolumeMounts([
    etc,
    scratch,
    volumeMount.new('config-volume', configPath, readOnly=true),
    volumeMount.new('catalog-volume', configPath + '/catalog', readOnly=true),
    volumeMount.new('init', '/config/init', readOnly=true),
  ]);

// What coordinator and workers have in common; `size` is their row in `sizes`.
local role(account, size, initScript) = config.node(size.memory) {
  deployment: { revisionHistoryLimit: 3 },
  annotations: vault.inject(account, name) { 'checksum/init': std.md5(initScript) },
  // Said here because the Vault webhook cannot see the image's own command.
  command: ['/usr/lib/trino/bin/run-trino'],
  resources: container.withResources(size.cpu, size.memory).resources,
  // Loading the catalogues takes minutes on a bad day.
  startupProbe: probe.http('/v1/info', 'http', failures=60),
  additionalVolumes: [
    volume.emptyDir('etc', '16Mi'),
    volume.emptyDir('data'),
    volume.emptyDir('tmp', '1Gi'),
    volume.fromConfigMap('init', name + '-init'),
  ],
  additionalVolumeMounts: [etc, scratch, volumeMount.new('tmp', '/tmp')],
};

local values(account, initScript) = {
  local size = sizes[account.name],

  nameOverride: name,
  image: { repository: 'trino/trino', tag: '476' },
  serviceAccount: { create: true },
  server: {
    workers: size.worker.min,
    node: { environment: account.name },
    config: { path: configPath, query: { maxMemory: config.queryMemory(size.worker.memory, size.worker.max) } },
    autoscaling: {
      enabled: true,
      minReplicas: size.worker.min,
      maxReplicas: size.worker.max,
      targetCPUUtilizationPercentage: 70,
      // As slow as a worker needs to finish.
      behavior: { scaleDown: {
        stabilizationWindowSeconds: 600,
        policies: [{ type: 'Pods', value: 1, periodSeconds: 600 }],
      } },
    },
  },
  additionalConfigProperties: config.common,
  accessControl: {
    type: 'configmap',
    rules: { 'rules.json': config.rules({ lake: 'svc-(ingest|transform)' }) },
  },
  // Without the chart's example.
  catalogs: { tpch: null, lake: config.icebergCatalog(account) } + {
    [database]: config.postgresCatalog(account, database)
    for database in size.databases
  },
  // Passwords are references, which the Vault webhook resolves.
  env: [
    { name: variable, value: secretsPerEnv[account.name][variable] }
    for variable in std.objectFields(secretsPerEnv[account.name])
  ],
  initContainers: { coordinator: [init(account)], worker: [init(account)] },

  // Two coordinators would each think the workers theirs.
  coordinator: role(account, size.coordinator, initScript) {
    deployment+: { strategy: { type: 'Recreate' } },
  },
  worker: role(account, size.worker, initScript) {
    gracefulShutdown: { enabled: true, gracePeriodSeconds: 30 },
    lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', shutdown] } } },
    terminationGracePeriodSeconds: 600,
  },
};

local data(account) = {
  local release = self.release,
  // Development starts without the exchange bucket, and says more.
  local initScript =
    if account.name == 'dev' then importstr 'init-dev-config.sh' else importstr 'init-config.sh',

  namespace: platform.namespace(namespace),
  initScript: configMap.new(name + '-init', { 'init-config.sh': initScript }),

  release: helm.patch(
    helm.new(std.thisFile).template(name, '../../charts/trino', helm.cluster(account) {
      namespace: namespace,
      values: values(account, initScript),
    }),
    [
      helm.mirrored,
      helm.applications(uid),
      helm.kind('Deployment', karpenter.onPool(deployment, 'data')),
      helm.kind('ServiceAccount', platform.irsa(account, name)),
    ]
  ),

  budgets: helm.budgets(release),

  local ownPods = [peer.pods({ 'app.kubernetes.io/name': name })],
  local policy(workload, clients) = networkPolicy.forWorkload(
    workload,
    ingress=[
      networkPolicy.from(ownPods) + networkPolicy.ports(['http']),
      traffic.fromMonitoring(['http']),
    ] + clients,
    egress=[
      traffic.toDns,
      networkPolicy.to(ownPods) + networkPolicy.ports(['http']),
      // Vault, S3 and Glue.
      traffic.toAws,
      // Databases of the account.
      traffic.toVpc(account, [5432]),
    ],
  ),
  networkPolicies: {
    coordinator: policy(release.deployment_trino_a_coordinator, [
      networkPolicy.from([peer.namespacesWith(trino.clientLabels)]) + networkPolicy.ports(['http']),
    ]),
    worker: policy(release.deployment_trino_a_worker, []),
  },
};

platform.environments(name, namespace, ['dev', 'prod'], data, vault.readerLabels(after=[
  // Its nodes come from a pool of Karpenter.
  'karpenter',
]))
