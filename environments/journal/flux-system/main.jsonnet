// Delivers the publishing platform: in each of its clusters Flux applies what belongs there. Flux
// itself, the namespace and the key of the repository come from its bootstrap.
local journal = import '../journal.libsonnet';
local flux = import 'flux.libsonnet';
local prometheus = import 'prometheus.libsonnet';

local source = 'platform';
local team = 'team-publishing';

local data(cluster) = {
  local environments = [
    environment
    for environment in flux.environmentsOf('journal')
    if environment.labels.account == cluster.account
  ],

  source:
    flux.gitRepository.new(source, 'ssh://git@git.example.com/platform/workspace', 'delivery', 'platform-git')
    + flux.gitRepository.withOnly(['rendered']),

  // Every cluster is its own hub here.
  kustomizations: flux.kustomizations(environments, source, { name: cluster.account }),
  rights: flux.teamRights(team, [flux.folder(environment) for environment in environments]),

  podMonitor: prometheus.podMonitor.new(
    'flux', { 'app.kubernetes.io/part-of': 'flux' }, [prometheus.endpoint.new('http-prom')]
  ),
};

journal.environments('flux-system', 'flux-system', data)
