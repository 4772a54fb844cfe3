// Plans and applies Terraform from pull requests, for the account that it runs in.
local application = import 'application.libsonnet';
local platform = import 'platform.libsonnet';
local vault = import 'vault.libsonnet';

local name = 'atlantis';
local namespace = name;

local terraform = '1.13.3';

local sizes = {
  dev: { cpu: '250m', memory: '1Gi', disk: '20Gi', parallel: 4 },
  // A plan of everything takes a provider process for each project at once.
  prod: { cpu: '1', memory: '4Gi', disk: '50Gi', parallel: 8 },
};

// What repositories may not decide for themselves.
local repositories(account) = {
  repos: [{
    id: '/git\\.example\\.com/platform/terraform-.*/',
    branch: '/^main$/',
    workflow: account.name,
    allowed_overrides: [],
    allow_custom_workflows: false,
    plan_requirements: ['undiverged'],
    // What is applied is what was reviewed, on top of what main has now.
    apply_requirements: ['approved', 'mergeable', 'undiverged'],
    delete_source_branch_on_merge: true,
  }],
  workflows: {
    [account.name]: {
      plan: { steps: [
        { init: { extra_args: ['-backend-config=backends/%s.hcl' % account.name, '-lockfile=readonly'] } },
        { plan: { extra_args: ['-var-file=accounts/%s.tfvars' % account.name] } },
      ] },
      apply: { steps: ['apply'] },
    },
  },
  metrics: { prometheus: { endpoint: '/metrics' } },
};

local data(account) =
  local size = sizes[account.name];
  local secret(key) = vault.ref('%s/atlantis/git' % account.name, key);
  local host = '%s.%s' % [name, account.zone.name];
  {
    namespace: platform.namespace(namespace),

    atlantis: application.new({
      name: name,
      namespace: namespace,
      account: account,
      image: platform.image('runatlantis/atlantis', 'v0.35.1'),
      iamRole: name,
      vault: true,
      uid: 1000,
      command: ['atlantis', 'server'],
      // Plans and locks are files: two would each know half of them.
      replicas: 1,
      claims: { data: { path: '/atlantis-data', size: size.disk } },
      cpu: size.cpu,
      memory: size.memory,
      ports: { http: 4141 },
      metricsPort: 'http',
      readiness: '/healthz',
      host: host,
      configs: {
        repos: {
          path: '/etc/atlantis',
          data: { 'repos.yaml': std.manifestYamlDoc(repositories(account), quote_keys=false) },
        },
      },
      scratch: { '/tmp': '2Gi', '/home/atlantis': '256Mi' },
      env: {
        ATLANTIS_PORT: '4141',
        ATLANTIS_ATLANTIS_URL: 'https://' + host,
        ATLANTIS_DATA_DIR: '/atlantis-data',
        ATLANTIS_REPO_CONFIG: '/etc/atlantis/repos.yaml',
        ATLANTIS_REPO_ALLOWLIST: 'git.example.com/platform/terraform-*',
        ATLANTIS_GH_HOSTNAME: 'git.example.com',
        ATLANTIS_GH_APP_ID: secret('app_id'),
        ATLANTIS_GH_APP_KEY: secret('app_key'),
        ATLANTIS_GH_WEBHOOK_SECRET: secret('webhook_secret'),

        // Each account has an Atlantis, and a pull request speaks to all of them: here only to the
        // one that is named, and only about files of its account.
        ATLANTIS_EXECUTABLE_NAME: 'atlantis-' + account.name,
        ATLANTIS_VCS_STATUS_NAME: 'atlantis/' + account.name,
        ATLANTIS_AUTOPLAN_FILE_LIST: 'modules/**/*.tf,backends/%(name)s.hcl,accounts/%(name)s.tfvars' % account,
        ATLANTIS_HIDE_PREV_PLAN_COMMENTS: 'true',

        ATLANTIS_DEFAULT_TF_VERSION: 'v' + terraform,
        // The image has it; a download at run time would be a program that nobody pinned.
        ATLANTIS_TF_DOWNLOAD: 'false',
        ATLANTIS_PARALLEL_POOL_SIZE: std.toString(size.parallel),
        ATLANTIS_CHECKOUT_STRATEGY: 'merge',
        ATLANTIS_WRITE_GIT_CREDS: 'true',
        AWS_REGION: account.region,
        HOME: '/home/atlantis',
      },
    }),
  };

// The Atlantis of shared is bootstrapped beside the cluster: it makes the cluster.
platform.environments(name, namespace, ['dev', 'prod'], data, vault.readerLabels())
