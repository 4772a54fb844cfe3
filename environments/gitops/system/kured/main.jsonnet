// Restarts nodes that ask for it after an update of their system: one at a time, at night, and not
// while something is wrong anyway.
local gitops = import '../../gitops.libsonnet';
local k = import 'k.libsonnet';
local nodetaint = import 'nodetaint.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local rights = import 'rights.libsonnet';

local container = k.core.v1.container;
local daemonSet = k.apps.v1.daemonSet;
local probe = k.core.v1.probe;
local rbac = k.rbac.v1;
local rule = rbac.rule;

local name = 'kured';

local windows = {
  dev: { days: 'mo,tu,we,th,fr', start: '0:00', end: '23:59' },
  qa: { days: 'mo,tu,we,th', start: '20:00', end: '23:59' },
  prod: { days: 'tu,we,th', start: '1:00', end: '5:00' },
};

local data(cluster) = {
  local window = windows[cluster.name],

  // It acts on the node from the node's own namespaces.
  namespace: gitops.namespace(name, 'privileged'),

  serviceAccount: k.core.v1.serviceAccount.new(name),
  rights: rights.new(
    name,
    name,
    // The lock that only one of them holds is an annotation of the daemonset.
    rules=[rule.new(['apps'], ['daemonsets'], ['get', 'update', 'patch']) + rule.withResourceNames([name])],
    clusterRules=[
      rule.new([''], ['nodes'], ['get', 'list', 'patch']),
      rule.new([''], ['pods'], ['get', 'list', 'delete']),
      rule.new([''], ['pods/eviction'], ['create']),
      rule.new(['apps'], ['daemonsets'], ['get']),
    ],
  ),

  daemonSet:
    daemonSet.new(name, [
      container.new(name, platform.image('kubereboot/kured', '1.20.0'))
      + container.withCommand(['/usr/bin/kured'])
      + container.withArgs([
        '--ds-namespace=' + name,
        '--ds-name=' + name,
        '--reboot-sentinel=/sentinel/reboot-required',
        '--reboot-command=/bin/systemctl reboot',
        '--reboot-days=' + window.days,
        '--start-time=' + window.start,
        '--end-time=' + window.end,
        '--time-zone=Europe/Berlin',
        '--period=10m',
        // A node that does not come back must not keep the others from it for ever.
        '--lock-ttl=2h',
        '--drain-timeout=20m',
        '--drain-grace-period=300',
        // Storage must have recovered from the last one.
        '--prometheus-url=http://kube-prometheus-stack-prometheus.monitoring:9090',
        '--alert-filter-regexp=^(Heartbeat|PodRestarts|TargetDown)$',
        '--annotate-nodes',
        '--log-format=json',
      ])
      + container.withEnvMap({ KURED_NODE_ID: k.core.v1.envVar.fromField('spec.nodeName') })
      + container.withPorts([k.core.v1.containerPort.new('metrics', 8080)])
      + container.withResources('10m', '32Mi')
      + container.withVolumeMounts([k.core.v1.volumeMount.new('sentinel', '/sentinel', readOnly=true)])
      + container.withLivenessProbe(probe.http('/metrics', 'metrics'))
      + container.withReadinessProbe(probe.http('/metrics', 'metrics'))
      // Root in all of the node's namespaces: there is no other way to restart it.
      + container.withSecurityContext({ privileged: true, readOnlyRootFilesystem: true }),
    ])
    + daemonSet.withServiceAccountName(name)
    + daemonSet.withVolumes([k.core.v1.volume.hostPath('sentinel', '/var/run')])
    + daemonSet.withTolerations(nodetaint.infrastructureTolerations)
    + daemonSet.withPriorityClassName('system-node-critical')
    + daemonSet.withMaxUnavailable(1)
    + { spec+: { template+: { spec+: { hostPID: true } } } },

  podMonitor: prometheus.podMonitor.new(
    name, { 'app.kubernetes.io/name': name }, [prometheus.endpoint.new('metrics', interval='60s')]
  ),
};

gitops.environments('system/kured', name, data)
