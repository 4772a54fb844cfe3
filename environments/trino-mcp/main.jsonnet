// Trino for language models: an MCP server that asks trino-a, as a user who may only read.
local application = import 'application.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';
local trino = import 'trino.libsonnet';
local vault = import 'vault.libsonnet';

local name = 'trino-mcp';
local namespace = name;
local cluster = 'trino-a';

local data(account) = {
  local host = '%s.%s' % [name, account.zone.name],

  namespace: platform.namespace(namespace) + trino.client,

  server: application.new({
    name: name,
    namespace: namespace,
    account: account,
    image: platform.image('platform/trino-mcp', '2.4.0'),
    vault: true,
    command: ['/usr/local/bin/mcp-trino'],
    replicas: { dev: 1, prod: 2 }[account.name],
    cpu: '50m',
    memory: '128Mi',
    liveness: '/status',
    readiness: '/status',
    host: host,
    env: {
      MCP_TRANSPORT: 'http',
      MCP_HOST: '0.0.0.0',
      MCP_PORT: '8080',
      TRINO_HOST: trino.host(cluster),
      TRINO_PORT: std.toString(trino.port),
      TRINO_SCHEME: 'http',
      // Not in the rules of any catalogue, so that everything is read-only for it.
      TRINO_USER: 'svc-mcp',
      TRINO_CATALOG: 'lake',
      TRINO_ALLOW_WRITE_QUERIES: 'false',
      // A model that asks for too much should hear so soon.
      TRINO_QUERY_TIMEOUT: '120',
      TRINO_MAX_ROWS: '10000',
      // Who asks is a person or a service of ours: the token says who, and Trino logs it.
      OAUTH_ENABLED: 'true',
      OAUTH_PROVIDER: 'oidc',
      OIDC_ISSUER: 'https://id.example.com',
      OIDC_AUDIENCE: 'https://' + host,
      OIDC_CLIENT_ID: vault.ref('%s/%s/oidc' % [account.name, name], 'client_id'),
      OIDC_CLIENT_SECRET: vault.ref('%s/%s/oidc' % [account.name, name], 'client_secret'),
      JWT_SECRET: vault.ref('%s/%s/session' % [account.name, name], 'key'),
    },
    egress: [
      trino.egress(cluster),
      // The keys of the identity provider.
      traffic.toInternet(),
    ],
  }),
};

platform.environments(name, namespace, ['dev', 'prod'], data, vault.readerLabels(after=[cluster]))
