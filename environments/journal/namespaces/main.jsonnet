// All namespaces but `flux-system`, which the bootstrap of Flux makes. They stand apart from what
// is in them, so that removing a system does not remove its namespace with what others put there.
local journal = import '../journal.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';

local namespaces = {
  [journal.adminNamespace]: {
    // The node exporter wants to see the node itself.
    podSecurity: 'privileged',
    purpose: 'Monitoring, single sign-on and DNS',
  },
  'flagger-system': { purpose: 'Progressive delivery' },
  ingress: { purpose: 'Traffic from outside' },
  journal: { purpose: 'The services of the journal' },
  'kubernetes-dashboard': { purpose: 'A read-only view of the cluster' },
  test: { purpose: 'What tests new versions under load' },
};

local data(cluster) = {
  [name]:
    platform.namespace(name, std.get(namespaces[name], 'podSecurity', 'restricted'))
    + k.core.v1.namespace.withAnnotations({ 'platform.example.com/purpose': namespaces[name].purpose })
  for name in std.objectFields(namespaces)
};

journal.environments('namespaces', 'default', data, {
  // With a namespace goes everything in it.
  'fluxcd.io/prune': 'false',
})
