// The custom resources of the platform: Flux, prometheus-operator and Flagger. Releases skip those
// of their charts, so that a version of a definition is chosen in one place.
local journal = import '../journal.libsonnet';
local flux = import 'definitions/flux.libsonnet';
local helm = import 'helm.libsonnet';

local charts = helm.new(std.thisFile);

local definitionsOf(release) = {
  local objects = helm.patch(release, [helm.keepDefinitions]),
  [name]: objects[name]
  for name in std.objectFields(release)
  if release[name].kind == 'CustomResourceDefinition'
};

local data(cluster) = {
  local chart(name, path) =
    charts.template(name, '../../../charts/' + path, helm.cluster(cluster) { namespace: 'default', values: {} }),

  flux: {
    source: { [name]: flux.source[name] for name in ['gitRepository', 'helmChart', 'helmRepository'] },
    kustomization: flux.kustomization,
    helmRelease: flux.helmRelease,
  },
  prometheusOperator: definitionsOf(chart('prometheus-operator', 'kube-prometheus-stack/charts/crds')),
  flagger: definitionsOf(chart('flagger', 'flagger')),
};

journal.environments('definitions', 'default', data, {
  // With a definition goes every object of its kind.
  'fluxcd.io/prune': 'false',
})
