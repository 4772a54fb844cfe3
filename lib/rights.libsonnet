// What a service account may do in its cluster: in its own namespace (`rules`), and in all of them
// (`clusterRules`). Without rules there is no role.
local rbac = (import 'k.libsonnet').rbac.v1;

{
  new(name, namespace, rules=[], clusterRules=[], serviceAccount=name):: {
    local subjects = [rbac.subject.serviceAccount(serviceAccount, namespace)],

    [if clusterRules != [] then 'clusterRole']: rbac.clusterRole.new(name, clusterRules),
    [if clusterRules != [] then 'clusterRoleBinding']: rbac.clusterRoleBinding.new(name, name, subjects),

    [if rules != [] then 'role']: rbac.role.new(name, rules),
    [if rules != [] then 'roleBinding']: rbac.roleBinding.new(name, name, subjects),
  },
}
