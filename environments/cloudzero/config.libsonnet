// What is collected for the bill: as little as it takes, because every series is paid for.
local usage = [
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'container_network_receive_bytes_total',
  'container_network_transmit_bytes_total',
];

local keep(metrics) = { action: 'keep', source_labels: ['__name__'], regex: std.join('|', metrics) };

{
  stateMetrics:: [
    'kube_node_info',
    'kube_node_status_capacity',
    'kube_pod_container_resource_limits',
    'kube_pod_container_resource_requests',
    'kube_pod_info',
    'kube_pod_labels',
  ],

  podLabels:: [
    'app.kubernetes.io/name',
    'app.kubernetes.io/component',
    'app.kubernetes.io/part-of',
  ],

  // `options`: { account, stateMetrics, shipper }: two addresses.
  prometheus(options):: std.manifestYamlDoc({
    global: {
      scrape_interval: '60s',
      external_labels: {
        cloud_account_id: options.account.id,
        cluster_name: options.account.cluster.name,
        region: options.account.region,
      },
    },
    scrape_configs: [
      {
        job_name: 'containers',
        scheme: 'https',
        metrics_path: '/metrics/cadvisor',
        authorization: { credentials_file: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
        // A kubelet's certificate is signed by itself.
        tls_config: { insecure_skip_verify: true },
        kubernetes_sd_configs: [{ role: 'node' }],
        relabel_configs: [{ source_labels: ['__meta_kubernetes_node_name'], target_label: 'node' }],
        metric_relabel_configs: [
          keep(usage),
          // The pod as a whole; its containers are there one by one.
          { action: 'drop', source_labels: ['__name__', 'container'], regex: 'container_(cpu|memory)_.*;' },
        ],
      },
      {
        job_name: 'state-metrics',
        honor_labels: true,
        static_configs: [{ targets: [options.stateMetrics] }],
        metric_relabel_configs: [keep($.stateMetrics)],
      },
    ],
    remote_write: [{
      url: options.shipper,
      // Without names and types, which only take space.
      metadata_config: { send: false },
    }],
  }, quote_keys=false),
}
