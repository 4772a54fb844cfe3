// datadoghq.com: monitors as objects. The operator that turns them into monitors comes with the
// agent, which the observability team installs.
local definition = import 'definition.libsonnet';
local s = import 'schema.libsonnet';

{
  monitor: definition.new('datadoghq.com', 'DatadogMonitor', [
    definition.version('v1alpha1', { spec: s.object({
      controllerOptions: s.object({ disableRequiredTags: s.boolean }),
      message: s.string,
      name: s.string,
      options: s.object({
        enableLogsSample: s.boolean,
        escalationMessage: s.string,
        evaluationDelay: s.long,
        groupRetentionDuration: s.string,
        groupbySimpleMonitor: s.boolean,
        includeTags: s.boolean,
        locked: s.boolean,
        newGroupDelay: s.long,
        noDataTimeframe: s.long,
        notificationPresetName: s.string,
        notifyAudit: s.boolean,
        notifyBy: s.list(s.string),
        notifyNoData: s.boolean,
        onMissingData: s.string,
        renotifyInterval: s.long,
        renotifyOccurrences: s.long,
        renotifyStatuses: s.list(s.string),
        requireFullWindow: s.boolean,
        thresholdWindows: s.object({ recoveryWindow: s.string, triggerWindow: s.string }),
        // Numbers as text: the kind has no fractions.
        thresholds: s.object({
          critical: s.string,
          criticalRecovery: s.string,
          ok: s.string,
          unknown: s.string,
          warning: s.string,
          warningRecovery: s.string,
        }),
        timeoutH: s.long,
      }),
      priority: s.long,
      query: s.string,
      restrictedRoles: s.list(s.string),
      tags: s.list(s.string),
      type: s.string,
    }) }, { ID: '.status.id', State: '.status.monitorState', 'Sync status': '.status.monitorStateSyncStatus' }),
  ]),
}
