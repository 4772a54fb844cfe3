// Trino for analysts: one coordinator, workers by load, on nodes of the pool `data`.
local config = import 'config.libsonnet';
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
local image = platform.image('trino/trino', '476');
local uid = 1000;

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

local labels(component) = {
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/component': component,
};

local data(account) = {
  local objects = self,
  local size = sizes[account.name],
  local cluster = {
    uri: 'http://%s:8080' % name,
    workerMemory: size.worker.memory,
    maxWorkers: size.worker.max,
  },
  // Development starts without the exchange bucket, and says more.
  local initScript =
    if account.name == 'dev' then importstr 'init-dev-config.sh' else importstr 'init-config.sh',

  namespace: platform.namespace(namespace),
  serviceAccount: k.core.v1.serviceAccount.new(name) + platform.irsa(account, name),

  configs: {
    init: configMap.new(name + '-init', { 'init-config.sh': initScript }),
    common: configMap.new(name + '-common', {
      'access-control.properties': config.accessControl,
      'log.properties': config.log,
      'rules.json': config.rules({ lake: 'svc-(ingest|transform)' }),
    }),
    catalogs: configMap.new(
      name + '-catalogs',
      { 'lake.properties': config.icebergCatalog(account) }
      + {
        [database + '.properties']: config.postgresCatalog(account, database)
        for database in size.databases
      }
    ),
  },

  // What coordinator and workers have in common; `resources` is their row in `sizes`.
  local node(component, replicas, resources) = {
    local fullName = '%s-%s' % [name, component],
    local node = self,
    local mounts = [
      volumeMount.new('etc', '/etc/trino'),
      volumeMount.new('data', '/data/trino'),
    ],

    config: configMap.new(fullName, {
      'config.properties':
        config.config({ coordinator: component == 'coordinator', memory: resources.memory }, cluster),
      'jvm.config': config.jvm(resources.memory),
    }),

    init::
      container.new('init-config', image)
      + container.withCommand(['/bin/sh', '/config/init/init-config.sh'])
      + container.withEnvMap({
        ENVIRONMENT: account.name,
        AWS_REGION: account.region,
        EXCHANGE_BUCKET: 'trino-exchange-%s-%s' % [account.cluster.name, account.id],
        POD_NAME: envVar.fromField('metadata.name'),
      })
      + container.withResources('10m', '32Mi')
      + container.withVolumeMounts(mounts + [
        volumeMount.new(config, '/config/' + config, readOnly=true)
        for config in ['catalogs', 'common', 'init', 'role']
      ]),

    container::
      container.new('trino', image)
      // Said here because the Vault webhook cannot see the image's own command.
      + container.withCommand(['/usr/lib/trino/bin/run-trino'])
      + container.withEnvMap(secretsPerEnv[account.name])
      + container.withPorts([k.core.v1.containerPort.new('http', 8080)])
      + container.withResources(resources.cpu, resources.memory)
      + container.withVolumeMounts(mounts + [volumeMount.new('tmp', '/tmp')])
      // Loading the catalogues takes minutes on a bad day.
      + container.withStartupProbe(probe.http('/v1/info', 'http', failures=60))
      + container.withLivenessProbe(probe.http('/v1/info', 'http', failures=6))
      // Answers over HTTP before it takes queries; the script knows the difference.
      + container.withReadinessProbe(probe.exec(['/usr/lib/trino/bin/health-check'])),

    deployment:
      deployment.new(fullName, replicas, [node.container], labels(component))
      + deployment.withInitContainers([node.init])
      + deployment.withServiceAccountName(name)
      + deployment.withPodAnnotations(vault.inject(account, name) {
        'checksum/config': std.md5(std.manifestJsonEx([objects.configs, node.config], '')),
      })
      + deployment.withVolumes([
        volume.emptyDir('etc', '16Mi'),
        volume.emptyDir('data'),
        volume.emptyDir('tmp', '1Gi'),
        volume.fromConfigMap('catalogs', name + '-catalogs'),
        volume.fromConfigMap('common', name + '-common'),
        volume.fromConfigMap('init', name + '-init'),
        volume.fromConfigMap('role', fullName),
      ])
      + platform.hardened(deployment, uid)
      + karpenter.onPool(deployment, 'data'),

    networkPolicy: networkPolicy.forWorkload(
      node.deployment,
      ingress=[
        networkPolicy.from([peer.pods({ 'app.kubernetes.io/name': name })]) + networkPolicy.ports(['http']),
        traffic.fromMonitoring(['http']),
      ],
      egress=[
        traffic.toDns,
        networkPolicy.to([peer.pods({ 'app.kubernetes.io/name': name })]) + networkPolicy.ports(['http']),
        // Vault, S3 and Glue.
        traffic.toAws,
        // Databases of the account.
        networkPolicy.to([peer.cidr(account.vpcCidr)]) + networkPolicy.ports([5432]),
      ],
    ),
  },

  coordinator: node('coordinator', 1, size.coordinator) {
    // Two coordinators would each think the workers theirs.
    deployment+: deployment.withRecreate,

    service: k.core.v1.service.new(
      name, labels('coordinator'), [k.core.v1.servicePort.new('http', 8080)]
    ),

    networkPolicy+: { spec+: { ingress+: [
      networkPolicy.from([peer.namespacesWith(trino.clientLabels)])
      + networkPolicy.ports(['http']),
    ] } },
  },

  worker: node('worker', size.worker.min, size.worker) {
    local worker = self,
    local shutdown = |||
      curl -sf -X PUT -H 'X-Trino-User: %s' -H 'Content-Type: application/json' \
        -d '"SHUTTING_DOWN"' http://localhost:8080/v1/info/state && sleep 570
    ||| % config.shutdownUser,

    // Finishes its tasks before it goes: the process ends by itself when they are done.
    container+: container.withLifecyclePreStop(['/bin/sh', '-c', shutdown]),
    deployment+:
      deployment.withAutoscaledReplicas
      + deployment.withTerminationGracePeriodSeconds(600)
      + platform.spread(deployment, labels('worker')),

    podDisruptionBudget: k.policy.v1.podDisruptionBudget.forWorkload(worker.deployment),

    local autoscaler = k.autoscaling.v2.horizontalPodAutoscaler,
    horizontalPodAutoscaler:
      autoscaler.forWorkload(worker.deployment, size.worker.min, size.worker.max)
      + autoscaler.withCpuUtilization(70)
      // As slow as a worker needs to finish.
      + autoscaler.withScaleDown(stabilizationSeconds=600, pods=1, periodSeconds=600),
  },
};

platform.environments(name, namespace, ['dev', 'prod'], data, vault.readerLabels(after=[
  // Its nodes come from a pool of Karpenter.
  'karpenter',
]))
