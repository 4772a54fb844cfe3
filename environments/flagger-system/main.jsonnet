// Releases step by step: Flagger shifts traffic to a new version as long as its numbers are good.
// The Canaries stand with their workloads; the metrics that all may use stand here.
local flagger = import 'flagger.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local networkPolicy = k.networking.v1.networkPolicy;

local name = 'flagger';
local namespace = 'flagger-system';
local prometheus = 'http://prometheus-operated.monitoring:9090';

local replicas = { dev: 1, shared: 2, prod: 2 };

// What the waypoint in front of a service has counted. The metrics that Flagger knows by itself
// are those of sidecars, which there are none of.
local requests(metric, condition='') =
  '%s{reporter="waypoint",destination_workload_namespace="{{ namespace }}",destination_workload=~"{{ target }}"%s}[{{ interval }}]'
  % [metric, condition];

local templates = {
  // Per cent that did not fail on our side.
  successRate: flagger.metricTemplate('success-rate', prometheus, |||
    100 * sum(rate(%s)) / sum(rate(%s))
  ||| % [
    requests('istio_requests_total', ',response_code!~"5.."'),
    requests('istio_requests_total'),
  ]),

  // Milliseconds, for 99 of 100 requests.
  latency: flagger.metricTemplate('latency', prometheus, |||
    histogram_quantile(0.99, sum by (le) (rate(%s)))
  ||| % requests('istio_request_duration_milliseconds_bucket')),
};

local data(account) = {
  local release = self.release,

  namespace: platform.namespace(namespace),

  release: helm.patch(
    helm.new(std.thisFile).template(name, '../../charts/flagger', helm.cluster(account) {
      namespace: namespace,
      values: {
        // Routes of the Gateway API, which waypoints and the gateway both follow.
        meshProvider: 'gatewayapi:v1',
        metricsServer: prometheus,
        leaderElection: { enabled: replicas[account.name] > 1, replicaCount: replicas[account.name] },
        podMonitor: { enabled: true, interval: '30s' },
        resources: container.withResources('20m', '128Mi').resources { limits+: { cpu: null } },
      },
    }),
    [helm.mirrored, helm.controllers(uid=10001), helm.keepDefinitions]
  ),

  budgets: helm.budgets(release),
  metricTemplates: templates,

  networkPolicy: networkPolicy.forWorkload(
    release.deployment_flagger,
    ingress=[traffic.fromMonitoring(['http'])],
    egress=[
      traffic.toDns,
      traffic.toApiServer(account),
      networkPolicy.to([networkPolicy.peer.namespace('monitoring')]) + networkPolicy.ports([9090]),
      // Web hooks of the analyses: load testers, in the namespaces of the workloads.
      networkPolicy.to([networkPolicy.peer.namespacesWith({})]) + networkPolicy.ports([8080]),
      // Alerts.
      traffic.toInternet(),
    ],
  ),
};

platform.environments(namespace, namespace, ['dev', 'shared', 'prod'], data, {
  'fluxcd.io/depends-on': 'istio-waypoint',
})
