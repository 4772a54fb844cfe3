// What to look at when something is wrong with the journal: from the readers' side inwards.
local dashboards = import 'dashboards.libsonnet';

local rate(metric, selector, by) = 'sum by (%s) (rate(%s{%s}[$__rate_interval]))' % [by, metric, selector];

local quantile(q, metric, selector, by) =
  'histogram_quantile(%g, %s)' % [q, rate(metric + '_bucket', selector, by + ', le')];

local ingress =
  local selector = 'exported_namespace=~"$namespace",ingress=~"$ingress"';
  local requests = 'nginx_ingress_controller_requests';
  dashboards.new('Traffic from outside', tags=['journal'])
  + dashboards.withVariables([
    dashboards.variable('namespace', 'label_values(%s, exported_namespace)' % requests),
    dashboards.variable('ingress', 'label_values(%s{exported_namespace=~"$namespace"}, ingress)' % requests),
  ])
  + dashboards.withRows([
    dashboards.row('Now', [
      dashboards.stat('Requests', 'sum(rate(%s{%s}[5m]))' % [requests, selector], 'reqps'),
      dashboards.stat(
        'Errors',
        'sum(rate(%(metric)s{%(selector)s,status=~"5.."}[5m])) / sum(rate(%(metric)s{%(selector)s}[5m]))'
        % { metric: requests, selector: selector },
        'percentunit',
        warning=0.01,
        critical=0.05
      ),
      dashboards.stat(
        'Slowest in a hundred',
        'histogram_quantile(0.99, sum by (le) (rate(nginx_ingress_controller_request_duration_seconds_bucket{%s}[5m])))' % selector,
        's',
        warning=1,
        critical=3
      ),
      dashboards.stat(
        'First certificate to end',
        'min(nginx_ingress_controller_ssl_expire_time_seconds) - time()',
        's',
        warning=14 * 24 * 3600,
        critical=30 * 24 * 3600,
        lessIsWorse=true
      ),
    ]),
    dashboards.row('Over time', [
      dashboards.graph('Requests', { '{{ ingress }}': rate(requests, selector, 'ingress') }, 'reqps'),
      dashboards.graph('Answers', { '{{ status }}': rate(requests, selector, 'status') }, 'reqps', stacked=true),
      dashboards.graph('Duration', {
        'p50 {{ ingress }}': quantile(0.5, 'nginx_ingress_controller_request_duration_seconds', selector, 'ingress'),
        'p99 {{ ingress }}': quantile(0.99, 'nginx_ingress_controller_request_duration_seconds', selector, 'ingress'),
      }, 's'),
      dashboards.graph('Sent', {
        '{{ ingress }}': rate('nginx_ingress_controller_response_size_sum', selector, 'ingress'),
      }, 'Bps'),
    ]),
  ]);

local site =
  local pods = 'namespace="journal",container=~"$service"';
  dashboards.new('Services of the journal', tags=['journal'])
  + dashboards.withVariables([
    dashboards.variable('service', 'label_values(kube_pod_container_info{namespace="journal"}, container)'),
  ])
  + dashboards.withRows([
    dashboards.row('Requests', [
      dashboards.graph('Requests', {
        '{{ container }}': rate('http_requests_total', pods, 'container'),
      }, 'reqps'),
      dashboards.graph('Errors', {
        '{{ container }}': rate('http_requests_total', pods + ',code=~"5.."', 'container'),
      }, 'reqps'),
      dashboards.graph('Duration, slowest in a hundred', {
        '{{ container }}': quantile(0.99, 'http_request_duration_seconds', pods, 'container'),
      }, 's', width=24),
    ]),
    dashboards.row('Pods', [
      dashboards.graph('CPU', {
        '{{ pod }}': rate('container_cpu_usage_seconds_total', pods, 'pod'),
      }, 'none'),
      dashboards.graph('Memory', {
        '{{ pod }}': 'sum by (pod) (container_memory_working_set_bytes{%s})' % pods,
      }, 'bytes'),
      dashboards.graph('Restarts', {
        '{{ pod }}': 'sum by (pod) (increase(kube_pod_container_status_restarts_total{%s}[1h]))' % pods,
      }),
      dashboards.graph('Replicas', {
        '{{ deployment }}': 'sum by (deployment) (kube_deployment_status_replicas_available{namespace="journal"})',
      }),
    ]),
  ]);

local delivery =
  dashboards.new('Delivery', tags=['journal', 'flux', 'flagger'])
  + dashboards.withRows([
    dashboards.row('Flux', [
      dashboards.stat('Not applied', 'count(gotk_resource_info{ready="False"}) or vector(0)', critical=1, width=8),
      dashboards.stat('Suspended', 'count(gotk_resource_info{suspended="true"}) or vector(0)', warning=1, width=8),
      dashboards.stat('Objects', 'count(gotk_resource_info)', width=8),
      dashboards.graph('Time to apply, slowest in ten', {
        '{{ kind }} {{ name }}': quantile(0.9, 'gotk_reconcile_duration_seconds', '', 'kind, name'),
      }, 's'),
      dashboards.table(
        'Versions', 'max by (customresource_kind, name, revision, ready) (gotk_resource_info{customresource_kind=~"HelmRelease|Kustomization"})'
      ),
    ]),
    dashboards.row('New versions', [
      dashboards.graph('Traffic to them', { '{{ workload }}': 'flagger_canary_weight{namespace="journal"}' }, 'percent'),
      // 0: running, 1: succeeded, 2: failed.
      dashboards.graph('State', { '{{ name }}': 'flagger_canary_status{exported_namespace="journal"}' }),
    ]),
  ]);

[delivery, ingress, site]
