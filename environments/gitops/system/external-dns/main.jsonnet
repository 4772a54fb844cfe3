// Records at Cloudflare for the ingresses of the cluster, in its zone only.
local gitops = import '../../gitops.libsonnet';
local controller = import 'controller.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local envVar = k.core.v1.envVar;
local rule = k.rbac.v1.rule;

local name = 'external-dns';

local data(cluster) = {
  namespace: gitops.namespace(name),

  controller: controller.new({
    name: name,
    namespace: name,
    account: cluster,
    image: platform.image('external-dns/external-dns', 'v0.18.0'),
    // It has no leader election; a minute without it delays a record, no more.
    replicas: 1,
    cpu: '10m',
    memory: '64Mi',
    metricsPort: 7979,
    readinessPath: '/healthz',
    args: [
      '--provider=cloudflare',
      // A name of customers is not deleted because an ingress was, by mistake.
      '--policy=' + (if cluster.name == 'prod' then 'upsert-only' else 'sync'),
      '--registry=txt',
      '--txt-owner-id=' + cluster.cluster.name,
      '--txt-prefix=externaldns-%{record_type}-',
      '--domain-filter=' + cluster.zone.name,
      '--source=ingress',
      // All names lead to the tunnel: see system/cloudflared.
      '--default-targets=tunnel.' + cluster.zone.name,
      '--cloudflare-proxied',
      '--interval=1m',
      '--events',
      '--log-format=json',
    ],
    env: { CF_API_TOKEN: envVar.fromSecret('cloudflare-api-token', 'token') },
    clusterRules: [
      rule.read([''], ['services', 'pods', 'nodes', 'namespaces']),
      rule.read(['discovery.k8s.io'], ['endpointslices']),
      rule.read(['networking.k8s.io'], ['ingresses']),
    ],
    egress: [traffic.toInternet()],
  }),
};

gitops.environments('system/external-dns', name, data)
