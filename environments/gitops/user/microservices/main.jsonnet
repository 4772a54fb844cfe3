// The services behind the web shop, from the table in services.libsonnet. Who calls whom is what
// the network policies are made of: a call that is not in the table does not get through.
local gitops = import '../../gitops.libsonnet';
local alerts = import 'alerts.libsonnet';
local application = import 'application.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local services = import 'services.libsonnet';
local traffic = import 'traffic.libsonnet';

local envVar = k.core.v1.envVar;
local peer = k.networking.v1.networkPolicy.peer;

local namespace = 'microservices';
local names = std.objectFields(services);

local replicas = { dev: 1, qa: 1, prod: 3 };
local databases = { dev: 'postgres.dev.example.com', qa: 'postgres.qa.example.com', prod: 'postgres.prod.example.com' };

local pods(name) = { 'app.kubernetes.io/name': name };

local service(cluster, name, c) =
  local stateful = 'disk' in c;
  application.new({
    name: name,
    namespace: namespace,
    account: cluster,
    image: platform.image('shop/' + name, c.version),
    // A volume belongs to one pod; there is only one cart service.
    replicas: if stateful then 1 else replicas[cluster.name],
    autoscale: if cluster.name == 'prod' && !stateful then { max: 10, cpu: 70 } else null,
    cpu: c.cpu,
    memory: c.memory,
    env:
      { LOG_FORMAT: 'json', STAGE: cluster.name }
      + { [std.asciiUpper(other) + '_URL']: 'http://%s:8080' % other for other in c.calls }
      + (
        if std.get(c, 'database', false) then {
          DATABASE_HOST: databases[cluster.name],
          DATABASE_NAME: name,
          DATABASE_USER: envVar.fromSecret(name + '-database', 'username'),
          DATABASE_PASSWORD: envVar.fromSecret(name + '-database', 'password'),
        } else {}
      )
      + std.get(c, 'env', {})
      + std.mapWithKey(function(_, source) envVar.fromSecret(source[0], source[1]), std.get(c, 'secrets', {})),
    ports: { http: 8080, metrics: 9090 },
    metricsPort: 'metrics',
    scratch: { '/tmp': '64Mi' },
    claims: if stateful then { data: { path: '/data', size: c.disk } } else {},
    storageClass: gitops.storage.block,
    clients:
      [peer.pods(pods(other)) for other in names if std.member(services[other].calls, name)]
      + (
        if name == 'gateway' then [peer.pods(pods('frontend')) + peer.namespace('frontend')] else []
      ),
    egress:
      [traffic.toPods(pods(other), ['http']) for other in c.calls]
      + (if std.get(c, 'database', false) then [traffic.toVpc(cluster, [5432])] else [])
      + (if std.get(c, 'internet', false) then [traffic.toInternet()] else []),
  });

local data(cluster) = {
  namespace: gitops.namespace(namespace),

  services: { [name]: service(cluster, name, services[name]) for name in names },

  rules:
    prometheus.prometheusRule.new('microservices', { shop: [
      alerts.new(
        'ShopErrors',
        |||
          sum by (service) (rate(http_requests_total{namespace="microservices",code=~"5.."}[5m]))
          / sum by (service) (rate(http_requests_total{namespace="microservices"}[5m])) > 0.02
        |||,
        '10m',
        'critical',
        '{{ $value | humanizePercentage }} of the requests to {{ $labels.service }} fail'
      ),
      alerts.new(
        'PaymentsRefused',
        'sum(rate(payments_total{result="refused"}[15m])) / sum(rate(payments_total[15m])) > 0.2',
        '15m',
        'critical',
        '{{ $value | humanizePercentage }} of the payments are refused'
      ),
    ] })
    + prometheus.prometheusRule.withLabels(gitops.ruleLabels),
};

gitops.environments('user/microservices', namespace, data)
