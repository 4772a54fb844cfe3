// Who may do what in the clusters: roles for each kind of user, bound to groups of Kanidm. What
// they may do with applications is in Argo CD's settings (environments/gitops/argocd).
local gitops = import '../../gitops.libsonnet';
local argocd = import 'argocd.libsonnet';
local k = import 'k.libsonnet';

local rbac = k.rbac.v1;
local rule = rbac.rule;
local groups = gitops.groups;

local all = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

// Nobody may read secrets but administrators: they are for programs.
local looking = [
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
    'resourcequotas',
    'serviceaccounts',
    'services',
  ]),
  rule.read(['apps', 'autoscaling', 'batch', 'discovery.k8s.io', 'networking.k8s.io', 'policy', 'storage.k8s.io'], ['*']),
  rule.read(
    ['acme.cert-manager.io', 'argoproj.io', 'ceph.rook.io', 'cert-manager.io', 'monitoring.coreos.com'], ['*']
  ),
  rule.new(['metrics.k8s.io'], ['nodes', 'pods'], ['get', 'list']),
];

local roles = {
  // What auditors see: everything, and who may do what.
  auditor: looking + [
    rule.read(['rbac.authorization.k8s.io'], ['*']),
    rule.read(['apiextensions.k8s.io'], ['customresourcedefinitions']),
  ],

  // Keeping it running: restart, scale, drain, silence. Changes of what runs go through git.
  operator: looking + [
    rule.new([''], ['pods'], ['delete']),
    rule.new([''], ['pods/eviction', 'pods/portforward'], ['create']),
    rule.new([''], ['nodes'], ['patch']),
    rule.new(['apps'], ['deployments', 'statefulsets', 'daemonsets'], ['patch']),
    rule.new(['apps'], ['deployments/scale', 'statefulsets/scale'], ['patch', 'update']),
    rule.new(['batch'], ['jobs'], ['create', 'delete']),
  ],

  // For the namespaces of the user stack, and a shell only where there are no customers.
  developer: looking + [
    rule.new([''], ['pods'], ['delete']),
    rule.new([''], ['pods/portforward'], ['create']),
    rule.new(['apps'], ['deployments', 'deployments/scale'], ['patch']),
  ],
  'developer-in-dev': looking + [
    rule.new([''], ['configmaps', 'pods', 'services'], all),
    rule.new([''], ['pods/exec', 'pods/portforward', 'pods/ephemeralcontainers'], ['create', 'patch']),
    rule.new(['apps'], ['deployments', 'deployments/scale', 'statefulsets', 'statefulsets/scale'], all),
    rule.new(['batch'], ['cronjobs', 'jobs'], all),
  ],
};

local userNamespaces = ['frontend', 'microservices'];
local named(role) = 'gitops-' + role;

local data(cluster) = {
  local developer = if cluster.name == 'dev' then 'developer-in-dev' else 'developer',

  roles: {
    [role]: rbac.clusterRole.new(named(role), roles[role])
    for role in ['auditor', 'operator', developer]
  },

  inCluster: {
    administrators:
      rbac.clusterRoleBinding.new(named('administrators'), 'cluster-admin', [rbac.subject.group(groups.administrators)])
      // Losing it would lock everybody out who could put it back.
      + argocd.keep,
    operators: rbac.clusterRoleBinding.new(named('operators'), named('operator'), [rbac.subject.group(groups.operators)]),
    auditors: rbac.clusterRoleBinding.new(named('auditors'), named('auditor'), [rbac.subject.group(groups.auditors)]),
  },

  // A binding of a cluster role in one namespace gives the rights there only.
  inNamespaces: {
    [namespace]:
      rbac.roleBinding.new(named('developers'), named(developer), [rbac.subject.group(groups.developers)]) {
        roleRef+: { kind: 'ClusterRole' },
      }
      + rbac.roleBinding.withNamespace(namespace)
    for namespace in userNamespaces
  },
};

gitops.environments('system/access', 'default', data)
