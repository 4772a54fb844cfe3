// Flux: what delivers the exported tree to the clusters.
//
// Flux runs in one cluster, the hub, and applies to the others through their API servers, with an
// IAM role of the target account in place of a kubeconfig.
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';

local rbac = k.rbac.v1;
local rule = rbac.rule;

local object(apiVersion, kind, name) = { apiVersion: apiVersion, kind: kind, metadata: { name: name } };

// The label of an environment, or a default.
local label(environment, name, default) = std.get(environment.labels, name, default);

local accessTo(account) = 'cluster-' + account.name;

{
  gitRepository: {
    new(name, url, branch, secret):: object('source.toolkit.fluxcd.io/v1', 'GitRepository', name) {
      spec: {
        url: url,
        ref: { branch: branch },
        secretRef: { name: secret },
        interval: '1m',
        timeout: '60s',
      },
    },
    // Fetches only these folders' files; a change elsewhere is no new revision.
    withOnly(folders):: { spec+: { ignore: std.lines(['/*'] + ['!/' + folder for folder in folders]) } },
  },

  kustomization: {
    new(name, source, path):: object('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', name) {
      spec: {
        sourceRef: { kind: 'GitRepository', name: source },
        path: path,
        interval: '15m',
        // After a failure; the interval is for runs that went well.
        retryInterval: '2m',
        timeout: '5m',
        prune: true,
        // Not ready before its objects are, so that `dependsOn` means something.
        wait: true,
      },
    },
    withInterval(interval):: { spec+: { interval: interval } },
    withPrune(prune):: { spec+: { prune: prune } },
    withDependsOn(names):: { spec+: { dependsOn: [{ name: name } for name in names] } },
    withLabels(labels):: { metadata+: { labels+: labels } },
    withAnnotations(annotations):: { metadata+: { annotations+: annotations } },
    // Applies to the cluster of another account: see `clusterAccess`.
    withClusterOf(account):: { spec+: { kubeConfig: { configMapRef: { name: accessTo(account) } } } },
  },

  // How Flux reaches the cluster of another account: the service account's token is exchanged for
  // the role, and the role is an administrator of the cluster.
  clusterAccess(account):: {
    serviceAccount:
      k.core.v1.serviceAccount.new(accessTo(account)) + platform.irsa(account, 'flux-deployer'),
    configMap: k.core.v1.configMap.new(accessTo(account), {
      provider: 'aws',
      cluster: account.cluster.arn,
      address: account.cluster.apiServer,
      serviceAccountName: accessTo(account),
    }),
  },

  // The other environments of a platform. Each platform has a Flux of its own or none, and leaves
  // the environments of the others alone; the production platform's carry no label `platform`.
  environmentsOf(platform):: [
    environment
    for environment in std.native('environments')()
    if label(environment, 'platform', 'production') == platform
  ],

  // The folder of the exported tree that holds an environment. Must agree with `export.format` in
  // renga.toml, which drops `environments/` and turns the other slashes into dashes.
  folder(environment)::
    local prefix = 'environments/';
    local name = environment.name;
    std.strReplace(
      if std.startsWith(name, prefix) then std.substr(name, std.length(prefix), std.length(name)) else name,
      '/',
      '-'
    ),

  // One Kustomization for each environment, by the name of its folder. Labels set the options:
  // - `fluxcd.io/interval`: how often to reconcile (default 15m)
  // - `fluxcd.io/prune`: whether objects that left the tree are deleted (default true)
  // - `fluxcd.io/depends-on`: systems to wait for in the same account, joined by dots
  // - `account`: whose cluster to apply to (default: the hub)
  // `foundations` are systems that all others of the same account wait for.
  kustomizations(environments, source, hub, foundations=[])::
    local folders = std.sort([$.folder(environment) for environment in environments]);
    local shared = [folder for folder in std.set(folders) if std.count(folders, folder) > 1];
    assert shared == [] : 'several environments have the same folder in the exported tree: ' + std.join(', ', shared);

    local dependency(environment, system) =
      local name = system + '-' + label(environment, 'account', hub.name);
      if std.member(folders, name) then name
      else if std.member(folders, system) then system
      else error '`%s` depends on `%s`, which is no environment of its account' % [environment.name, system];

    local new(environment) =
      local kustomization = $.kustomization;
      local dependencies = [
        dependency(environment, system)
        for system in
          (if std.member(foundations, label(environment, 'system', '')) then [] else foundations)
          + std.split(label(environment, 'fluxcd.io/depends-on', ''), '.')
        if system != ''
      ];
      local account = label(environment, 'account', hub.name);
      kustomization.new($.folder(environment), source, './rendered/' + $.folder(environment))
      + kustomization.withInterval(label(environment, 'fluxcd.io/interval', '15m'))
      + kustomization.withPrune(label(environment, 'fluxcd.io/prune', 'true') == 'true')
      + kustomization.withAnnotations({ 'platform.example.com/source': environment.path })
      + kustomization.withLabels({
        [key]: environment.labels[key]
        for key in ['account', 'system', 'team', 'tier']
        if std.objectHas(environment.labels, key)
      })
      + (if dependencies == [] then {} else kustomization.withDependsOn(dependencies))
      + (if account == hub.name then {} else kustomization.withClusterOf(platform.account(account)));

    { [$.folder(environment)]: new(environment) for environment in environments },

  // A team's rights on Kustomizations: to see all, and to reconcile, suspend and resume its own.
  teamRights(team, kustomizations):: {
    local name = 'kustomizations-' + team,
    local resource = { groups: ['kustomize.toolkit.fluxcd.io'], resources: ['kustomizations'] },
    role: rbac.role.new(
      name,
      [rule.read(resource.groups, resource.resources)]
      + (
        // A team may own a service that is not delivered from here.
        if kustomizations == [] then []
        else [rule.new(resource.groups, resource.resources, ['patch', 'update']) + rule.withResourceNames(kustomizations)]
      )
    ),
    roleBinding: rbac.roleBinding.new(name, name, [rbac.subject.group(team)]),
  },
}
