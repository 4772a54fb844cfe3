// DNS records for services, ingresses and gateways, in the zones of the account only.
local controller = import 'controller.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local tk = import 'tk';

local rule = k.rbac.v1.rule;

local account = platform.accountOf(tk.env);
local namespace = tk.env.spec.namespace;

local zones = [account.zone] + (if 'publicZone' in account then [account.publicZone] else []);

// In development records go with their service. Elsewhere a service deleted by mistake must not
// take its name with it: cleaning up is done by hand.
local policy = if account.name == 'dev' then 'sync' else 'upsert-only';

{
  namespace: platform.namespace(namespace),

  controller: controller.new({
    name: 'external-dns',
    namespace: namespace,
    account: account,
    image: platform.image('external-dns/external-dns', 'v0.18.0'),
    iamRole: 'external-dns',
    // It has no leader election; a minute without it delays a record, no more.
    replicas: 1,
    cpu: '25m',
    memory: '128Mi',
    metricsPort: 7979,
    readinessPath: '/healthz',
    args:
      [
        '--provider=aws',
        '--policy=' + policy,
        '--registry=txt',
        // Marks the records of this cluster, so that two clusters can share a zone.
        '--txt-owner-id=' + account.cluster.name,
        '--txt-prefix=externaldns-%{record_type}-',
        '--interval=1m',
        // Changes are seen at once; the interval is only for what a watch missed.
        '--events',
        '--aws-zone-type=public',
        '--aws-batch-change-size=200',
        '--log-format=json',
      ]
      + ['--source=' + source for source in ['service', 'ingress', 'gateway-httproute']]
      + ['--domain-filter=' + zone.name for zone in zones]
      + ['--zone-id-filter=' + zone.id for zone in zones],
    env: { AWS_REGION: account.region },
    clusterRules: [
      rule.read([''], ['services', 'pods', 'nodes', 'namespaces']),
      rule.read(['discovery.k8s.io'], ['endpointslices']),
      rule.read(['networking.k8s.io'], ['ingresses']),
      rule.read(['gateway.networking.k8s.io'], ['gateways', 'httproutes']),
    ],
  }),
}
