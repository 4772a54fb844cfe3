// Trino clusters, as those see them who ask them something.
local namespace = (import 'k.libsonnet').core.v1.namespace;
local traffic = import 'traffic.libsonnet';

{
  // A cluster lets in the namespaces with these labels: `platform.namespace(name) + trino.client`.
  clientLabels:: { 'platform.example.com/trino-client': 'true' },
  client:: namespace.withLabels($.clientLabels),

  // Of the coordinator of a cluster, by the name of its environment. TLS ends before it.
  host(cluster):: '%s.%s.svc' % [cluster, cluster],
  port: 8080,

  // For the network policies of clients.
  egress(cluster):: traffic.toPods(
    { 'app.kubernetes.io/name': cluster, 'app.kubernetes.io/component': 'coordinator' }, ['http'], cluster
  ),
}
