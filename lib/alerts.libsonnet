// Alert rules that a cluster needs whatever runs in it, in groups for `prometheusRule.new`, and
// the constructor for further ones.
//
// An alert is something that a person has to do: `critical` at once, `warning` in working hours.
local runbooks = 'https://runbooks.example.com/';

// `selector` narrows a query to some series; the braces are the query's.
local withSelector(selector, more='') =
  std.join(',', [part for part in [selector, more] if part != '']);

{
  // Every alert has a runbook under its own name.
  new(name, expr, duration, severity, summary):: {
    assert std.member(['critical', 'warning'], severity) : 'an alert is critical or a warning, not `%s`' % severity,
    alert: name,
    // Written on several lines to be read; one line is enough for Prometheus.
    expr: std.join(' ', [std.stripChars(line, ' ') for line in std.split(expr, '\n') if std.stripChars(line, ' ') != '']),
    'for': duration,
    labels: { severity: severity },
    annotations: { summary: summary, runbook_url: runbooks + name },
  },

  cpu(limit=0.9):: [
    $.new(
      'NodeCpuBusy',
      |||
        1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) > %g
      ||| % limit,
      '15m',
      'warning',
      'CPU of {{ $labels.instance }} is at {{ $value | humanizePercentage }}'
    ),
    // Throttled for a quarter of the periods is slow for whoever waits.
    $.new(
      'ContainerCpuThrottled',
      |||
        sum by (namespace, pod, container) (increase(container_cpu_cfs_throttled_periods_total{container!=""}[5m]))
        / sum by (namespace, pod, container) (increase(container_cpu_cfs_periods_total[5m])) > 0.25
      |||,
      '15m',
      'warning',
      '{{ $labels.namespace }}/{{ $labels.pod }} ({{ $labels.container }}) is held back by its CPU limit'
    ),
    $.new(
      'ClusterCpuOvercommitted',
      // With the largest node gone, what is requested no longer fits.
      |||
        sum(kube_pod_container_resource_requests{resource="cpu"})
        > sum(kube_node_status_allocatable{resource="cpu"}) - max(kube_node_status_allocatable{resource="cpu"})
      |||,
      '30m',
      'warning',
      'CPU requests do not fit any more if a node fails'
    ),
  ],

  memory(limit=0.9):: [
    $.new(
      'NodeMemoryFull',
      '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes > %g' % limit,
      '10m',
      'critical',
      'Memory of {{ $labels.instance }} is used to {{ $value | humanizePercentage }}'
    ),
    $.new(
      'ContainerMemoryNearLimit',
      |||
        max by (namespace, pod, container) (container_memory_working_set_bytes{container!=""})
        / max by (namespace, pod, container) (kube_pod_container_resource_limits{resource="memory"}) > 0.95
      |||,
      '15m',
      'warning',
      '{{ $labels.namespace }}/{{ $labels.pod }} ({{ $labels.container }}) is about to be killed for its memory'
    ),
    $.new(
      'ContainerKilledForMemory',
      |||
        increase(kube_pod_container_status_restarts_total[10m]) > 0
        and on (namespace, pod, container) kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} == 1
      |||,
      '0m',
      'warning',
      '{{ $labels.namespace }}/{{ $labels.pod }} ({{ $labels.container }}) was killed for its memory'
    ),
  ],

  apiServer:: [
    $.new(
      'ApiServerErrors',
      |||
        sum(rate(apiserver_request_total{code=~"5.."}[5m])) / sum(rate(apiserver_request_total[5m])) > 0.03
      |||,
      '10m',
      'critical',
      '{{ $value | humanizePercentage }} of the requests to the API server fail'
    ),
    $.new(
      'ApiServerSlow',
      // Watches and lists of everything are slow by nature.
      |||
        histogram_quantile(0.99, sum by (le, verb) (
          rate(apiserver_request_duration_seconds_bucket{verb=~"GET|POST|PUT|PATCH|DELETE",subresource!~"log|exec|attach|portforward|proxy"}[5m])
        )) > 1
      |||,
      '15m',
      'warning',
      'One in a hundred {{ $labels.verb }} requests to the API server takes {{ $value | humanizeDuration }}'
    ),
    $.new(
      'ApiServerDown', 'absent(up{job="apiserver"} == 1)', '5m', 'critical', 'No API server can be scraped'
    ),
  ],

  pods(selector=''):: [
    $.new(
      'PodRestarts',
      'increase(kube_pod_container_status_restarts_total{%s}[1h]) > 3' % selector,
      '5m',
      'warning',
      '{{ $labels.namespace }}/{{ $labels.pod }} ({{ $labels.container }}) started {{ $value | humanize }} times within an hour'
    ),
    $.new(
      'PodNotReady',
      |||
        sum by (namespace, pod) (kube_pod_status_phase{%s} == 1) > 0
      ||| % withSelector(selector, 'phase=~"Pending|Unknown|Failed"'),
      '15m',
      'warning',
      '{{ $labels.namespace }}/{{ $labels.pod }} has not been running for a quarter of an hour'
    ),
    $.new(
      'DeploymentIncomplete',
      |||
        kube_deployment_spec_replicas{%(selector)s} != kube_deployment_status_replicas_available{%(selector)s}
      ||| % { selector: selector },
      '15m',
      'warning',
      '{{ $labels.namespace }}/{{ $labels.deployment }} does not have the pods that it asks for'
    ),
  ],

  volumes(selector=''):: [
    $.new(
      'VolumeFull',
      'kubelet_volume_stats_available_bytes{%(selector)s} / kubelet_volume_stats_capacity_bytes{%(selector)s} < 0.1'
      % { selector: selector },
      '5m',
      'critical',
      'The volume {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left'
    ),
    $.new(
      'VolumeFullInFourDays',
      |||
        predict_linear(kubelet_volume_stats_available_bytes{%(selector)s}[6h], 4 * 24 * 3600) < 0
        and kubelet_volume_stats_available_bytes{%(selector)s} / kubelet_volume_stats_capacity_bytes{%(selector)s} < 0.4
      ||| % { selector: selector },
      '1h',
      'warning',
      'The volume {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} is full in four days'
    ),
  ],

  nodes:: [
    $.new(
      'NodeNotReady',
      'kube_node_status_condition{condition="Ready",status="true"} == 0',
      '10m',
      'critical',
      '{{ $labels.node }} has not been ready for ten minutes'
    ),
    $.new(
      'NodeDiskFull',
      |||
        node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"} / node_filesystem_size_bytes{fstype!~"tmpfs|overlay"} < 0.1
      |||,
      '10m',
      'critical',
      '{{ $labels.mountpoint }} of {{ $labels.instance }} has {{ $value | humanizePercentage }} left'
    ),
  ],

  etcd:: [
    $.new(
      'EtcdNoLeader', 'etcd_server_has_leader == 0', '1m', 'critical', '{{ $labels.instance }} has no leader'
    ),
    $.new(
      'EtcdSlowDisk',
      |||
        histogram_quantile(0.99, sum by (instance, le) (rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m]))) > 0.1
      |||,
      '10m',
      'warning',
      'The disk of {{ $labels.instance }} takes {{ $value | humanizeDuration }} to write'
    ),
  ],

  // A scrape target that is known and silent, and an alert that always fires: if it stops, alerting
  // itself is broken.
  monitoring:: [
    $.new('TargetDown', 'up == 0', '10m', 'warning', '{{ $labels.job }} at {{ $labels.instance }} cannot be scraped'),
    $.new('Heartbeat', 'vector(1)', '0m', 'warning', 'Alerts arrive'),
  ],
}
