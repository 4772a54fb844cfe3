// People, groups and their passkeys. One replica that writes: accounts change rarely, and a copy of
// the database is made every night.
local gitops = import '../../gitops.libsonnet';
local application = import 'application.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';

local container = k.core.v1.container;
local ingress = k.networking.v1.ingress;
local probe = k.core.v1.probe;
local statefulSet = k.apps.v1.statefulSet;
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local name = 'kanidm';

local https(path) = probe.http(path, 'https') + { httpGet+: { scheme: 'HTTPS' } };

// TOML, by hand: it is short.
local config(cluster) = |||
  version = "2"
  bindaddress = "0.0.0.0:8443"
  domain = "%(domain)s"
  origin = "https://%(host)s"
  db_path = "/data/kanidm.db"
  tls_chain = "/tls/tls.crt"
  tls_key = "/tls/tls.key"
  log_level = "info"

  [online_backup]
  path = "/data/backups"
  schedule = "00 03 * * *"
  versions = 14

  [http_client_address_info]
  x-forward-for = ["%(network)s"]
||| % {
  domain: gitops.host(cluster, 'idm'),
  host: gitops.host(cluster, 'idm'),
  // Whom to believe about the address of a client: pods, of which only the ingress controller gets
  // through the network policy.
  network: '10.0.0.0/8',
};

local data(cluster) = {
  local objects = self,

  namespace: gitops.namespace(name),

  // Kanidm speaks TLS only; the ingress controller talks to it with this certificate.
  certificate: {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: name },
    spec: {
      secretName: 'kanidm-internal-tls',
      dnsNames: [gitops.host(cluster, 'idm'), '%s.%s.svc' % [name, name]],
      issuerRef: { name: gitops.privateIssuer, kind: 'ClusterIssuer' },
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
    },
  },

  server: application.new({
    name: name,
    namespace: name,
    account: cluster,
    image: platform.image('kanidm/server', '1.7.4'),
    command: ['/sbin/kanidmd', 'server', '--config-path=/etc/kanidm/server.toml'],
    replicas: 1,
    cpu: '100m',
    memory: if cluster.name == 'prod' then '1Gi' else '256Mi',
    ports: { https: 8443 },
    liveness: https('/status'),
    readiness: https('/status'),
    configs: { config: { path: '/etc/kanidm', data: { 'server.toml': config(cluster) } } },
    claims: { data: { path: '/data', size: if cluster.name == 'prod' then '20Gi' else '5Gi' } },
    storageClass: gitops.storage.block,
    ingress: [gitops.fromIngress(['https'])],
  }) {
    container+: container.withVolumeMountsMixin([volumeMount.new('tls', '/tls', readOnly=true)]),
    workload+: statefulSet.withVolumesMixin([volume.fromSecret('tls', 'kanidm-internal-tls')]),
  },

  ingress:
    gitops.ingress(name, gitops.host(cluster, 'idm'), name, 'https')
    + ingress.withAnnotations({ 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS' }),
};

gitops.environments('platform/kanidm', name, data)
