// The monitors of the Secrets Store CSI driver. The driver is an add-on of EKS, which brings the
// namespace as well; the provider for Vault is `vault`.
local datadog = import 'datadog.libsonnet';
local platform = import 'platform.libsonnet';
local catalog = import 'service-catalog.libsonnet';

local monitor = datadog.monitor;
local namespace = 'secrets-store-csi';
local service = catalog.service(namespace);

local data(account) = {
  local new(name, severity, title, query, message) =
    monitor.new(namespace + '-' + name, account, service, severity, title, query, message),

  // Without the driver on its node a pod with such a volume does not start.
  driver:
    new(
      'driver',
      'critical',
      'Secrets Store CSI driver is missing on nodes',
      'min(last_10m):sum:kubernetes_state.daemonset.desired{CLUSTER,kube_namespace:%s} by {kube_daemon_set} - sum:kubernetes_state.daemonset.ready{CLUSTER,kube_namespace:%s} by {kube_daemon_set} > 2' % [namespace, namespace],
      'Pods with secrets as files do not start on {{value}} nodes. Look at the events of the daemonset {{kube_daemon_set.name}}.',
    )
    // One or two nodes are always on their way up.
    + monitor.withThresholds(2, 1)
    + monitor.withNoData(20)
    + monitor.withNewGroupDelay(300)
    + monitor.withRenotify(60),

  mounts:
    new(
      'mounts',
      'critical',
      'Secrets cannot be mounted',
      'sum(last_10m):sum:secrets_store.total_node_publish_error{CLUSTER} by {provider,error_type}.as_count() > 10',
      'The provider {{provider.name}} fails with {{error_type.name}}. For Vault: is it unsealed, and does the role exist?',
    )
    + monitor.withThresholds(10, 3)
    + monitor.withRenotify(60),

  rotation:
    new(
      'rotation',
      'warning',
      'Secrets are not rotated',
      'sum(last_1h):sum:secrets_store.total_rotation_reconcile_error{CLUSTER} by {provider}.as_count() > 20',
      'Pods go on with the secrets that they have, until those end. Provider: {{provider.name}}.',
    )
    + monitor.withThresholds(20),

  restarts:
    new(
      'restarts',
      'warning',
      'Secrets Store CSI driver restarts',
      'change(max(last_30m),last_30m):max:kubernetes.containers.restarts{CLUSTER,kube_namespace:%s} by {pod_name} > 3' % namespace,
      '{{pod_name.name}} has restarted {{value}} times in half an hour.',
    )
    + monitor.withThresholds(3),
};

platform.environments(namespace, namespace, ['dev', 'shared', 'prod'], data)
