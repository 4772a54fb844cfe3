// Vector search. Data is in S3; what runs here are etcd for what Milvus knows about its data, and
// Milvus itself: as one process in dev, and in prod as parts that grow apart from each other.
local application = import 'application.libsonnet';
local config = import 'config.libsonnet';
local k = import 'k.libsonnet';
local karpenter = import 'karpenter.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local peer = networkPolicy.peer;
local probe = k.core.v1.probe;

local name = 'milvus';
local namespace = name;
local etcdName = name + '-etcd';
local etcdImage = platform.image('coreos/etcd', 'v3.5.22');
local labels(component) = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': component };
local ofMilvus = { 'app.kubernetes.io/name': name };

// `standalone` is all parts in one.
local sizes = {
  dev: {
    etcd: 1,
    components: {
      standalone: { replicas: 1, cpu: '1', memory: '8Gi', disk: '50Gi' },
    },
  },
  prod: {
    etcd: 3,
    components: {
      // Takes requests.
      proxy: { replicas: 2, cpu: '1', memory: '4Gi', disk: '5Gi' },
      // Knows who does what; the second one waits for the first to fail.
      mixcoord: { replicas: 2, cpu: '1', memory: '4Gi', disk: '5Gi' },
      // Holds what is searched in memory, and on the local disks of its node.
      querynode: { replicas: 3, cpu: '8', memory: '56Gi', disk: '400Gi', pool: 'data' },
      // Takes in new data.
      streamingnode: { replicas: 2, cpu: '2', memory: '8Gi', disk: '50Gi' },
      // Compacts data, and builds indexes of it.
      datanode: { replicas: 2, cpu: '4', memory: '16Gi', disk: '100Gi' },
    },
  },
};

// Where each part listens. `standalone` and `proxy` are what clients speak to.
local ports = {
  datanode: 21124,
  mixcoord: 53100,
  proxy: 19530,
  querynode: 21123,
  standalone: 19530,
  streamingnode: 22222,
};
local isDoor(component) = ports[component] == ports.proxy;

local newEtcd(account) =
  local replicas = sizes[account.name].etcd;
  local host(index) = '%s-%d.%s.%s.svc' % [etcdName, index, etcdName, namespace];
  local indexes = std.range(0, replicas - 1);
  {
    endpoints:: ['%s:2379' % host(index) for index in indexes],

    nodes: application.new({
      name: etcdName,
      namespace: namespace,
      account: account,
      image: etcdImage,
      command: ['/usr/local/bin/etcd'],
      args: [
        '--name=$(POD_NAME)',
        '--data-dir=/var/run/etcd/default.etcd',
        '--listen-client-urls=http://0.0.0.0:2379',
        '--listen-peer-urls=http://0.0.0.0:2380',
        '--listen-metrics-urls=http://0.0.0.0:9979',
        '--advertise-client-urls=http://$(POD_NAME).%s.%s.svc:2379' % [etcdName, namespace],
        '--initial-advertise-peer-urls=http://$(POD_NAME).%s.%s.svc:2380' % [etcdName, namespace],
        '--initial-cluster=' + std.join(',', [
          '%s-%d=http://%s:2380' % [etcdName, index, host(index)]
          for index in indexes
        ]),
        '--initial-cluster-token=' + etcdName,
        // Milvus asks for the newest state only.
        '--auto-compaction-mode=revision',
        '--auto-compaction-retention=1000',
        '--quota-backend-bytes=4294967296',
      ],
      env: { POD_NAME: k.core.v1.envVar.fromField('metadata.name') },
      replicas: replicas,
      claims: { data: { path: '/var/run/etcd', size: '20Gi' } },
      cpu: '200m',
      memory: '1Gi',
      ports: { client: 2379, metrics: 9979, peer: 2380 },
      metricsPort: 'metrics',
      liveness: probe.http('/livez', 'metrics'),
      readiness: probe.http('/readyz', 'metrics'),
      ingress: [
        traffic.fromPods(ofMilvus, ['client']),
        traffic.fromPods({ 'app.kubernetes.io/name': etcdName }, ['client', 'peer']),
        traffic.fromPods({ 'app.kubernetes.io/name': etcdName + '-defrag' }, ['client']),
      ],
      egress: [traffic.toPods({ 'app.kubernetes.io/name': etcdName }, ['client', 'peer'])],
    }) {
      // Members know each other by name, also where there is only one.
      service+: k.core.v1.service.headless,
      // None is ready before there are most of them.
      workload+: { spec+: { podManagementPolicy: 'Parallel' } },
    },

    // What compaction frees goes back to the disk only so.
    defrag: application.scheduled({
      name: etcdName + '-defrag',
      namespace: namespace,
      account: account,
      image: etcdImage,
      schedule: '15 2 * * sun',
      deadline: 900,
      command: ['/usr/local/bin/etcdctl'],
      args: ['--endpoints=' + std.join(',', $.endpoints), '--command-timeout=120s', 'defrag'],
      cpu: '10m',
      memory: '32Mi',
      egress: [traffic.toPods({ 'app.kubernetes.io/name': etcdName }, ['client'])],
    }),
  };

local data(account) = {
  local etcd = newEtcd(account),
  local userConfig = config.user({ account: account, etcd: etcd.endpoints }),
  local configName = name + '-config',

  namespace: platform.namespace(namespace),
  serviceAccount: k.core.v1.serviceAccount.new(name) + platform.irsa(account, name),
  config: k.core.v1.configMap.new(configName, { 'user.yaml': userConfig }),
  etcd: etcd,

  local new(component, size) = application.new({
    name: '%s-%s' % [name, component],
    namespace: namespace,
    account: account,
    labels: labels(component),
    serviceAccount: name,
    image: platform.image('milvusdb/milvus', 'v2.6.3'),
    vault: true,
    command: ['milvus', 'run', component],
    replicas: size.replicas,
    cpu: size.cpu,
    memory: size.memory,
    uid: 1000,
    ports: { grpc: ports[component], metrics: 9091 },
    metricsPort: 'metrics',
    // They find each other through etcd, and clients come by the service below.
    service: false,
    liveness: probe.http('/healthz', 'metrics', period=30),
    readiness: probe.http('/healthz', 'metrics'),
    // Segments are loaded from S3 before a node is of use.
    startup: probe.http('/healthz', 'metrics', failures=90),
    configs: { config: {
      configMap: configName,
      path: '/milvus/configs/user.yaml',
      subPath: 'user.yaml',
      data: userConfig,
    } },
    // A cache: what is lost is loaded again.
    scratch: { '/var/lib/milvus': size.disk, '/tmp': '1Gi' },
    env: {
      AWS_REGION: account.region,
      // Of the first start; later ones keep what is in etcd.
      COMMON_SECURITY_DEFAULTROOTPASSWORD: vault.ref('%s/%s/root' % [account.name, name], 'password'),
      // Leaves room beside the heap for what is outside of it.
      GOMEMLIMIT: k.core.v1.envVar.fromResource('limits.memory'),
    },
    clients:
      if isDoor(component) then [peer.namespacesWith({ 'platform.example.com/milvus-client': 'true' })] else [],
    // The parts speak to each other on more ports than they name.
    ingress: [networkPolicy.from([peer.pods(ofMilvus)])],
    egress: [
      networkPolicy.to([peer.pods(ofMilvus)]),
      traffic.toPods({ 'app.kubernetes.io/name': etcdName }, ['client']),
      // S3.
      traffic.toAws,
    ],
  }) {
    workload+:
      // What it holds is taken over by others before it goes.
      deployment.withTerminationGracePeriodSeconds(300)
      + (if 'pool' in size then karpenter.onPool(deployment, size.pool) else {}),
  },

  components: {
    [component]: new(component, sizes[account.name].components[component])
    for component in std.objectFields(sizes[account.name].components)
  },

  // The same name for clients, whatever is behind it.
  local door = [component for component in std.objectFields(self.components) if isDoor(component)][0],
  service: k.core.v1.service.new(
    name, labels(door), [k.core.v1.servicePort.new('grpc', ports[door])]
  ),
};

platform.environments(name, namespace, ['dev', 'prod'], data, vault.readerLabels(after=[
  // Query nodes have a pool of Karpenter.
  'karpenter',
]))
