// The web shop as browsers see it: pages rendered on the server, and what they load.
local gitops = import '../../gitops.libsonnet';
local application = import 'application.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local ingress = k.networking.v1.ingress;

local name = 'frontend';

local sizes = {
  dev: { replicas: 1, autoscale: null },
  qa: { replicas: 2, autoscale: null },
  prod: { replicas: 3, autoscale: { max: 12, cpu: 60 } },
};

// Versions go from stage to stage: dev first.
local versions = { dev: '3.15.0', qa: '3.15.0', prod: '3.14.2' };

local data(cluster) = {
  namespace: gitops.namespace(name),

  frontend: application.new(sizes[cluster.name] {
    name: name,
    namespace: name,
    account: cluster,
    image: platform.image('shop/frontend', versions[cluster.name]),
    env: {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://' + gitops.host(cluster, 'shop'),
      API_URL: 'http://gateway.microservices:8080',
      // Half of what it may have, so that the rest of the process has room.
      NODE_OPTIONS: '--max-old-space-size=192',
    },
    uid: 1000,
    cpu: '200m',
    memory: '384Mi',
    ports: { http: 3000, metrics: 9464 },
    metricsPort: 'metrics',
    scratch: { '/app/.cache': '512Mi', '/tmp': '64Mi' },
    ingress: [gitops.fromIngress(['http'])],
    egress: [traffic.toPods({ 'app.kubernetes.io/name': 'gateway' }, ['http'], 'microservices')],
  }),

  ingress:
    gitops.ingress(name, gitops.host(cluster, 'shop'), name)
    + ingress.withAnnotations({
      // Crawlers and attackers ask faster than people.
      'nginx.ingress.kubernetes.io/limit-rps': '50',
      'nginx.ingress.kubernetes.io/limit-burst-multiplier': '4',
    }),
};

gitops.environments('user/frontend', name, data)
