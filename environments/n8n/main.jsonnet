// Workflows between services, built by their users. The main process has the editor and the clock,
// workers run what it hands out.
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
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local name = 'n8n';
local namespace = name;

local sizes = {
  dev: {
    main: { cpu: '100m', memory: '512Mi' },
    worker: { cpu: '250m', memory: '512Mi', min: 1, max: 1, concurrency: 5 },
    // The main process answers them.
    webhook: null,
  },
  prod: {
    main: { cpu: '250m', memory: '1Gi' },
    worker: { cpu: '500m', memory: '1Gi', min: 2, max: 8, concurrency: 10 },
    webhook: { cpu: '250m', memory: '512Mi', min: 2, max: 4 },
  },
};

// Of the chart, which asks for Secrets by these names: there are none, see `insteadOfSecrets`.
local references(account) = {
  cache: { password: cache.password(account, name) },
  database: { username: database.user(account, name), password: database.password(account, name) },
  // With another key the credentials in the database are lost.
  encryption: { N8N_ENCRYPTION_KEY: vault.ref('%s/%s/encryption' % [account.name, name], 'key') },
};

local settings = {
  // Code in a workflow runs beside the process and not in it, and sees none of its variables: they
  // hold passwords.
  N8N_RUNNERS_ENABLED: 'true',
  N8N_BLOCK_ENV_ACCESS_IN_NODE: 'true',
  N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES: 'true',
  // Installed by users, run by us.
  N8N_COMMUNITY_PACKAGES_ENABLED: 'false',
  N8N_PERSONALIZATION_ENABLED: 'false',
  N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '60',
  EXECUTIONS_DATA_PRUNE: 'true',
  EXECUTIONS_DATA_MAX_AGE: '336',
  OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
};

local data(account) = {
  local release = self.release,
  local size = sizes[account.name],
  local host = '%s.%s' % [name, account.zone.name],
  // The values of one role, from its row in `sizes`.
  local role(row) = {
    resources: container.withResources(row.cpu, row.memory).resources,
    count: std.get(row, 'min', 1),
    extraEnv: [{ name: setting, value: settings[setting] } for setting in std.objectFields(settings)],
    [if std.get(row, 'max', 1) > 1 then 'autoscaling']: {
      enabled: true,
      minReplicas: row.min,
      maxReplicas: row.max,
      targetCPUUtilizationPercentage: 70,
    },
  },

  namespace: platform.namespace(namespace),

  release: helm.patch(
    helm.new(std.thisFile).template(name, '../../charts/n8n', helm.cluster(account) {
      namespace: namespace,
      values: {
        editorUrl: 'https://%s/' % host,
        timezone: 'Europe/Berlin',
        mode: 'queue',
        main: role(size.main),
        worker: role(size.worker) { concurrency: size.worker.concurrency },
        webhook:
          if size.webhook == null then { enabled: false }
          else role(size.webhook) { enabled: true },
        existingEncryptionKeySecret: 'encryption',
        db: { type: 'postgresdb' },
        externalPostgresql: {
          host: database.host(account, name),
          port: database.port,
          database: name,
          existingSecret: 'database',
          ssl: true,
        },
        externalRedis: {
          host: cache.host(account, name),
          port: cache.port,
          existingSecret: 'cache',
          tls: true,
        },
        metrics: { enabled: true },
        serviceMonitor: { enabled: true },
        ingress: { enabled: true, className: 'alb', host: host },
        volumes: [volume.emptyDir('cache', '256Mi'), volume.emptyDir('tmp', '512Mi')],
        volumeMounts: [volumeMount.new('cache', '/home/node/.cache'), volumeMount.new('tmp', '/tmp')],
      },
    }),
    [
      helm.mirrored,
      helm.applications(uid=1000),
      helm.kind(
        'Deployment',
        deployment.withPodAnnotations(vault.inject(account, name))
        + deployment.mapContainers(vault.insteadOfSecrets(references(account)))
        // What runs may end.
        + deployment.withTerminationGracePeriodSeconds(90)
      ),
      helm.kind('Ingress', alb.withInternal('/healthz')),
    ]
  ),

  budgets: helm.budgets(release),

  networkPolicy: networkPolicy.new(
    name,
    { 'app.kubernetes.io/name': name },
    ingress=[traffic.fromLoadBalancer(account, ['http']), traffic.fromMonitoring(['http'])],
    egress=[
      traffic.toDns,
      // Vault, and services of ours behind the load balancer.
      traffic.toVpc(account, [443]),
      // Everybody else's.
      traffic.toInternet(),
      database.egress(account),
      cache.egress(account),
    ],
  ),
};

platform.environments(name, namespace, ['dev', 'prod'], data, vault.readerLabels())
