// Argo CD delivers the GitOps platform, and this environment as the first part of it. The program
// comes from its bootstrap, and so do the secrets with the other clusters' credentials; what it
// delivers, to where and for whom is decided here.
local gitops = import '../gitops.libsonnet';
local alerts = import 'alerts.libsonnet';
local argocd = import 'argocd.libsonnet';
local definitions = import 'definitions/argocd.libsonnet';
local k = import 'k.libsonnet';
local prometheus = import 'prometheus.libsonnet';

local appProject = argocd.appProject;
local application = argocd.application;
local configMap = k.core.v1.configMap;
local serviceMonitor = prometheus.serviceMonitor;

local namespace = 'argocd';
local repository = gitops.repository;
local groups = gitops.groups;

// Below these labels the configuration is looked for.
local partOfArgo = configMap.withLabels({ 'app.kubernetes.io/part-of': 'argocd' });

// By stage: what follows what.
local revisions = { dev: 'delivery', qa: 'delivery', prod: 'released' };
local targets = [
  { cluster: name, destination: gitops.clusters[name].cluster.name, revision: revisions[name] }
  for name in ['dev', 'qa', 'prod']
];
local destinations = [target.destination for target in targets];

local stacks = {
  system: {
    description: 'What makes machines a platform',
    project:
      appProject.withDestinations(destinations)
      + appProject.withClusterKinds(['*/*'])
      + appProject.withRole('operator', [groups.operators], ['get', 'sync', 'action/*']),
  },
  platform: {
    description: 'What people of the platform work with',
    project:
      appProject.withDestinations(destinations, ['dex', 'github-runner', 'kanidm', 'renovate'])
      + appProject.withClusterKinds([
        'Namespace',
        'rbac.authorization.k8s.io/ClusterRole',
        'rbac.authorization.k8s.io/ClusterRoleBinding',
      ])
      + appProject.withRole('operator', [groups.operators], ['get', 'sync', 'action/*']),
  },
  user: {
    description: 'What it is all for',
    project:
      appProject.withDestinations(destinations, ['frontend', 'microservices'])
      + appProject.withClusterKinds(['Namespace'])
      + appProject.withRole('developer', [groups.developers], ['get', 'sync', 'action/*'])
      // Nothing new for customers over the weekend.
      + appProject.withSyncWindow('deny', '0 16 * * 5', '62h', [gitops.clusters.prod.cluster.name]),
  },
};

local data(cluster) = {
  local url = 'https://' + gitops.host(cluster, 'argocd'),

  namespace: gitops.namespace(namespace),
  definitions: { [name]: definitions[name] + argocd.keep for name in std.objectFields(definitions) },

  // App of apps: what it finds in its folder are the objects here.
  root:
    application.new(
      'root',
      'delivery',
      repository,
      revisions[cluster.name],
      'rendered/gitops-argocd-' + cluster.name,
      cluster.cluster.name,
      namespace
    ),

  projects: {
    delivery:
      appProject.new('delivery', 'Argo CD itself: projects, sets of applications, settings', repository)
      + appProject.withDestinations([cluster.cluster.name], [namespace])
      + appProject.withClusterKinds(['Namespace', 'apiextensions.k8s.io/CustomResourceDefinition']),
  } + {
    [stack]: appProject.new(stack, stacks[stack].description, repository) + stacks[stack].project
    for stack in std.objectFields(stacks)
  },

  stacks: {
    [stack]: argocd.applicationSet.fromFolders(
      stack, stack, repository, targets, ['rendered/gitops-%s-*-{{ .cluster }}' % stack]
    )
    for stack in std.objectFields(stacks)
  },

  settings: configMap.new('argocd-cm', {
    url: url,
    'admin.enabled': 'false',
    // Labels are the workspace's own; the annotation is nobody else's.
    'application.resourceTrackingMethod': 'annotation',
    // What operators of Kubernetes fill in is no difference.
    'resource.customizations.ignoreDifferences.admissionregistration.k8s.io_ValidatingWebhookConfiguration':
      'jqPathExpressions: ["%s"]\n' % '.webhooks[]?.clientConfig.caBundle',
    'oidc.config': std.manifestYamlDoc({
      name: 'Single sign-on',
      issuer: gitops.issuer(cluster),
      clientID: 'argocd',
      // A key of the secret `argocd-oidc`.
      clientSecret: '$argocd-oidc:clientSecret',
      requestedScopes: ['openid', 'profile', 'email', 'groups'],
    }, quote_keys=false) + '\n',
  }) + partOfArgo,

  // Kinds of users by their groups; what they may do with applications stands in the projects.
  rights: configMap.new('argocd-rbac-cm', {
    scopes: '[groups]',
    // Who is in none of the groups sees nothing.
    'policy.default': '',
    'policy.csv': std.lines(
      ['g, %s, role:admin' % groups.administrators]
      + ['g, %s, role:readonly' % group for group in [groups.operators, groups.developers, groups.auditors]]
    ),
  }) + partOfArgo,

  parameters: configMap.new('argocd-cmd-params-cm', {
    'applicationsetcontroller.enable.progressive.syncs': 'false',
    'controller.diff.server.side': 'true',
    // The ingress controller ends TLS.
    'server.insecure': 'true',
    'server.log.format': 'json',
  }) + partOfArgo,

  ingress: gitops.ingress('argocd', gitops.host(cluster, 'argocd'), 'argocd-server'),

  serviceMonitors: {
    [component]: serviceMonitor.new(
      component, { 'app.kubernetes.io/name': component + '-metrics' }, [prometheus.endpoint.new('metrics')]
    )
    for component in ['argocd', 'argocd-server', 'argocd-repo-server', 'argocd-applicationset-controller']
  },

  rules: prometheus.prometheusRule.new('argocd', { argocd: [
    alerts.new(
      'ApplicationNotSynced',
      'max by (name, project) (argocd_app_info{sync_status!="Synced"}) == 1',
      '30m',
      'warning',
      'The application {{ $labels.name }} is not what git says'
    ),
    alerts.new(
      'ApplicationNotHealthy',
      'max by (name, project) (argocd_app_info{health_status=~"Degraded|Missing"}) == 1',
      '15m',
      'critical',
      'The application {{ $labels.name }} is not healthy'
    ),
  ] }) + prometheus.prometheusRule.withLabels(gitops.ruleLabels),
};

gitops.environments('argocd', namespace, data, only=['prod'])
