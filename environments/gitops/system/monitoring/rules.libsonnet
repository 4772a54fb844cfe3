// The rules of the cluster, by group.
local alerts = import 'alerts.libsonnet';

{
  'api-server': alerts.apiServer,
  cpu: alerts.cpu(),
  etcd: alerts.etcd,
  memory: alerts.memory(),
  monitoring: alerts.monitoring,
  nodes: alerts.nodes,
  // Runners come and go by design.
  pods: alerts.pods('namespace!="github-runner"'),
  volumes: alerts.volumes(),

  storage: [
    alerts.new('CephUnhealthy', 'ceph_health_status == 2', '5m', 'critical', 'Storage reports errors'),
    alerts.new('CephDegraded', 'ceph_health_status == 1', '1h', 'warning', 'Storage reports warnings for an hour'),
    alerts.new(
      'CephNearlyFull',
      'ceph_cluster_total_used_bytes / ceph_cluster_total_bytes > 0.75',
      '15m',
      'warning',
      'Storage is used to {{ $value | humanizePercentage }}, and slows down from 85% on'
    ),
  ],

  certificates: [
    alerts.new(
      'CertificateNotReady',
      'max by (namespace, name) (certmanager_certificate_ready_status{condition!="True"}) == 1',
      '30m',
      'warning',
      'The certificate {{ $labels.namespace }}/{{ $labels.name }} cannot be issued'
    ),
    alerts.new(
      'CertificateEndsSoon',
      'min by (namespace, name) (certmanager_certificate_expiration_timestamp_seconds) - time() < 14 * 24 * 3600',
      '1h',
      'critical',
      'The certificate {{ $labels.namespace }}/{{ $labels.name }} ends in {{ $value | humanizeDuration }}'
    ),
  ],
}
