// What runs where: versions, owners, and APIs that will go. Each cluster is described once an hour
// in a bucket of shared; shared answers the questions.
local application = import 'application.libsonnet';
local database = import 'database.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local vault = import 'vault.libsonnet';

local rule = k.rbac.v1.rule;

local name = 'platform-insights';
local namespace = name;
local hub = platform.account('shared');
local image = platform.image('platform/insights', '3.1.0');
local bucket = '%s-%s-%s' % [name, hub.cluster.name, hub.id];

// Names and specifications of what the platform is made of. Not in it: Secrets, and ConfigMaps,
// which hold some where somebody was in a hurry.
local described = [
  rule.read([''], ['namespaces', 'nodes', 'persistentvolumeclaims', 'persistentvolumes', 'pods', 'services']),
  rule.read(['apps'], ['daemonsets', 'deployments', 'replicasets', 'statefulsets']),
  rule.read(['autoscaling'], ['horizontalpodautoscalers']),
  rule.read(['batch'], ['cronjobs', 'jobs']),
  rule.read(['networking.k8s.io'], ['ingresses', 'networkpolicies']),
  rule.read(['policy'], ['poddisruptionbudgets']),
  rule.read(['apiextensions.k8s.io'], ['customresourcedefinitions']),
  rule.read(['apiregistration.k8s.io'], ['apiservices']),
  // Who still asks for an API that will go.
  { nonResourceURLs: ['/metrics'], verbs: ['get'] },
];

local collector(account) = application.scheduled({
  name: name + '-collector',
  namespace: namespace,
  account: account,
  image: image,
  iamRole: name + '-collector',
  clusterRules: described,
  // Accounts take turns.
  schedule: '%d * * * *' % { dev: 5, shared: 15, prod: 25 }[account.name],
  deadline: 1200,
  command: ['/app/insights', 'collect'],
  args: ['--cluster=' + account.cluster.name, '--target=s3://%s/%s/' % [bucket, account.name]],
  env: { AWS_REGION: hub.region },
  cpu: '200m',
  memory: '512Mi',
  scratch: { '/tmp': '512Mi' },
});

// Answers questions, and shows the pages.
local server(account) = application.new({
  name: name,
  namespace: namespace,
  account: account,
  image: image,
  iamRole: name,
  vault: true,
  command: ['/app/insights', 'serve'],
  args: ['--source=s3://%s/' % bucket, '--catalog=/etc/insights/service_catalog.json'],
  ports: { http: 8080, metrics: 9102 },
  metricsPort: 'metrics',
  memory: '512Mi',
  host: 'insights.' + account.zone.name,
  scratch: { '/tmp': '128Mi' },
  configs: { catalog: {
    path: '/etc/insights',
    data: { 'service_catalog.json': importstr '../../service_catalog.json' },
  } },
  env: database.env(account, name) {
    AWS_REGION: account.region,
    OIDC_ISSUER: 'https://id.example.com',
    OIDC_CLIENT_ID: vault.ref('%s/%s/oidc' % [account.name, name], 'client_id'),
    OIDC_CLIENT_SECRET: vault.ref('%s/%s/oidc' % [account.name, name], 'client_secret'),
  },
  egress: [database.egress(account)],
});

local data(account) = {
  namespace: platform.namespace(namespace),
  collector: collector(account),
  [if account == hub then 'server']: server(account),
};

platform.environments(name, namespace, ['dev', 'shared', 'prod'], data, vault.readerLabels())
