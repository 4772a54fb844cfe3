// Shows plans of PostgreSQL queries in a readable way, like explain.depesz.com: inside, because
// plans carry values of customers.
local application = import 'application.libsonnet';
local database = import 'database.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local vault = import 'vault.libsonnet';

local container = k.core.v1.container;
local volumeMount = k.core.v1.volumeMount;

local name = 'depesz';
local namespace = name;
local databaseName = 'explain';
local image = platform.image('depesz/explain', '2025.10.1');

local data(account) = {
  local environment = database.env(account, name, databaseName),

  namespace: platform.namespace(namespace),

  // The program takes its password from a file only. The file is written when the pod starts, into
  // memory, so that there is no Secret with it.
  local renderConfig =
    container.new('config', image)
    + container.withCommand(['/bin/sh', '/config/render-config.sh'])
    + container.withEnvMap(environment { PUBLIC_URL: 'https://explain.' + account.zone.name })
    + container.withResources('10m', '32Mi')
    + container.withVolumeMounts([
      volumeMount.new('init', '/config', readOnly=true),
      volumeMount.new('run-explain', '/run/explain'),
    ]),

  explain: application.new({
    name: name,
    namespace: namespace,
    account: account,
    image: image,
    vault: true,
    command: ['/usr/local/bin/hypnotoad', '--foreground', '/app/explain.pl'],
    env: { MOJO_CONFIG: '/run/explain/explain.json', MOJO_MODE: 'production', TZ: 'UTC' },
    initContainers: [renderConfig],
    configs: { init: { path: '/config', data: { 'render-config.sh': importstr 'render-config.sh' } } },
    scratch: { '/run/explain': { size: '1Mi', medium: 'Memory' }, '/tmp': '64Mi' },
    liveness: k.core.v1.probe.tcp('http'),
    readiness: '/info',
    host: 'explain.' + account.zone.name,
    egress: [database.egress(account)],
  }),

  // Plans are for a discussion, not for an archive.
  cleanup: application.scheduled({
    name: 'explain-cleanup',
    namespace: namespace,
    account: account,
    serviceAccount: name,
    image: platform.image('postgres/postgres', '17.6'),
    schedule: '30 3 * * *',
    deadline: 1800,
    vault: true,
    command: ['psql', '--no-psqlrc', '--set=ON_ERROR_STOP=1'],
    args: ["--command=delete from plans where entered_on < now() - interval '180 days'"],
    env: environment,
    cpu: '10m',
    memory: '64Mi',
    uid: 999,
    egress: [database.egress(account)],
  }),
};

platform.environments(name, namespace, ['shared'], data, vault.readerLabels())
