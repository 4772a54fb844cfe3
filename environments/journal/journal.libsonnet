// What the environments of the publishing platform agree on.
local clusters = import 'clusters.libsonnet';

{
  environments:: clusters.journal.environments,

  // Monitoring, single sign-on and whatever else is for us and not for readers.
  adminNamespace:: 'adm',
  ingressClass:: 'nginx',

  // Prometheus takes only rules with this label: see `ruleSelector` in releases/table.libsonnet.
  ruleLabels:: { app: 'prometheus-operator' },
  prometheusUrl:: 'http://kube-prometheus-stack-prometheus.%s.svc:9090' % self.adminNamespace,

  // Host names for us, below the zone of the cluster.
  host(cluster, name):: '%s.%s' % [name, cluster.zone.name],
  authHost(cluster):: self.host(cluster, 'auth'),
}
