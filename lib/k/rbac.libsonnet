// rbac.authorization.k8s.io/v1: rules, roles and who has them.
local meta = import 'meta.libsonnet';

local group = 'rbac.authorization.k8s.io';
local kind(name) = meta.kind(group + '/v1', name);

local binding(bindingKind, roleKind) = kind(bindingKind) {
  new(name, role, subjects):: self.object(name) {
    roleRef: { apiGroup: group, kind: roleKind, name: role },
    subjects: subjects,
  },
};

{
  rule: {
    new(apiGroups, resources, verbs):: {
      apiGroups: apiGroups,
      resources: resources,
      verbs: verbs,
    },
    // Rights on single objects. Kubernetes reads an empty list of names as "all of them".
    withResourceNames(names)::
      assert names != [] : 'a rule without resource names grants the right on every object';
      { resourceNames: names },
    read(apiGroups, resources):: self.new(apiGroups, resources, ['get', 'list', 'watch']),
  },

  subject: {
    serviceAccount(name, namespace):: { kind: 'ServiceAccount', name: name, namespace: namespace },
    group(name):: { apiGroup: group, kind: 'Group', name: name },
  },

  role: kind('Role') {
    new(name, rules):: self.object(name) { rules: rules },
  },
  clusterRole: kind('ClusterRole') {
    new(name, rules):: self.object(name) { rules: rules },
  },
  roleBinding: binding('RoleBinding', 'Role'),
  clusterRoleBinding: binding('ClusterRoleBinding', 'ClusterRole'),
}
