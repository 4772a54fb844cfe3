// One name for all Trino clusters: who asks does not know which one answers, so that a cluster can
// be replaced while queries run.
local alb = import 'alb.libsonnet';
local application = import 'application.libsonnet';
local database = import 'database.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local secretsPerEnv = (import 'secrets.jsonnet').secretsPerEnv;
local traffic = import 'traffic.libsonnet';
local trino = import 'trino.libsonnet';
local vault = import 'vault.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local name = 'trino-gateway';
local namespace = name;
local registrarName = name + '-backends';
local uid = 1000;

local sizes = {
  dev: { replicas: 1, memory: '1Gi' },
  prod: { replicas: 2, memory: '2Gi' },
};

// The clusters, each an environment of its own, and the groups that rules may send queries to.
local backends = {
  dev: { 'trino-a': ['adhoc'] },
  // The same cluster for both, until there is a trino-b.
  prod: { 'trino-a': ['adhoc'], 'trino-a-scheduled': ['scheduled'] },
};
local clusterOf(backend) = std.strReplace(backend, '-scheduled', '');

local host(account) = 'trino.' + account.zone.name;

local config(account) = {
  serverConfig: {
    'node.environment': account.name,
    'http-server.http.port': 8080,
    // TLS ends before the gateway.
    'http-server.process-forwarded': true,
  },
  dataStore: {
    jdbcUrl: 'jdbc:postgresql://%s:%d/%s?sslmode=verify-full' % [database.host(account, name), database.port, name],
    user: '${ENV:DB_USER}',
    password: '${ENV:DB_PASSWORD}',
    driver: 'org.postgresql.Driver',
    // Which cluster has a query must be known as long as it may run.
    queryHistoryHoursRetention: 24,
    runMigrationsEnabled: true,
  },
  clusterStatsConfiguration: { monitorType: 'INFO_API' },
  backendState: { username: 'svc-gateway', password: '${ENV:MONITOR_PASSWORD}' },
  monitor: { taskDelay: '30s' },
  routing: { defaultRoutingGroup: 'adhoc' },
  routingRules: { rulesEngineEnabled: true, rulesConfigPath: '/etc/gateway/rules/rules.yaml' },
  [if account.name == 'prod' then 'authentication']: {
    defaultType: 'oauth',
    oauth: {
      issuer: 'https://id.example.com',
      clientId: '${ENV:OAUTH_CLIENT_ID}',
      clientSecret: '${ENV:OAUTH_CLIENT_SECRET}',
      redirectUrl: 'https://%s/oidc/callback' % host(account),
      redirectWebUrl: 'https://%s/trino-gateway' % host(account),
      scopes: ['openid', 'email', 'groups'],
      userIdField: 'email',
      privilegesField: 'groups',
    },
  },
  [if account.name == 'prod' then 'authorization']: {
    admin: 'team-data',
    user: '.*',
    api: 'team-data',
  },
};

// Runs the init script before the gateway, in its image and with its variables.
local withRules(object) =
  local gateway = object.spec.template.spec.containers[0];
  deployment.withInitContainers([
    container.new('init-rules', gateway.image)
    + container.withCommand(['/bin/sh', '/config/init/init-rules.sh'])
    + { env: gateway.env }
    + container.withResources('10m', '32Mi')
    + container.withVolumeMounts([
      volumeMount.new('rules', '/etc/gateway/rules'),
      volumeMount.new('init', '/config/init', readOnly=true),
    ]),
  ]);

local data(account) = {
  local objects = self,
  local release = self.release,
  local size = sizes[account.name],

  namespace: platform.namespace(namespace) + trino.client,

  scripts: k.core.v1.configMap.new(name + '-init', {
    'init-rules.sh':
      if account.name == 'dev' then importstr 'init-dev-rules.sh' else importstr 'init-rules.sh',
  }),

  release: helm.patch(
    helm.new(std.thisFile).template(name, '../../charts/trino-gateway', helm.cluster(account) {
      namespace: namespace,
      values: {
        replicaCount: size.replicas,
        config: config(account),
        // All passwords are variables: nothing in it is secret.
        configKind: 'ConfigMap',
        env: [
          { name: variable, value: secretsPerEnv[account.name][variable] }
          for variable in std.objectFields(secretsPerEnv[account.name])
        ],
        resources: container.withResources('500m', size.memory).resources,
        serviceMonitor: { enabled: true },
        volumes: [
          volume.emptyDir('rules', '1Mi'),
          volume.emptyDir('tmp', '256Mi'),
          volume.fromConfigMap('init', name + '-init'),
        ],
        volumeMounts: [
          volumeMount.new('rules', '/etc/gateway/rules', readOnly=true),
          volumeMount.new('tmp', '/tmp'),
        ],
      },
    }),
    [
      helm.mirrored,
      helm.object('Deployment', name, withRules),
      helm.applications(uid),
      helm.object(
        'Deployment',
        name,
        deployment.withPodAnnotations(vault.inject(account, name) {
          'checksum/init': std.md5(std.manifestJsonEx(objects.scripts.data, '')),
        })
      ),
    ]
  ),

  budgets: helm.budgets(release),

  ingress: alb.internal(name, host(account), 'http', healthPath='/trino-gateway/readyz'),

  networkPolicy: networkPolicy.forWorkload(
    release.deployment_trino_gateway,
    ingress=[
      traffic.fromLoadBalancer(account, ['http']),
      traffic.fromMonitoring(['http']),
      traffic.fromPods({ 'app.kubernetes.io/name': registrarName }, ['http']),
    ],
    egress=
    [traffic.toDns, traffic.toVault(account), database.egress(account)]
    + [
      trino.egress(cluster)
      for cluster in std.set([clusterOf(backend) for backend in std.objectFields(backends[account.name])])
    ]
    // The identity provider.
    + (if account.name == 'prod' then [traffic.toInternet()] else []),
  ),

  registrar: application.scheduled({
    name: registrarName,
    namespace: namespace,
    account: account,
    image: platform.image('curlimages/curl', '8.15.0'),
    schedule: '*/15 * * * *',
    deadline: 300,
    command: ['/bin/sh', '/config/scripts/register-backends.sh'],
    env: { GATEWAY_URL: 'http://%s:8080' % release.service_trino_gateway.metadata.name },
    cpu: '10m',
    memory: '32Mi',
    uid: uid,
    configs: {
      scripts: { path: '/config/scripts', data: { 'register-backends.sh': importstr 'register-backends.sh' } },
      backends: {
        path: '/config/backends',
        data: {
          [backend + '.json']: std.manifestJsonMinified({
            name: backend,
            proxyTo: 'http://%s:%d' % [trino.host(clusterOf(backend)), trino.port],
            externalUrl: 'https://' + host(account),
            active: true,
            routingGroup: group,
          })
          for backend in std.objectFields(backends[account.name])
          for group in backends[account.name][backend]
        },
      },
    },
    egress: [
      networkPolicy.to([networkPolicy.peer.pods(release.deployment_trino_gateway.spec.selector.matchLabels)])
      + networkPolicy.ports(['http']),
    ],
  }),
};

platform.environments(name, namespace, ['dev', 'prod'], data, vault.readerLabels(after=['trino-a']))
