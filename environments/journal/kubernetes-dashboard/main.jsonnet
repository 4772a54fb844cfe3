// Looking at the cluster without credentials for it: whoever passes oauth2-proxy sees what the
// dashboard's account may see, which is everything but secrets, and changes nothing.
local journal = import '../journal.libsonnet';
local k = import 'k.libsonnet';
local oauth2Proxy = import 'oauth2-proxy.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local ingress = k.networking.v1.ingress;
local networkPolicy = k.networking.v1.networkPolicy;
local peer = networkPolicy.peer;
local probe = k.core.v1.probe;
local rbac = k.rbac.v1;
local rule = rbac.rule;
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local name = 'kubernetes-dashboard';
local replicas = { staging: 1, live: 2 };
// The dashboard keeps a key for its cookies and one against forged requests in these two.
local ownSecrets = [name + '-csrf', name + '-key-holder'];

local mounts = [volumeMount.new('tmp', '/tmp')];

local data(cluster) = {
  local objects = self,
  local subjects = [rbac.subject.serviceAccount(name, name)],

  serviceAccount: k.core.v1.serviceAccount.new(name),

  reader: rbac.clusterRole.new(name, [
    rule.read([''], [
      'configmaps',
      'endpoints',
      'events',
      'limitranges',
      'namespaces',
      'nodes',
      'persistentvolumeclaims',
      'persistentvolumes',
      'pods',
      'pods/log',
      'replicationcontrollers',
      'resourcequotas',
      'serviceaccounts',
      'services',
    ]),
    rule.read(['apps'], ['daemonsets', 'deployments', 'replicasets', 'statefulsets']),
    rule.read(['autoscaling'], ['horizontalpodautoscalers']),
    rule.read(['batch'], ['cronjobs', 'jobs']),
    rule.read(['networking.k8s.io'], ['ingressclasses', 'ingresses', 'networkpolicies']),
    rule.read(['policy'], ['poddisruptionbudgets']),
    rule.read(['rbac.authorization.k8s.io'], ['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles']),
    rule.read(['storage.k8s.io'], ['storageclasses']),
    rule.read(['apiextensions.k8s.io'], ['customresourcedefinitions']),
    rule.new(['metrics.k8s.io'], ['nodes', 'pods'], ['get', 'list']),
  ]),
  readerBinding: rbac.clusterRoleBinding.new(name, name, subjects),

  own: rbac.role.new(name, [
    rule.new([''], ['secrets'], ['get', 'update']) + rule.withResourceNames(ownSecrets),
  ]),
  ownBinding: rbac.roleBinding.new(name, name, subjects),

  // Empty: the dashboard fills them, and it has no right to make them.
  secrets: { [secret]: k.core.v1.secret.new(secret, {}) for secret in ownSecrets },
  settings: k.core.v1.configMap.new(name + '-settings', {
    _global: std.manifestJsonMinified({
      clusterName: cluster.cluster.name,
      itemsPerPage: 50,
      logsAutoRefreshTimeInterval: 10,
      resourceAutoRefreshTimeInterval: 30,
    }),
  }),

  deployment:
    deployment.new(name, replicas[cluster.name], [
      container.new('dashboard', platform.image('kubernetesui/dashboard', 'v2.7.0'))
      + container.withArgs([
        '--namespace=' + name,
        '--insecure-bind-address=0.0.0.0',
        '--insecure-port=9090',
        // oauth2-proxy has asked who it is.
        '--enable-insecure-login',
        '--enable-skip-login',
        '--disable-settings-authorizer',
        '--sidecar-host=http://localhost:8000',
      ])
      + container.withPorts([k.core.v1.containerPort.new('http', 9090)])
      + container.withResources('50m', '128Mi')
      + container.withVolumeMounts(mounts)
      + container.withLivenessProbe(probe.http('/', 'http'))
      + container.withReadinessProbe(probe.http('/', 'http')),

      container.new('metrics-scraper', platform.image('kubernetesui/metrics-scraper', 'v1.0.9'))
      + container.withPorts([k.core.v1.containerPort.new('scraper', 8000)])
      + container.withResources('10m', '64Mi')
      + container.withVolumeMounts(mounts)
      + container.withLivenessProbe(probe.http('/', 'scraper'))
      + container.withReadinessProbe(probe.http('/', 'scraper')),
    ])
    + deployment.withServiceAccountName(name)
    + deployment.withVolumes([volume.emptyDir('tmp', '64Mi')])
    + platform.spread(deployment, objects.deployment.spec.selector.matchLabels)
    + platform.hardened(deployment, uid=1001),

  [if replicas[cluster.name] > 1 then 'podDisruptionBudget']:
    k.policy.v1.podDisruptionBudget.forWorkload(objects.deployment),

  service: k.core.v1.service.new(
    name, objects.deployment.spec.selector.matchLabels, [k.core.v1.servicePort.new('http', 80)]
  ),

  ingress:
    ingress.new(name, journal.ingressClass)
    + ingress.withRule(journal.host(cluster, 'kubernetes'), name, 'http')
    // What the pods' logs say is for the team and those who help it.
    + oauth2Proxy.protected(journal.authHost(cluster), groups=['team-publishing', 'team-platform']),

  networkPolicy: networkPolicy.forWorkload(
    objects.deployment,
    // Nobody gets here but by the ingress controller, which asks oauth2-proxy.
    ingress=[networkPolicy.from([peer.namespace('ingress')]) + networkPolicy.ports(['http'])],
    egress=[traffic.toDns, traffic.toApiServer(cluster)],
  ),
};

journal.environments('kubernetes-dashboard', name, data, {
  'fluxcd.io/depends-on': 'journal-namespaces.journal-releases',
})
