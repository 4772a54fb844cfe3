// A HelmRelease for each row of table.libsonnet, and a HelmRepository for each source of theirs.
local journal = import '../journal.libsonnet';
local helmRelease = import 'helm-release.libsonnet';
local table = import 'table.libsonnet';

local data(cluster) = helmRelease.objects(table.repositories, table.releases(cluster));

journal.environments('releases', 'flux-system', data, {
  'fluxcd.io/depends-on': 'journal-definitions.journal-namespaces',
})
