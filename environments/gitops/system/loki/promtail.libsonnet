// Reads what the containers of each node write, and sends it to Loki.
local k = import 'k.libsonnet';
local nodetaint = import 'nodetaint.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local rights = import 'rights.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local daemonSet = k.apps.v1.daemonSet;
local networkPolicy = k.networking.v1.networkPolicy;
local rule = k.rbac.v1.rule;
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local name = 'promtail';

// From what Kubernetes knows of a pod to the labels of its lines. Few on purpose: each combination
// of values is a stream of its own.
local labels = {
  namespace: '__meta_kubernetes_namespace',
  pod: '__meta_kubernetes_pod_name',
  container: '__meta_kubernetes_pod_container_name',
  app: '__meta_kubernetes_pod_label_app_kubernetes_io_name',
};

local config(cluster) = {
  server: { http_listen_port: 3101, log_format: 'json' },
  clients: [{
    url: 'http://loki-gateway/loki/api/v1/push',
    external_labels: { cluster: cluster.cluster.name },
  }],
  // On the node, so that a restart neither loses nor repeats lines.
  positions: { filename: '/run/promtail/positions.yaml' },
  scrape_configs: [{
    job_name: 'pods',
    kubernetes_sd_configs: [{ role: 'pod' }],
    pipeline_stages: [
      { cri: {} },
      // What probes ask is not worth keeping.
      { drop: { expression: '(GET|HEAD) /(healthz|readyz|livez|metrics)', drop_counter_reason: 'probe' } },
    ],
    relabel_configs: [
      // Each promtail reads the files of its own node.
      { source_labels: ['__meta_kubernetes_pod_node_name'], target_label: '__host__' },
    ] + [
      { source_labels: [labels[label]], target_label: label }
      for label in std.objectFields(labels)
    ] + [{
      source_labels: ['__meta_kubernetes_pod_uid', '__meta_kubernetes_pod_container_name'],
      separator: '/',
      target_label: '__path__',
      replacement: '/var/log/pods/*$1/*.log',
    }],
  }],
};

{
  new(cluster, namespace):: {
    local promtail = self,
    local file = std.manifestYamlDoc(config(cluster), quote_keys=false) + '\n',

    serviceAccount: k.core.v1.serviceAccount.new(name),
    rights: rights.new(
      name, namespace, clusterRules=[rule.read([''], ['nodes', 'pods', 'services', 'endpoints'])]
    ),

    configMap: k.core.v1.configMap.new(name, { 'promtail.yaml': file }),

    daemonSet:
      daemonSet.new(name, [
        container.new(name, platform.image('grafana/promtail', '3.1.1'))
        + container.withArgs(['-config.file=/etc/promtail/promtail.yaml'])
        + container.withEnvMap({ HOSTNAME: k.core.v1.envVar.fromField('spec.nodeName') })
        + container.withPorts([k.core.v1.containerPort.new('http-metrics', 3101)])
        + container.withResources('50m', '128Mi')
        + container.withVolumeMounts([
          volumeMount.new('config', '/etc/promtail', readOnly=true),
          volumeMount.new('run', '/run/promtail'),
          volumeMount.new('pods', '/var/log/pods', readOnly=true),
        ])
        + container.withReadinessProbe(k.core.v1.probe.http('/ready', 'http-metrics', failures=5))
        // Not ready while Loki is away; restarting it would not bring Loki back.
        + container.withLivenessProbe(k.core.v1.probe.tcp('http-metrics'))
        // Root, because the files of the containers are root's; nothing more than that.
        + container.withSecurityContext({
          runAsUser: 0,
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH'] },
        }),
      ])
      + daemonSet.withServiceAccountName(name)
      + daemonSet.withPodSecurityContext({ seccompProfile: { type: 'RuntimeDefault' } })
      + daemonSet.withPodAnnotations({ 'checksum/config': std.md5(file) })
      + daemonSet.withVolumes([
        volume.fromConfigMap('config', name),
        volume.hostPath('run', '/run/promtail', 'DirectoryOrCreate'),
        volume.hostPath('pods', '/var/log/pods'),
      ])
      + daemonSet.withTolerations(nodetaint.infrastructureTolerations)
      + daemonSet.withPriorityClassName('system-node-critical')
      + daemonSet.withMaxUnavailable('25%'),

    podMonitor: prometheus.podMonitor.new(
      name, { 'app.kubernetes.io/name': name }, [prometheus.endpoint.new('http-metrics')]
    ),

    networkPolicy: networkPolicy.forWorkload(
      promtail.daemonSet,
      ingress=[traffic.fromMonitoring(['http-metrics'])],
      egress=[
        traffic.toDns,
        traffic.toApiServer(cluster),
        traffic.toPods(
          { 'app.kubernetes.io/name': 'loki', 'app.kubernetes.io/component': 'gateway' }, ['http-metrics']
        ),
      ],
    ),
  },
}
