// The rules of the platform, by group. What every cluster needs comes from lib/alerts.libsonnet.
local alerts = import 'alerts.libsonnet';

{
  cpu: alerts.cpu(limit=0.85),
  memory: alerts.memory(),
  nodes: alerts.nodes,
  pods: alerts.pods('namespace!="test"'),
  volumes: alerts.volumes(),
  'api-server': alerts.apiServer,
  monitoring: alerts.monitoring,

  flux: [
    alerts.new(
      'FluxNotReady',
      'max by (exported_namespace, name, customresource_kind) (gotk_resource_info{ready="False",suspended!="true"}) == 1',
      '20m',
      'warning',
      '{{ $labels.customresource_kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} cannot be applied'
    ),
    alerts.new(
      'FluxSuspended',
      'max by (exported_namespace, name, customresource_kind) (gotk_resource_info{suspended="true"}) == 1',
      '24h',
      'warning',
      '{{ $labels.customresource_kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is suspended for a day'
    ),
  ],

  ingress: [
    alerts.new(
      'IngressErrors',
      |||
        sum by (exported_namespace, ingress) (rate(nginx_ingress_controller_requests{status=~"5.."}[5m]))
        / sum by (exported_namespace, ingress) (rate(nginx_ingress_controller_requests[5m])) > 0.05
      |||,
      '5m',
      'critical',
      '{{ $value | humanizePercentage }} of the requests to {{ $labels.exported_namespace }}/{{ $labels.ingress }} fail'
    ),
    alerts.new(
      'CertificateEndsSoon',
      'min by (host) (nginx_ingress_controller_ssl_expire_time_seconds) - time() < 14 * 24 * 3600',
      '1h',
      'warning',
      'The certificate of {{ $labels.host }} ends in {{ $value | humanizeDuration }}'
    ),
  ],

  flagger: [
    alerts.new(
      'CanaryFailed',
      'flagger_canary_status == 2',
      '1m',
      'warning',
      'The new version of {{ $labels.exported_namespace }}/{{ $labels.name }} was rolled back'
    ),
  ],
}
