// Says on every pull request whether it has the approvals that the repository's `.policy.yml` asks
// for. Repositories without one get the policy of the organisation.
local application = import 'application.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local name = 'policy-bot';
local namespace = name;

local config(account) = {
  server: {
    address: '0.0.0.0',
    port: 8080,
    public_url: 'https://%s.%s' % [name, account.zone.name],
  },
  logging: { level: 'info', text: false },
  // What the environment has is not here: keys and secrets of the application.
  github: {
    web_url: 'https://git.example.com',
    v3_api_url: 'https://git.example.com/api/v3',
    v4_api_url: 'https://git.example.com/api/graphql',
  },
  options: {
    policy_path: '.policy.yml',
    shared_repository: 'policies',
    shared_policy_path: 'policy.yml',
    status_check_context: name,
    // A policy may ask for teams by name; without the reason in the status nobody finds out why.
    expand_required_reviewers: true,
  },
  prometheus: { labels: { account: account.name } },
  workers: { queue_size: 200, workers: 10, github_timeout: '10s' },
};

local data(account) = {
  local bot = self.bot,
  local secret(key) = vault.ref('%s/policy-bot/app' % account.name, key),

  namespace: platform.namespace(namespace),

  bot: application.new({
    name: name,
    namespace: namespace,
    account: account,
    image: platform.image('palantirtechnologies/policy-bot', '1.38.2'),
    vault: true,
    command: ['/bin/policy-bot', 'server'],
    args: ['--config=/etc/policy-bot/policy-bot.yml'],
    cpu: '100m',
    memory: '256Mi',
    liveness: '/api/health',
    readiness: '/api/health',
    host: '%s.%s' % [name, account.zone.name],
    configs: { config: {
      path: '/etc/policy-bot',
      data: { 'policy-bot.yml': std.manifestYamlDoc(config(account), quote_keys=false) },
    } },
    env: {
      GITHUB_APP_INTEGRATION_ID: secret('integration_id'),
      GITHUB_APP_PRIVATE_KEY: secret('private_key'),
      GITHUB_APP_WEBHOOK_SECRET: secret('webhook_secret'),
      GITHUB_OAUTH_CLIENT_ID: secret('client_id'),
      GITHUB_OAUTH_CLIENT_SECRET: secret('client_secret'),
      // The same for both replicas: a login holds at either.
      POLICYBOT_SESSIONS_KEY: secret('sessions_key'),
    },
    ingress: [traffic.fromMonitoring(['http'])],
  }),

  // Its metrics are not where all others have them.
  serviceMonitor: prometheus.serviceMonitor.new(
    name, bot.labels, [prometheus.endpoint.new('http', '/api/metrics')]
  ),
};

platform.environments(name, namespace, ['shared'], data, vault.readerLabels())
