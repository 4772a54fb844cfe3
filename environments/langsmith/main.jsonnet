// Traces and evaluations of what language models are asked. PostgreSQL, Redis and a bucket are the
// account's; ClickHouse, with the traces, runs here.
local alb = import 'alb.libsonnet';
local cache = import 'cache.libsonnet';
local database = import 'database.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local statefulSet = k.apps.v1.statefulSet;
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local name = 'langsmith';
local namespace = name;
local labels = { 'app.kubernetes.io/name': name };

local row(cpu, memory, min=1, max=1) = { cpu: cpu, memory: memory, min: min, max: max };
local sizes = {
  dev: {
    components: {
      'ace-backend': row('100m', '256Mi'),
      backend: row('250m', '1Gi'),
      frontend: row('50m', '128Mi'),
      'platform-backend': row('100m', '256Mi'),
      playground: row('100m', '512Mi'),
      queue: row('250m', '1Gi'),
    },
    clickhouse: { cpu: '500m', memory: '4Gi', disk: '50Gi' },
    // Days.
    keep: { short: 7, long: 30 },
  },
  prod: {
    components: {
      'ace-backend': row('200m', '512Mi', 2, 4),
      backend: row('1', '2Gi', 3, 10),
      frontend: row('100m', '256Mi', 2),
      'platform-backend': row('500m', '1Gi', 2, 8),
      playground: row('200m', '1Gi', 2, 4),
      // Writes the traces: what falls behind here is seen late, and not lost.
      queue: row('1', '2Gi', 3, 12),
    },
    clickhouse: { cpu: '4', memory: '32Gi', disk: '500Gi' },
    keep: { short: 14, long: 400 },
  },
};

// Of the chart, which asks for Secrets by these names: there are none, see `insteadOfSecrets`.
local references(account) = {
  local secret(path, key) = vault.ref('%s/%s/%s' % [account.name, name, path], key),
  app: {
    langsmith_license_key: secret('license', 'key'),
    api_key_salt: secret('app', 'api_key_salt'),
    oauth_client_id: secret('oidc', 'client_id'),
    oauth_client_secret: secret('oidc', 'client_secret'),
  },
  cache: { connection_url: cache.url(account, name) },
  clickhouse: { user: secret('clickhouse', 'user'), password: secret('clickhouse', 'password') },
  database: { connection_url: database.url(account, name) },
};

// The chart leaves the migrations to hooks of Helm, which nobody runs here. Before the backend they
// are in time, and the second of two waits for the first, in the database.
local withMigrations(object) =
  local backend = object.spec.template.spec.containers[0];
  local migration(name, command) = {
    [field]: backend[field]
    for field in ['env', 'envFrom', 'image', 'imagePullPolicy', 'volumeMounts']
  } + { name: name } + container.withCommand(command) + container.withResources('100m', '512Mi');
  deployment.withInitContainers([
    migration('postgres-migrations', ['alembic', 'upgrade', 'head']),
    migration('clickhouse-migrations', ['./scripts/wait_for_clickhouse_and_migrate.sh']),
  ]);

// Its image expects to write in these places.
local withFoldersOfClickhouse =
  local folders = {
    logs: '/var/log/clickhouse-server',
    tmp: '/tmp',
    // The user that the variables name.
    users: '/etc/clickhouse-server/users.d',
  };
  statefulSet.withVolumesMixin([volume.emptyDir(folder, '256Mi') for folder in std.objectFields(folders)])
  + statefulSet.mapContainers(function(clickhouse) clickhouse + container.withVolumeMountsMixin([
    volumeMount.new(folder, folders[folder])
    for folder in std.objectFields(folders)
  ]));

local data(account) = {
  local release = self.release,
  local size = sizes[account.name],
  local host = '%s.%s' % [name, account.zone.name],

  namespace: platform.namespace(namespace),

  release: helm.patch(
    helm.new(std.thisFile).template(name, '../../charts/langsmith', helm.cluster(account) {
      namespace: namespace,
      values: {
        config: {
          existingSecretName: 'app',
          hostname: host,
          authType: 'oauth',
          oauth: { enabled: true, issuerUrl: 'https://id.example.com' },
          blobStorage: {
            enabled: true,
            bucketName: '%s-%s-%s' % [name, account.cluster.name, account.id],
            apiURL: 'https://s3.%s.amazonaws.com' % account.region,
          },
          ttl: { shortlived: size.keep.short, longlived: size.keep.long },
        },
        components: {
          [component]: {
            local row = size.components[component],
            replicas: row.min,
            resources: container.withResources(row.cpu, row.memory).resources,
            autoscaling: { minReplicas: row.min, maxReplicas: row.max },
          }
          for component in std.objectFields(size.components)
        },
        autoscaling: { enabled: account.name == 'prod' },
        postgres: { external: { enabled: true, existingSecretName: 'database' } },
        redis: { external: { enabled: true, existingSecretName: 'cache' } },
        clickhouse: {
          existingSecretName: 'clickhouse',
          resources: container.withResources(size.clickhouse.cpu, size.clickhouse.memory).resources,
          persistence: { size: size.clickhouse.disk, storageClassName: 'gp3' },
          // The rest is for the page cache, and for what is outside of the counted memory.
          config: { max_server_memory_usage_to_ram_ratio: 0.8 },
        },
      },
    }),
    [
      helm.mirrored,
      // The bucket is read and written with this role.
      helm.kind('ServiceAccount', platform.irsa(account, name)),
      helm.object('Deployment', 'langsmith-backend', withMigrations),
      helm.object('StatefulSet', 'langsmith-clickhouse', withFoldersOfClickhouse),
      helm.applications(uid=1000),
      helm.object('StatefulSet', 'langsmith-clickhouse', platform.hardened(statefulSet, uid=101)),
    ] + [
      helm.kind(
        kind,
        deployment.withPodAnnotations(vault.inject(account, name))
        + deployment.mapContainers(vault.insteadOfSecrets(references(account)))
      )
      for kind in ['Deployment', 'StatefulSet']
    ]
  ),

  budgets: helm.budgets(release),

  ingress: alb.internal(name, host, 'http', service='langsmith-frontend', healthPath='/health'),

  networkPolicy: networkPolicy.new(
    name,
    labels,
    ingress=[
      // The parts among each other; none of them has metrics.
      networkPolicy.from([networkPolicy.peer.pods(labels)]),
      traffic.fromLoadBalancer(account, ['frontend']),
    ],
    egress=[
      traffic.toDns,
      networkPolicy.to([networkPolicy.peer.pods(labels)]),
      // Vault, S3, the identity provider, and the models behind the proxy.
      traffic.toAws,
      database.egress(account),
      cache.egress(account),
    ],
  ),
};

platform.environments(name, namespace, ['dev', 'prod'], data, vault.readerLabels())
