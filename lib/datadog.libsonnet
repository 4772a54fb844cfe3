// Monitors of Datadog, as objects of its operator.
// A critical monitor wakes somebody up, a warning waits for the morning.
local severities = {
  critical: { priority: 1, notify(service):: '@pagerduty-' + service.on_call },
  warning: { priority: 3, notify(service):: '@slack-' + std.lstripChars(service.slack_channel, '#') },
};

{
  monitor: {
    // `query` names no cluster: `CLUSTER` in it is the filter for the account's. `service` is its
    // row in the service catalogue, for whom to tell.
    new(name, account, service, severity, title, query, message):: {
      apiVersion: 'datadoghq.com/v1alpha1',
      kind: 'DatadogMonitor',
      metadata: { name: name },
      spec: {
        name: '[%s] %s' % [account.cluster.name, title],
        type: 'query alert',
        query: std.strReplace(query, 'CLUSTER', 'kube_cluster_name:' + account.cluster.name),
        message: '%s\n%s' % [message, severities[severity].notify(service)],
        priority: severities[severity].priority,
        tags: [
          'account:' + account.name,
          'service:' + service.name,
          'team:' + service.owner_group,
          'managed-by:workspace',
        ],
        options: {
          includeTags: true,
          notifyAudit: false,
          requireFullWindow: false,
        },
      },
    },
    withThresholds(critical, warning=null):: { spec+: { options+: { thresholds: {
      critical: '%s' % critical,
      [if warning != null then 'warning']: '%s' % warning,
    } } } },
    // Silence is a failure as well, after some minutes.
    withNoData(minutes):: { spec+: { options+: { notifyNoData: true, noDataTimeframe: minutes } } },
    withRenotify(minutes):: { spec+: { options+: { renotifyInterval: minutes } } },
    // New nodes and pods are left alone for so many seconds.
    withNewGroupDelay(seconds):: { spec+: { options+: { newGroupDelay: seconds } } },
  },
}
