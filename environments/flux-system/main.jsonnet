// Delivers the production platform: a Kustomization for every other environment of it, and the
// rights of the teams on them. Flux's controllers and the namespace come from its bootstrap.
local definitions = import 'definitions/flux.libsonnet';
local flux = import 'flux.libsonnet';
local platform = import 'platform.libsonnet';
local catalog = import 'service-catalog.libsonnet';
local tk = import 'tk';

// Teams that may act on the Kustomizations of their services. A team gets its Role once the
// service catalogue names it as owner or editor of a service.
local teamsWithKustomizationRights = [
  'team-ai',
  'team-analytics',
  'team-commerce',
  'team-cost',
  'team-data',
  'team-frontend',
  'team-network',
  'team-platform',
  'team-security',
];

local environments = flux.environmentsOf('production');
local hub = platform.accountOf(tk.env);
local source = 'platform';

{
  // The bootstrap brings the same. From then on they are changed here, before the controllers are.
  definitions: definitions,

  // CI exports `main` and pushes the tree to `delivery`: what is applied is what was reviewed.
  source:
    flux.gitRepository.new(source, 'ssh://git@git.example.com/platform/workspace', 'delivery', 'platform-git')
    + flux.gitRepository.withOnly(['rendered']),

  clusters: {
    [name]: flux.clusterAccess(platform.accounts[name])
    for name in std.objectFields(platform.accounts)
    if name != hub.name
  },

  kustomizations: flux.kustomizations(environments, source, hub, foundations=['custom-resources']),

  teams: {
    [team]: flux.teamRights(team, [
      flux.folder(environment)
      for environment in environments
      if std.member(catalog.editableBy(team), std.get(environment.labels, 'system', ''))
    ])
    for team in teamsWithKustomizationRights
    if catalog.editableBy(team) != []
  },
}
