// What this platform does the same way everywhere: environments, images, identities, hardening and
// placement of pods. Objects themselves come from `k.libsonnet`.
local accounts = import 'accounts.libsonnet';
local k = import 'k.libsonnet';
local catalog = import 'service-catalog.libsonnet';

local poolLabel = 'platform.example.com/pool';

{
  accounts: accounts,
  poolLabel:: poolLabel,

  account(name)::
    assert std.objectHas(accounts, name) : 'there is no account `%s` in lib/accounts.libsonnet' % name;
    accounts[name],

  // An inline environment: one system in one account. The name has the shape that static
  // environments get from their folder, so that the export tree treats both alike.
  environment(system, account, namespace, data, labels={}):: {
    apiVersion: 'tanka.dev/v1alpha1',
    kind: 'Environment',
    metadata: {
      name: 'environments/%s/%s' % [system, account.name],
      labels: {
        team: catalog.service(system).owner_group,
        account: account.name,
        system: system,
        tier: catalog.service(system).tier,
      } + labels,
    },
    spec: {
      apiServer: account.cluster.apiServer,
      namespace: namespace,
      injectLabels: true,
      resourceDefaults: { labels: { 'app.kubernetes.io/part-of': system } },
    },
    data: data,
  },

  // The same environment in several accounts: `data(account)` for each name.
  environments(system, namespace, accountNames, data, labels={}):: {
    [name]: $.environment(system, $.account(name), namespace, data($.account(name)), labels)
    for name in accountNames
  },

  // The account of a static environment, from the label in its spec.json.
  accountOf(environment)::
    local account = $.account(environment.metadata.labels.account);
    assert environment.spec.apiServer == account.cluster.apiServer :
           '%s is labelled for the account %s but has the API server of another cluster'
           % [environment.metadata.name, account.name];
    account,

  // All images come through our registry, so that a node needs no other.
  registry:: 'registry.example.com',
  image(repository, tag):: '%s/%s:%s' % [$.registry, repository, tag],

  // For objects without a namespace of kinds that the compiler does not know.
  clusterWide:: { metadata+: { annotations+: { 'tanka.dev/namespaced': 'false' } } },

  // A namespace that accepts only what a Pod Security level allows.
  namespace(name, podSecurity='restricted')::
    k.core.v1.namespace.new(name)
    + k.core.v1.namespace.withLabels({
      'pod-security.kubernetes.io/enforce': podSecurity,
      'pod-security.kubernetes.io/warn': podSecurity,
    }),

  // IAM roles carry the cluster's name, because an account may get a second cluster.
  roleName(account, role):: '%s-%s' % [account.cluster.name, role],

  // Lets a service account act as an IAM role of the account.
  irsa(account, role):: k.core.v1.serviceAccount.withAnnotations({
    'eks.amazonaws.com/role-arn': 'arn:aws:iam::%s:role/%s' % [account.id, $.roleName(account, role)],
    // The regional endpoint keeps working when us-east-1 does not.
    'eks.amazonaws.com/sts-regional-endpoints': 'true',
  }),

  // What Pod Security `restricted` asks for, and a read-only root file system. Works on every
  // kind that has pod mixins: `deployment.new(…) + platform.hardened(deployment)`.
  hardened(kind, uid=65532)::
    kind.withPodSecurityContext({
      runAsNonRoot: true,
      runAsUser: uid,
      runAsGroup: uid,
      fsGroup: uid,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    + kind.mapContainers(function(container) container {
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      } + std.get(container, 'securityContext', {}),
    }),

  // Runs on the managed node group that exists before Karpenter does.
  onSystemNodes(kind)::
    kind.withNodeSelector({ [poolLabel]: 'system' })
    + kind.withTolerations([k.core.v1.toleration.exists('CriticalAddonsOnly')]),

  // Across zones if possible, and never two on one node; or, for what an autoscaler makes many of,
  // only if that takes no further node.
  spread(kind, podLabels, onePerNode=true):: kind.withTopologySpreadConstraints([
    {
      topologyKey: 'topology.kubernetes.io/zone',
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: podLabels },
    },
    {
      topologyKey: 'kubernetes.io/hostname',
      maxSkew: 1,
      whenUnsatisfiable: if onePerNode then 'DoNotSchedule' else 'ScheduleAnyway',
      labelSelector: { matchLabels: podLabels },
    },
  ]),
}
