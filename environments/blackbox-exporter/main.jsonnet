// Asks for what others depend on, from where they would: the networks between the accounts,
// Atlantis, and Vault.
local alerts = import 'alerts.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local networkPolicy = k.networking.v1.networkPolicy;

local exporter = 'blackbox-exporter';
local namespace = exporter;
local port = 9115;

local replicas = { dev: 1, shared: 2, prod: 2 };

local modules = {
  http_2xx: {
    prober: 'http',
    timeout: '5s',
    http: {
      valid_http_versions: ['HTTP/1.1', 'HTTP/2.0'],
      // A page to log in answers 200 as well.
      follow_redirects: false,
      fail_if_not_ssl: true,
      preferred_ip_protocol: 'ip4',
    },
  },
  tcp_connect: { prober: 'tcp', timeout: '3s', tcp: { preferred_ip_protocol: 'ip4' } },
};

// Prometheus asks the exporter, the exporter asks the targets.
local probe(name, module, targets, labels) =
  prometheus.probe.new(name, '%s.%s.svc:%d' % [exporter, namespace, port], module, targets, labels);

local probes(account) = {
  // The API servers are the one address in every VPC that is always there. Connecting is enough:
  // it takes peering, routes and security groups in both directions.
  vpcs: {
    [other.name]: probe(
      'vpc-%s-to-%s' % [account.name, other.name],
      'tcp_connect',
      ['%s:443' % std.strReplace(other.cluster.apiServer, 'https://', '')],
      { source: account.name, destination: other.name },
    )
    for other in std.objectValues(platform.accounts)
    if other.name != account.name
  },

  // A standby answers 429 unless it is told that it is as good.
  vault: probe(
    'vault',
    'http_2xx',
    ['https://vault.%s/v1/sys/health?standbycode=200' % account.zone.name],
    { service: 'vault' },
  ),

  // Plans for the hub itself come from the Atlantis that is bootstrapped there.
  [if account.name == 'shared' then 'atlantis']: probe(
    'atlantis',
    'http_2xx',
    ['https://atlantis.%s/healthz' % account.zone.name],
    { service: 'atlantis' },
  ),
};

local rules = [
  alerts.new(
    'VpcUnreachable',
    'probe_success{destination!=""} == 0',
    '5m',
    'critical',
    'From {{ $labels.source }} nothing in the VPC of {{ $labels.destination }} can be reached'
  ),
  alerts.new(
    'ServiceDoesNotAnswer',
    'probe_success{service!=""} == 0',
    '5m',
    'critical',
    '{{ $labels.service }} does not answer at {{ $labels.instance }}'
  ),
  // Renewed a month before: two weeks are a renewal that failed several times.
  alerts.new(
    'CertificateEndsSoon',
    'probe_ssl_earliest_cert_expiry - time() < 14 * 24 * 3600',
    '1h',
    'warning',
    'The certificate of {{ $labels.instance }} ends in {{ $value | humanizeDuration }}'
  ),
];

local data(account) = {
  local release = self.release,

  namespace: platform.namespace(namespace),

  release: helm.patch(
    helm.new(std.thisFile).template(
      exporter,
      '../../charts/prometheus-blackbox-exporter',
      helm.cluster(account) {
        namespace: namespace,
        values: {
          // Not `blackbox-exporter-prometheus-blackbox-exporter`.
          fullnameOverride: exporter,
          replicas: replicas[account.name],
          config: { modules: modules },
          service: { port: port, labels: { 'platform.example.com/scrape': 'true' } },
          resources: container.withResources('50m', '64Mi').resources,
          prometheusRule: { enabled: true, rules: rules },
        },
      }
    ),
    [helm.mirrored, helm.controllers(uid=1000)]
  ),

  budgets: helm.budgets(release),
  probes: probes(account),

  networkPolicy: networkPolicy.forWorkload(
    release.deployment_blackbox_exporter,
    ingress=[traffic.fromMonitoring(['http'])],
    egress=[
      traffic.toDns,
      // All targets are inside: load balancers and API servers of the accounts.
      networkPolicy.to([
        networkPolicy.peer.cidr(other.vpcCidr)
        for other in std.objectValues(platform.accounts)
      ])
      + networkPolicy.ports([443]),
    ],
  ),
};

platform.environments(exporter, namespace, ['dev', 'shared', 'prod'], data)
