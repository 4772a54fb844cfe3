// The way in: a tunnel that is opened from inside, so that no port of ours is open to the world.
// Everything that comes through goes to the ingress controller.
local gitops = import '../../gitops.libsonnet';
local application = import 'application.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local name = 'cloudflared';
local controller = 'ingress-nginx-controller.%s.svc' % gitops.ingressNamespace;

local data(cluster) = {
  namespace: gitops.namespace(name),

  tunnel: application.new({
    name: name,
    namespace: name,
    account: cluster,
    image: platform.image('cloudflare/cloudflared', '2026.8.1'),
    args: ['tunnel', '--config=/etc/cloudflared/config.yaml', 'run'],
    // Each replica holds four connections to two places.
    replicas: if cluster.name == 'prod' then 3 else 2,
    cpu: '20m',
    memory: '64Mi',
    ports: { metrics: 2000 },
    service: false,
    metricsPort: 'metrics',
    // Connected to at least one of the places.
    liveness: k.core.v1.probe.http('/ready', 'metrics', failures=6),
    readiness: k.core.v1.probe.http('/ready', 'metrics'),
    configs: { config: { path: '/etc/cloudflared', data: { 'config.yaml': std.manifestYamlDoc({
      tunnel: cluster.cluster.name,
      'credentials-file': '/etc/cloudflared-credentials/credentials.json',
      metrics: '0.0.0.0:2000',
      'no-autoupdate': true,
      ingress: [
        {
          hostname: '*.' + cluster.zone.name,
          service: 'https://%s:443' % controller,
          originRequest: {
            http2Origin: true,
            // Certificates are for the names that were asked for.
            matchSNItoHost: true,
            // Those of the other stages come from the authority for tests, which nobody trusts.
            noTLSVerify: cluster.name != 'prod',
          },
        },
        { service: 'http_status:404' },
      ],
    }, quote_keys=false) + '\n' } } },
    egress: [
      traffic.toPods({ 'app.kubernetes.io/name': 'ingress-nginx' }, ['https'], gitops.ingressNamespace),
      // QUIC, and HTTP/2 where it does not get through.
      traffic.toInternet([7844]) { ports: [{ protocol: protocol, port: 7844 } for protocol in ['TCP', 'UDP']] },
      traffic.toInternet(),
    ],
  }) {
    container+: container.withVolumeMountsMixin([
      volumeMount.new('credentials', '/etc/cloudflared-credentials', readOnly=true),
    ]),
    // Made with the tunnel, which outlives the cluster.
    workload+: deployment.withVolumesMixin([volume.fromSecret('credentials', 'cloudflared-credentials')]),
  },
};

gitops.environments('system/cloudflared', name, data)
