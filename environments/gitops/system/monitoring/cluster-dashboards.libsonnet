// The cluster from below: etcd, DNS, API server, nodes, pods, volumes.
local dashboards = import 'dashboards.libsonnet';

local graph = dashboards.graph;
local row = dashboards.row;
local stat = dashboards.stat;
local variable = dashboards.variable;

local rate(metric, selector='', by='instance') =
  'sum by (%s) (rate(%s{%s}[$__rate_interval]))' % [by, metric, selector];
local quantile(q, metric, selector='', by='instance') =
  'histogram_quantile(%g, %s)' % [q, rate(metric + '_bucket', selector, by + ', le')];

local new(title, variables, rows) =
  dashboards.new(title, tags=['cluster'])
  + dashboards.withVariables(variables)
  + dashboards.withRows(rows);

[
  local selector = 'instance=~"$instance"';
  new('Etcd', [variable('instance', 'label_values(etcd_server_has_leader, instance)')], [
    row('Now', [
      stat('Members with a leader', 'sum(etcd_server_has_leader)', warning=1, critical=3, lessIsWorse=true),
      stat('Changes of the leader in an hour', 'sum(increase(etcd_server_leader_changes_seen_total[1h]))', warning=1, critical=3),
      stat('Size', 'max(etcd_mvcc_db_total_size_in_bytes)', 'bytes', warning=2e9, critical=6e9),
      stat('Failed proposals in an hour', 'sum(increase(etcd_server_proposals_failed_total[1h]))', warning=1, critical=10),
    ]),
    row('Over time', [
      graph('Writing the log, slowest in a hundred', {
        '{{ instance }}': quantile(0.99, 'etcd_disk_wal_fsync_duration_seconds', selector),
      }, 's'),
      graph('Committing, slowest in a hundred', {
        '{{ instance }}': quantile(0.99, 'etcd_disk_backend_commit_duration_seconds', selector),
      }, 's'),
      graph('Round trip between members', {
        '{{ instance }} to {{ To }}': quantile(0.99, 'etcd_network_peer_round_trip_time_seconds', selector, 'instance, To'),
      }, 's'),
      graph('Requests', { '{{ instance }}': rate('grpc_server_started_total', selector + ',grpc_type="unary"') }, 'reqps'),
      graph('Size', { '{{ instance }}': 'etcd_mvcc_db_total_size_in_bytes{%s}' % selector }, 'bytes'),
      graph('Proposals', {
        'pending {{ instance }}': 'etcd_server_proposals_pending{%s}' % selector,
        'applied {{ instance }}': rate('etcd_server_proposals_applied_total', selector),
      }),
    ]),
  ]),

  local selector = 'job="coredns"';
  new('CoreDNS', [], [
    row('Questions', [
      graph('By type', { '{{ type }}': rate('coredns_dns_requests_total', selector, 'type') }, 'reqps', stacked=true),
      graph('Answers', { '{{ rcode }}': rate('coredns_dns_responses_total', selector, 'rcode') }, 'reqps', stacked=true),
      graph('Duration', {
        p50: quantile(0.5, 'coredns_dns_request_duration_seconds', selector, 'job'),
        p99: quantile(0.99, 'coredns_dns_request_duration_seconds', selector, 'job'),
      }, 's'),
      graph('Asked elsewhere', { '{{ to }}': rate('coredns_forward_requests_total', selector, 'to') }, 'reqps'),
    ]),
    row('Cache', [
      graph('Hits and misses', {
        'hit {{ type }}': rate('coredns_cache_hits_total', selector, 'type'),
        miss: rate('coredns_cache_misses_total', selector, 'job'),
      }, 'reqps'),
      graph('Entries', { '{{ type }}': 'sum by (type) (coredns_cache_entries{%s})' % selector }),
    ]),
  ]),

  local selector = 'job="apiserver"';
  local errors = 'sum(rate(apiserver_request_total{%s,code=~"5.."}[5m])) / sum(rate(apiserver_request_total{%s}[5m]))' % [selector, selector];
  new('API server', [variable('verb', 'label_values(apiserver_request_total, verb)')], [
    row('Now', [
      stat('Up', 'sum(up{%s})' % selector, critical=1, lessIsWorse=true, width=8),
      stat('Requests', 'sum(rate(apiserver_request_total{%s}[5m]))' % selector, 'reqps', width=8),
      stat('Errors', errors, 'percentunit', warning=0.01, critical=0.03, width=8),
    ]),
    row('Requests', [
      graph('By verb', { '{{ verb }}': rate('apiserver_request_total', selector + ',verb=~"$verb"', 'verb') }, 'reqps'),
      graph('Errors', {
        '{{ code }} {{ resource }}': rate('apiserver_request_total', selector + ',code=~"5..",verb=~"$verb"', 'code, resource'),
      }, 'reqps'),
      graph('Duration, slowest in a hundred', {
        '{{ verb }}': quantile(0.99, 'apiserver_request_duration_seconds', selector + ',verb=~"$verb",verb!~"WATCH|CONNECT"', 'verb'),
      }, 's'),
      graph('In flight', { '{{ request_kind }}': 'sum by (request_kind) (apiserver_current_inflight_requests{%s})' % selector }),
    ]),
    row('Behind it', [
      graph('Web hooks, slowest in a hundred', {
        '{{ name }}': quantile(0.99, 'apiserver_admission_webhook_admission_duration_seconds', selector, 'name'),
      }, 's'),
      graph('Objects', { '{{ resource }}': 'topk(10, max by (resource) (apiserver_storage_objects{%s}))' % selector }),
    ]),
  ]),

  local selector = 'instance=~"$instance"';
  new('Nodes', [variable('instance', 'label_values(node_uname_info, instance)')], [
    row('Now', [
      stat('Ready', 'sum(kube_node_status_condition{condition="Ready",status="true"})', width=8),
      stat('CPU', '1 - avg(rate(node_cpu_seconds_total{mode="idle",%s}[5m]))' % selector, 'percentunit', warning=0.75, critical=0.9, width=8),
      stat(
        'Memory',
        '1 - sum(node_memory_MemAvailable_bytes{%s}) / sum(node_memory_MemTotal_bytes{%s})' % [selector, selector],
        'percentunit',
        warning=0.75,
        critical=0.9,
        width=8
      ),
    ]),
    row('Over time', [
      graph('CPU', {
        '{{ instance }}': '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle",%s}[$__rate_interval]))' % selector,
      }, 'percentunit'),
      graph('Memory', {
        '{{ instance }}': '1 - node_memory_MemAvailable_bytes{%s} / node_memory_MemTotal_bytes{%s}' % [selector, selector],
      }, 'percentunit'),
      graph('Load for each core', {
        '{{ instance }}': 'node_load5{%s} / on (instance) count by (instance) (node_cpu_seconds_total{mode="idle",%s})' % [selector, selector],
      }),
      graph('File systems', {
        '{{ instance }} {{ mountpoint }}':
          '1 - node_filesystem_avail_bytes{%(s)s,fstype!~"tmpfs|overlay"} / node_filesystem_size_bytes{%(s)s,fstype!~"tmpfs|overlay"}' % { s: selector },
      }, 'percentunit'),
      graph('Network', {
        'in {{ instance }}': rate('node_network_receive_bytes_total', selector + ',device!~"lo|veth.*|cali.*|cilium.*"'),
        'out {{ instance }}': rate('node_network_transmit_bytes_total', selector + ',device!~"lo|veth.*|cali.*|cilium.*"'),
      }, 'Bps'),
      graph('Disks', {
        'read {{ instance }}': rate('node_disk_read_bytes_total', selector),
        'written {{ instance }}': rate('node_disk_written_bytes_total', selector),
      }, 'Bps'),
    ]),
  ]),

  local selector = 'namespace=~"$namespace",pod=~"$pod",container!=""';
  new('Pods', [
    variable('namespace', 'label_values(kube_pod_info, namespace)'),
    variable('pod', 'label_values(kube_pod_info{namespace=~"$namespace"}, pod)'),
  ], [
    row('Now', [
      stat('Running', 'sum(kube_pod_status_phase{phase="Running",namespace=~"$namespace",pod=~"$pod"})', width=8),
      stat('Not ready', 'sum(kube_pod_status_ready{condition="false",namespace=~"$namespace",pod=~"$pod"})', warning=1, critical=5, width=8),
      stat('Restarts in an hour', 'sum(increase(kube_pod_container_status_restarts_total{namespace=~"$namespace",pod=~"$pod"}[1h]))', warning=1, critical=10, width=8),
    ]),
    row('Use', [
      graph('CPU', { '{{ pod }}': rate('container_cpu_usage_seconds_total', selector, 'pod') }, 'none'),
      graph('CPU, held back', {
        '{{ pod }}': '%s / %s' % [
          rate('container_cpu_cfs_throttled_periods_total', selector, 'pod'),
          rate('container_cpu_cfs_periods_total', selector, 'pod'),
        ],
      }, 'percentunit'),
      graph('Memory', { '{{ pod }}': 'sum by (pod) (container_memory_working_set_bytes{%s})' % selector }, 'bytes'),
      graph('Memory, of the limit', {
        '{{ pod }}': |||
          sum by (pod) (container_memory_working_set_bytes{%s})
          / sum by (pod) (kube_pod_container_resource_limits{resource="memory",namespace=~"$namespace",pod=~"$pod"})
        ||| % selector,
      }, 'percentunit'),
      graph('Network', {
        'in {{ pod }}': rate('container_network_receive_bytes_total', 'namespace=~"$namespace",pod=~"$pod"', 'pod'),
        'out {{ pod }}': rate('container_network_transmit_bytes_total', 'namespace=~"$namespace",pod=~"$pod"', 'pod'),
      }, 'Bps'),
      graph('Restarts', {
        '{{ pod }} {{ container }}': 'sum by (pod, container) (increase(kube_pod_container_status_restarts_total{namespace=~"$namespace",pod=~"$pod"}[1h]))',
      }),
    ]),
  ]),

  local selector = 'namespace=~"$namespace"';
  local used = '1 - kubelet_volume_stats_available_bytes{%s} / kubelet_volume_stats_capacity_bytes{%s}' % [selector, selector];
  new('Volumes', [variable('namespace', 'label_values(kubelet_volume_stats_capacity_bytes, namespace)')], [
    row('Volumes', [
      graph('Used', { '{{ namespace }}/{{ persistentvolumeclaim }}': used }, 'percentunit'),
      graph('Files', {
        '{{ namespace }}/{{ persistentvolumeclaim }}':
          'kubelet_volume_stats_inodes_used{%s} / kubelet_volume_stats_inodes{%s}' % [selector, selector],
      }, 'percentunit'),
      dashboards.table('Fullest', 'topk(20, %s)' % used, 'percentunit', width=24),
    ]),
    row('Storage', [
      stat('Health (0: good)', 'ceph_health_status', warning=1, critical=2),
      stat('Used', 'ceph_cluster_total_used_bytes / ceph_cluster_total_bytes', 'percentunit', warning=0.7, critical=0.8),
      stat('Disks up', 'sum(ceph_osd_up)'),
      stat('Disks', 'count(ceph_osd_metadata)'),
      graph('Reading and writing', {
        read: 'sum(rate(ceph_osd_op_r_out_bytes[$__rate_interval]))',
        written: 'sum(rate(ceph_osd_op_w_in_bytes[$__rate_interval]))',
      }, 'Bps'),
      graph('Time to write', {
        '{{ ceph_daemon }}': 'rate(ceph_osd_op_w_latency_sum[$__rate_interval]) / rate(ceph_osd_op_w_latency_count[$__rate_interval])',
      }, 's'),
    ]),
  ]),
]
