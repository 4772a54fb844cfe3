// One door to all language models: a proxy that knows keys, budgets and costs, and a chat for those
// who want no API.
local alb = import 'alb.libsonnet';
local application = import 'application.libsonnet';
local cache = import 'cache.libsonnet';
local database = import 'database.libsonnet';
local istio = import 'istio.libsonnet';
local k = import 'k.libsonnet';
local models = import 'models.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local networkPolicy = k.networking.v1.networkPolicy;
local peer = networkPolicy.peer;
local probe = k.core.v1.probe;

local system = 'llm-proxy';
local namespace = system;
local chatName = 'open-webui';

local sizes = {
  dev: { proxy: { min: 1, max: 2 }, chat: 1 },
  shared: { proxy: { min: 2, max: 4 }, chat: 1 },
  prod: { proxy: { min: 3, max: 12 }, chat: 2 },
};

// Service accounts of this namespace that may ask the proxy.
local callers = [chatName];

// Long answers come slowly, and whole documents go in.
local answerSeconds = 600;

local proxyConfig(account) = {
  model_list: models,
  litellm_settings: {
    // A parameter that one model does not know must not fail the request.
    drop_params: true,
    num_retries: 2,
    request_timeout: answerSeconds,
    callbacks: ['prometheus'],
    // What was asked and answered stays out of the logs.
    turn_off_message_logging: true,
    redact_user_api_key_info: true,
    cache: true,
    cache_params: { type: 'redis', ttl: 3600, supported_call_types: ['embedding', 'aembedding'] },
  },
  router_settings: {
    routing_strategy: 'usage-based-routing-v2',
    // Replicas count limits together.
    redis_host: 'os.environ/REDIS_HOST',
    redis_port: 'os.environ/REDIS_PORT',
    redis_password: 'os.environ/REDIS_PASSWORD',
    fallbacks: [{ 'gpt-o1-mini': ['gpt-o3-mini'] }],
  },
  general_settings: {
    master_key: 'os.environ/LITELLM_MASTER_KEY',
    database_url: 'os.environ/DATABASE_URL',
    database_connection_pool_limit: 20,
    // The database knows keys and budgets: without it only known keys get in, for a while.
    allow_requests_on_db_unavailable: true,
    proxy_batch_write_at: 60,
    store_model_in_db: false,
    alerting: ['slack'],
    spend_report_frequency: '7d',
  },
};

local data(account) =
  local size = sizes[account.name];
  local secret(system, path, key) = vault.ref('%s/%s/%s' % [account.name, system, path], key);
  {
    local proxy = self.proxy,

    // What the chat asks of the proxy is what people wrote: encrypted between the nodes.
    namespace: platform.namespace(namespace) + istio.behindWaypoint('application'),

    // The mesh brings anybody in it as far as the proxy's port; who may ask is said here. Callers
    // outside of the mesh come by the load balancer, or by the label in `clients`.
    onlyCallers:
      istio.authorizationPolicy.new(system, 'ALLOW', [{
        from: [{ source: { principals: [istio.principal(namespace, caller) for caller in callers] } }],
      }])
      + istio.forService(proxy.service),

    proxy: application.new({
      name: system,
      namespace: namespace,
      account: account,
      image: platform.image('berriai/litellm-non_root', 'v1.77.5-stable'),
      vault: true,
      command: ['litellm'],
      args: ['--config=/etc/litellm/config.yaml', '--host=0.0.0.0', '--port=4000', '--num_workers=1'],
      replicas: size.proxy.min,
      autoscale: { max: size.proxy.max, cpu: 60 },
      cpu: '500m',
      memory: '1Gi',
      ports: { http: 4000 },
      metricsPort: 'http',
      mesh: true,
      // Spelled so by the program.
      liveness: probe.http('/health/liveliness', 'http'),
      readiness: '/health/readiness',
      // Migrations of the database, on the first start of a version.
      startup: probe.http('/health/liveliness', 'http', failures=30),
      configs: { config: {
        path: '/etc/litellm',
        data: { 'config.yaml': std.manifestYamlDoc(proxyConfig(account), quote_keys=false) },
      } },
      scratch: { '/tmp': '256Mi', '/home/litellm': '256Mi' },
      env: {
        AZURE_API_BASE: 'https://openai-%s.example.com' % account.name,
        AZURE_API_KEY: secret(system, 'azure', 'api_key'),
        DATABASE_URL: database.url(account, system),
        HOME: '/home/litellm',
        LITELLM_MASTER_KEY: secret(system, 'proxy', 'master_key'),
        // Keys in the database are encrypted with it: a new one makes all of them unreadable.
        LITELLM_SALT_KEY: secret(system, 'proxy', 'salt_key'),
        LITELLM_MODE: 'PRODUCTION',
        REDIS_HOST: cache.host(account, system),
        REDIS_PORT: std.toString(cache.port),
        REDIS_PASSWORD: cache.password(account, system),
        REDIS_SSL: 'true',
        SLACK_WEBHOOK_URL: secret(system, 'slack', 'webhook_url'),
        // No prices from the internet at start: those of the release are known to be right.
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        NO_DOCS: 'True',
      },
      host: '%s.%s' % [system, account.zone.name],
      clients: [
        peer.pods({ 'app.kubernetes.io/name': chatName }),
        peer.namespacesWith({ 'platform.example.com/llm-client': 'true' }),
      ],
      egress: [
        // The provider, and Slack.
        traffic.toInternet(),
        database.egress(account),
        cache.egress(account),
      ],
    }) {
      ingress+: alb.withIdleTimeout(answerSeconds),
    },

    chat: application.new({
      name: chatName,
      namespace: namespace,
      account: account,
      image: platform.image('open-webui/open-webui', '0.6.32'),
      // Files of users are in a bucket; nothing is kept on disk.
      iamRole: chatName,
      vault: true,
      command: ['bash', 'start.sh'],
      replicas: size.chat,
      mesh: true,
      cpu: '250m',
      memory: '1Gi',
      liveness: '/health',
      readiness: '/health/db',
      startup: probe.http('/health', 'http', failures=60),
      scratch: { '/app/backend/data': '1Gi', '/tmp': '1Gi' },
      env: {
        ENV: 'prod',
        PORT: '8080',
        WEBUI_URL: 'https://%s.%s' % [chatName, account.zone.name],
        WEBUI_SECRET_KEY: secret(chatName, 'session', 'key'),
        DATABASE_URL: database.url(account, chatName),
        // Beside it the image is read-only.
        STATIC_DIR: '/app/backend/data/static',
        // Settings are these, and not what somebody clicked.
        ENABLE_PERSISTENT_CONFIG: 'False',

        // Models come from the proxy alone, with a key that has a budget.
        ENABLE_OLLAMA_API: 'False',
        OPENAI_API_BASE_URL: 'http://%s:%d/v1' % [proxy.service.metadata.name, proxy.service.spec.ports[0].port],
        OPENAI_API_KEY: secret(chatName, 'proxy', 'api_key'),
        DEFAULT_MODELS: 'gpt-4o-mini',
        TASK_MODEL_EXTERNAL: 'gpt-4o-mini',
        RAG_EMBEDDING_ENGINE: 'openai',
        RAG_EMBEDDING_MODEL: 'text-embedding-3-small',

        // With the account that everybody has.
        ENABLE_LOGIN_FORM: 'False',
        ENABLE_SIGNUP: 'False',
        ENABLE_OAUTH_SIGNUP: 'True',
        OAUTH_PROVIDER_NAME: 'Example',
        OPENID_PROVIDER_URL: 'https://id.example.com/.well-known/openid-configuration',
        OAUTH_CLIENT_ID: secret(chatName, 'oidc', 'client_id'),
        OAUTH_CLIENT_SECRET: secret(chatName, 'oidc', 'client_secret'),

        STORAGE_PROVIDER: 's3',
        S3_BUCKET_NAME: '%s-%s-%s' % [chatName, account.cluster.name, account.id],
        S3_REGION_NAME: account.region,

        // Replicas tell each other what to show.
        ENABLE_WEBSOCKET_SUPPORT: 'True',
        WEBSOCKET_MANAGER: 'redis',
        WEBSOCKET_REDIS_URL: cache.url(account, chatName, system, database=1),
      },
      host: '%s.%s' % [chatName, account.zone.name],
      egress: [
        networkPolicy.to([peer.pods(proxy.labels)]) + networkPolicy.ports(['http']),
        database.egress(account),
        cache.egress(account),
      ],
    }) {
      ingress+: alb.withIdleTimeout(answerSeconds),
    },
  };

platform.environments(system, namespace, ['dev', 'shared', 'prod'], data, vault.readerLabels(after=['istio-waypoint']))
