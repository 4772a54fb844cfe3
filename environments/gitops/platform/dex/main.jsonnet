// Single sign-on: programs that speak OpenID Connect ask Dex, and Dex asks Kanidm who it is.
local gitops = import '../../gitops.libsonnet';
local application = import 'application.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local envVar = k.core.v1.envVar;
local rule = k.rbac.v1.rule;

local name = 'dex';

// Programs, and where they take people back to. Each has its secret in a variable, from the key of
// its name in `dex-clients`.
local clients(cluster) = {
  argocd: { title: 'Argo CD', redirect: 'https://%s/auth/callback' % gitops.host(cluster, 'argocd') },
  grafana: { title: 'Grafana', redirect: 'https://%s/login/generic_oauth' % gitops.host(cluster, 'grafana') },
};
local variable(client) = 'CLIENT_' + std.asciiUpper(client);

local config(cluster) = {
  issuer: gitops.issuer(cluster),
  // Objects of the cluster; Dex makes their definitions itself.
  storage: { type: 'kubernetes', config: { inCluster: true } },
  web: { http: '0.0.0.0:5556' },
  telemetry: { http: '0.0.0.0:5558' },
  logger: { level: 'info', format: 'json' },
  expiry: { idTokens: '1h', refreshTokens: { validIfNotUsedFor: '168h', absoluteLifetime: '720h' } },
  oauth2: { skipApprovalScreen: true },
  connectors: [{
    type: 'oidc',
    id: 'kanidm',
    name: 'Kanidm',
    config: {
      issuer: 'https://%s/oauth2/openid/dex' % gitops.host(cluster, 'idm'),
      clientID: 'dex',
      clientSecret: '$KANIDM_CLIENT_SECRET',
      redirectURI: gitops.issuer(cluster) + '/callback',
      scopes: ['openid', 'profile', 'email', 'groups'],
      insecureEnableGroups: true,
      getUserInfo: true,
    },
  }],
  staticClients: [
    local client = clients(cluster)[id];
    { id: id, name: client.title, redirectURIs: [client.redirect], secretEnv: variable(id) }
    for id in std.objectFields(clients(cluster))
  ],
};

local data(cluster) = {
  namespace: gitops.namespace(name),

  dex: application.new({
    name: name,
    namespace: name,
    account: cluster,
    image: platform.image('dexidp/dex', 'v2.44.0'),
    // Past the entrypoint, which would write a copy of the configuration.
    command: ['/usr/local/bin/dex'],
    args: ['serve', '/etc/dex/config.yaml'],
    env: {
      KUBERNETES_POD_NAMESPACE: envVar.fromField('metadata.namespace'),
      KANIDM_CLIENT_SECRET: envVar.fromSecret('dex-clients', 'kanidm'),
    } + {
      [variable(client)]: envVar.fromSecret('dex-clients', client)
      for client in std.objectFields(clients(cluster))
    },
    replicas: if cluster.name == 'prod' then 2 else 1,
    cpu: '20m',
    memory: '64Mi',
    ports: { http: 5556, telemetry: 5558 },
    metricsPort: 'telemetry',
    liveness: k.core.v1.probe.http('/healthz/live', 'telemetry'),
    readiness: k.core.v1.probe.http('/healthz/ready', 'telemetry'),
    configs: { config: { path: '/etc/dex', data: {
      'config.yaml': std.manifestYamlDoc(config(cluster), quote_keys=false) + '\n',
    } } },
    clusterRules: [
      rule.new(['dex.coreos.com'], ['*'], ['*']),
      rule.new(['apiextensions.k8s.io'], ['customresourcedefinitions'], ['create', 'get']),
    ],
    ingress: [gitops.fromIngress(['http'])],
    // Kanidm, by its public name.
    egress: [traffic.toInternet()],
  }),

  ingress: gitops.ingress(name, gitops.host(cluster, 'dex'), name),
};

gitops.environments('platform/dex', name, data)
