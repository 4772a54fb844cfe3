// What Rook's operator may do, and the accounts of the daemons that it starts. Secrets stay those
// of its own namespace: the keys of Ceph are there, and the volumes of others have no business in it.
local rule = (import 'k.libsonnet').rbac.v1.rule;

local all = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
local ceph = ['ceph.rook.io'];

// Attaching and mounting, for the plugins on the nodes and what makes volumes.
local attachments = [
  rule.read([''], ['nodes', 'persistentvolumes', 'pods', 'serviceaccounts']),
  rule.read(['storage.k8s.io'], ['volumeattachments', 'csinodes', 'storageclasses']),
  rule.new([''], ['serviceaccounts/token'], ['create']),
];
local provisioning = attachments + [
  rule.new([''], ['persistentvolumes'], ['create', 'delete', 'patch', 'update']),
  rule.new([''], ['persistentvolumeclaims', 'persistentvolumeclaims/status'], ['get', 'list', 'watch', 'patch', 'update']),
  rule.new([''], ['events'], ['create', 'list', 'watch', 'patch', 'update']),
  // The secrets that storage classes name.
  rule.new([''], ['secrets'], ['get', 'list']),
  rule.new(['storage.k8s.io'], ['volumeattachments', 'volumeattachments/status'], ['patch']),
  rule.read(['snapshot.storage.k8s.io'], ['volumesnapshots', 'volumesnapshotclasses', 'volumesnapshotcontents']),
  rule.new(['snapshot.storage.k8s.io'], ['volumesnapshotcontents', 'volumesnapshotcontents/status'], ['patch', 'update']),
];
local leases = [rule.new(['coordination.k8s.io'], ['leases'], all)];

{
  clusterRules: [
    rule.read([''], ['nodes', 'nodes/proxy', 'pods', 'services', 'configmaps', 'namespaces']),
    rule.new([''], ['events', 'persistentvolumes', 'persistentvolumeclaims', 'endpoints'], all),
    rule.read(['storage.k8s.io'], ['storageclasses']),
    rule.new(['storage.k8s.io'], ['csidrivers'], all),
    rule.new(['batch'], ['jobs', 'cronjobs'], all),
    rule.new(ceph, ['*'], ['get', 'list', 'watch', 'update']),
    rule.new(ceph, ['*/status', '*/finalizers'], ['update']),
    rule.new(['policy', 'apps'], ['poddisruptionbudgets', 'deployments', 'replicasets'], all + ['deletecollection']),
    rule.read(['apiextensions.k8s.io'], ['customresourcedefinitions']),
    // Buckets by claims, and the secrets with their keys beside the claims.
    rule.new(['objectbucket.io'], ['*'], all),
    rule.new([''], ['secrets'], ['get', 'create', 'update', 'delete']),
    rule.new([''], ['configmaps'], ['create', 'update', 'delete']),
    rule.new(['k8s.cni.cncf.io'], ['network-attachment-definitions'], ['get']),
    rule.new(['csiaddons.openshift.io'], ['networkfences'], all),
  ],

  rules: leases + [
    rule.new([''], ['pods', 'pods/log', 'configmaps', 'secrets', 'services', 'serviceaccounts'], all + ['deletecollection']),
    rule.new(['apps', 'batch'], ['daemonsets', 'statefulsets', 'deployments', 'jobs', 'cronjobs'], all + ['deletecollection']),
    rule.new(['monitoring.coreos.com'], ['servicemonitors', 'prometheusrules'], ['get', 'create', 'update']),
  ],

  daemons: {
    'rook-ceph-cmd-reporter': { rules: [rule.new([''], ['pods', 'configmaps'], all)] },
    'rook-ceph-default': {},
    'rook-ceph-mgr': {
      rules: [
        rule.new([''], ['pods', 'services', 'pods/log'], ['get', 'list', 'watch', 'create', 'update', 'delete']),
        rule.new(['batch'], ['jobs'], all),
        rule.new(ceph, ['*'], ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']),
        rule.new(['apps'], ['deployments', 'deployments/scale'], ['get', 'list', 'patch', 'delete']),
      ],
      clusterRules: [rule.read([''], ['configmaps', 'nodes', 'nodes/proxy', 'persistentvolumes', 'events'])],
    },
    'rook-ceph-osd': {
      rules: [
        rule.new([''], ['secrets'], ['get', 'update']),
        rule.new([''], ['configmaps'], ['get', 'list', 'watch', 'create', 'update', 'delete']),
        rule.new(ceph, ['cephclusters', 'cephclusters/finalizers'], ['get', 'list', 'create', 'update', 'delete']),
      ],
      clusterRules: [rule.new([''], ['nodes'], ['get', 'list'])],
    },
    'rook-ceph-purge-osd': {
      rules: [
        rule.new([''], ['configmaps', 'persistentvolumeclaims'], ['get', 'update', 'delete', 'list']),
        rule.new(['apps', 'batch'], ['deployments', 'jobs'], ['get', 'list', 'delete']),
      ],
    },
    'rook-ceph-rgw': {},
    'rook-csi-cephfs-plugin-sa': { clusterRules: attachments },
    'rook-csi-cephfs-provisioner-sa': { rules: leases, clusterRules: provisioning },
    'rook-csi-rbd-plugin-sa': { clusterRules: attachments },
    'rook-csi-rbd-provisioner-sa': { rules: leases, clusterRules: provisioning },
  },
}
