// Watches certificates as those see them who connect: the whole chain, and also of what is not a
// website, such as databases. `blackbox-exporter` asks whether a service answers; this, for how long
// it will.
local alerts = import 'alerts.libsonnet';
local application = import 'application.libsonnet';
local database = import 'database.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local traffic = import 'traffic.libsonnet';

local name = 'ssl-exporter';
local namespace = name;
local port = 9219;

// Names below the account's domain, by the way they are asked.
local targets = {
  dev: {
    web: ['atlantis', 'langsmith', 'llm-proxy', 'n8n', 'open-webui', 'orders', 'trino', 'trino-mcp', 'vault'],
    databases: ['orders'],
  },
  shared: {
    web: ['atlantis', 'explain', 'insights', 'llm-proxy', 'open-webui', 'policy-bot', 'vault'],
    databases: ['explain', 'platform-insights'],
  },
  prod: {
    web: ['atlantis', 'langsmith', 'llm-proxy', 'n8n', 'open-webui', 'orders', 'trino', 'trino-mcp', 'vault'],
    databases: ['billing', 'orders'],
  },
};

local modules = {
  https: { prober: 'https', timeout: '5s' },
  // A database speaks its own protocol first, and TLS then.
  postgres: { prober: 'tcp', timeout: '5s', tcp: { starttls: 'postgres' } },
};

local day = 24 * 3600;
local rules = [
  alerts.new(
    'CertificateChainEndsSoon',
    // The first to end of the chain that is valid longest.
    'ssl_verified_cert_not_after{chain_no="0"} - time() < %d' % (21 * day),
    '1h',
    'warning',
    'A certificate of {{ $labels.instance }} ({{ $labels.cn }}) ends in {{ $value | humanizeDuration }}'
  ),
  alerts.new(
    'CertificateChainEnds',
    'ssl_verified_cert_not_after{chain_no="0"} - time() < %d' % (3 * day),
    '5m',
    'critical',
    'A certificate of {{ $labels.instance }} ({{ $labels.cn }}) ends in {{ $value | humanizeDuration }}'
  ),
  alerts.new(
    'CertificateRevoked',
    'ssl_ocsp_response_status == 1',
    '5m',
    'critical',
    'The certificate of {{ $labels.instance }} was revoked'
  ),
  alerts.new(
    'CertificateUnknown',
    'ssl_probe_success == 0',
    '30m',
    'warning',
    'The certificate of {{ $labels.instance }} cannot be read'
  ),
];

local data(account) = {
  local asked = targets[account.name],
  local probe(what, module, targets) =
    prometheus.probe.new(
      'certificates-' + what, '%s.%s.svc:%d' % [name, namespace, port], module, targets
    )
    // Certificates change once in a while.
    { spec+: { interval: '5m' } },

  namespace: platform.namespace(namespace),

  exporter: application.new({
    name: name,
    namespace: namespace,
    account: account,
    image: platform.image('ribbybibby/ssl-exporter', 'v2.4.3'),
    args: ['--config.file=/etc/ssl-exporter/modules.yaml', '--web.listen-address=:%d' % port],
    replicas: 1,
    cpu: '20m',
    memory: '64Mi',
    ports: { http: port },
    liveness: '/',
    readiness: '/',
    configs: { modules: {
      path: '/etc/ssl-exporter',
      data: { 'modules.yaml': std.manifestYamlDoc({ modules: modules }, quote_keys=false) },
    } },
    ingress: [traffic.fromMonitoring(['http'])],
    egress: [traffic.toVpc(account, [443, database.port])],
  }),

  probes: {
    web: probe('web', 'https', ['https://%s.%s' % [host, account.zone.name] for host in asked.web]),
    databases: probe('databases', 'postgres', [
      '%s:%d' % [database.host(account, name), database.port]
      for name in asked.databases
    ]),
  },

  rules: prometheus.prometheusRule.new(name, { certificates: rules }),
};

platform.environments(name, namespace, ['dev', 'shared', 'prod'], data)
