// Tells the bill of EC2 apart by workload: what pods use and request, on which nodes, sent to
// CloudZero, which knows what the nodes cost.
local application = import 'application.libsonnet';
local config = import 'config.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local container = k.core.v1.container;
local peer = k.networking.v1.networkPolicy.peer;
local probe = k.core.v1.probe;
local rule = k.rbac.v1.rule;
local volumeMount = k.core.v1.volumeMount;

local name = 'cloudzero';
local namespace = name;
local stateMetricsName = name + '-state-metrics';
local shipperPort = 8081;

local sizes = {
  dev: { memory: '512Mi', stateMemory: '128Mi' },
  shared: { memory: '512Mi', stateMemory: '128Mi' },
  // Grows with the number of pods, not of nodes.
  prod: { memory: '2Gi', stateMemory: '512Mi' },
};

local labels(name) = { 'app.kubernetes.io/name': name };

// Uploads what the collector hands over. The key is its alone: the collector needs none.
local shipper(account) =
  container.new('shipper', platform.image('cloudzero/cloudzero-agent', '1.2.5'))
  + container.withCommand(['/app/cloudzero-shipper'])
  + container.withArgs([
    '--listen=:%d' % shipperPort,
    '--spool=/data/spool',
    '--upload-interval=10m',
    '--cloud-account-id=' + account.id,
    '--cluster-name=' + account.cluster.name,
    '--region=' + account.region,
    '--host=api.cloudzero.com',
  ])
  + container.withEnvMap({ CLOUDZERO_API_KEY: vault.ref('%s/cloudzero/api' % account.name, 'key') })
  + container.withPorts([k.core.v1.containerPort.new('shipper', shipperPort)])
  + container.withResources('20m', '128Mi')
  + container.withLivenessProbe(probe.http('/healthz', 'shipper'))
  + container.withReadinessProbe(probe.http('/healthz', 'shipper'))
  + container.withVolumeMounts([volumeMount.new('data', '/data')]);

local data(account) =
  local size = sizes[account.name];
  {
    namespace: platform.namespace(namespace),

    collector: application.new({
      name: name,
      namespace: namespace,
      account: account,
      image: platform.image('prometheus/prometheus', 'v3.5.0'),
      command: ['/bin/prometheus'],
      args: [
        // Without a database: it only collects and passes on.
        '--agent',
        '--config.file=/etc/prometheus/prometheus.yaml',
        '--storage.agent.path=/data/wal',
        '--web.listen-address=:9090',
      ],
      vault: true,
      // Each sample would be sent and counted twice.
      replicas: 1,
      // What was not uploaded yet outlives the pod.
      claims: { data: { path: '/data', size: '10Gi' } },
      cpu: '100m',
      memory: size.memory,
      uid: 65534,
      ports: { http: 9090 },
      metricsPort: 'http',
      liveness: '/-/healthy',
      readiness: '/-/ready',
      configs: { prometheus: {
        path: '/etc/prometheus',
        data: { 'prometheus.yaml': config.prometheus({
          account: account,
          stateMetrics: '%s.%s.svc:8080' % [stateMetricsName, namespace],
          shipper: 'http://localhost:%d/collector' % shipperPort,
        }) },
      } },
      sidecars: [shipper(account)],
      clusterRules: [
        rule.read([''], ['nodes']),
        // The kubelet lets in who may do this.
        rule.new([''], ['nodes/metrics'], ['get']),
      ],
      egress: [
        traffic.toInternet(),
        traffic.toPods(labels(stateMetricsName), ['http']),
        // The kubelets of all nodes.
        traffic.toVpc(account, [10250]),
      ],
    }),

    stateMetrics: application.new({
      name: stateMetricsName,
      namespace: namespace,
      account: account,
      image: platform.image('kube-state-metrics/kube-state-metrics', 'v2.17.0'),
      args: [
        '--port=8080',
        '--telemetry-port=8081',
        '--resources=nodes,pods',
        '--metric-allowlist=' + std.join(',', config.stateMetrics),
        // By these the bill is told apart.
        '--metric-labels-allowlist=pods=[%s]' % std.join(',', config.podLabels),
      ],
      replicas: 1,
      cpu: '20m',
      memory: size.stateMemory,
      ports: { http: 8080, telemetry: 8081 },
      metricsPort: 'telemetry',
      liveness: '/livez',
      readiness: probe.http('/readyz', 'telemetry'),
      clusterRules: [rule.read([''], ['nodes', 'pods'])],
      clients: [peer.pods(labels(name))],
    }),
  };

platform.environments(name, namespace, ['dev', 'shared', 'prod'], data, vault.readerLabels())
