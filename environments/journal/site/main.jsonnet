// The services of the journal. Flagger stands between them and their readers: the Deployment here
// is a candidate without traffic, what serves is Flagger's copy of it, NAME-primary. Flagger makes
// the services, too, which is why there are none here.
local journal = import '../journal.libsonnet';
local flagger = import 'flagger.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local site = import 'services.libsonnet';
local traffic = import 'traffic.libsonnet';

local autoscaler = k.autoscaling.v2.horizontalPodAutoscaler;
local canary = flagger.canary;
local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local envVar = k.core.v1.envVar;
local ingress = k.networking.v1.ingress;
local networkPolicy = k.networking.v1.networkPolicy;
local peer = networkPolicy.peer;
local probe = k.core.v1.probe;

// Flagger changes `app.kubernetes.io/name` in its copies. By this label both are one service.
local serviceLabel = 'journal.example.com/service';
local pods(name) = { [serviceLabel]: name };

local alerts = flagger.alertProvider('slack', 'slack', 'flagger-slack', channel='publishing-releases');

local service(cluster, name, c) = {
  local objects = self,
  local secretEnv = std.get(c, 'secretEnv', {}),
  local replicas = c.replicas[cluster.name],

  serviceAccount:
    k.core.v1.serviceAccount.new(name) + k.core.v1.serviceAccount.withAutomountToken(false),

  deployment:
    deployment.new(name, replicas[0], [
      container.new(name, platform.image(c.image, c.tag))
      + container.withEnvMap(
        { PUBLIC_URL: 'https://%s%s' % [cluster.zone.name, c.path] }
        + c.env
        + { [variable]: envVar.fromSecret(secretEnv[variable][0], secretEnv[variable][1]) for variable in std.objectFields(secretEnv) }
      )
      + container.withPorts([k.core.v1.containerPort.new('http', 8080)])
      + container.withResources(c.cpu, c.memory)
      + container.withVolumeMounts([k.core.v1.volumeMount.new('tmp', '/tmp')])
      + container.withStartupProbe(probe.http('/healthz', 'http', failures=30))
      + container.withLivenessProbe(probe.http('/healthz', 'http'))
      + container.withReadinessProbe(probe.http('/readyz', 'http'))
      // The ingress controller takes a moment to notice that a pod goes.
      + container.withLifecyclePreStop(['/bin/sleep', '10']),
    ])
    + deployment.withPodLabels(pods(name))
    + deployment.withServiceAccountName(name)
    + deployment.withAutomountToken(false)
    + deployment.withVolumes([k.core.v1.volume.emptyDir('tmp', '1Gi')])
    + deployment.withRollingUpdate(1, 0)
    // Flagger stops the candidate when it is not needed, and scales its copy.
    + deployment.withAutoscaledReplicas
    + platform.spread(deployment, objects.deployment.spec.selector.matchLabels)
    + platform.hardened(deployment),

  autoscaler:
    autoscaler.forWorkload(objects.deployment, replicas[0], replicas[1])
    + autoscaler.withCpuUtilization(70),

  [if c.replicas[cluster.name][0] > 1 then 'podDisruptionBudget']:
    k.policy.v1.podDisruptionBudget.new(name, pods(name)),

  ingress:
    ingress.new(name, journal.ingressClass)
    + ingress.withRule(cluster.zone.name, name, 80, path=c.path),

  canary:
    canary.new(objects.deployment, 80)
    + canary.withAutoscaler(objects.autoscaler)
    + canary.withAlerts([flagger.alert(alerts, 'warn')])
    + c.release
    + (
      // The ingress controller shifts the traffic.
      if std.get(c.release.spec, 'provider', '') == 'nginx' then canary.withIngress(objects.ingress) else {}
    ),

  networkPolicy: networkPolicy.new(
    name,
    pods(name),
    ingress=[
      networkPolicy.from(
        [peer.namespace(source) for source in ['ingress', 'test']]
        + [
          peer.pods(pods(other))
          for other in std.objectFields(site.services)
          if std.member(std.get(site.services[other], 'egress', []), name)
        ]
      )
      + networkPolicy.ports(['http']),
      traffic.fromMonitoring(['http'], journal.adminNamespace),
    ],
    egress=[traffic.toDns]
           + [
             networkPolicy.to([peer.pods(pods(other))]) + networkPolicy.ports(['http'])
             for other in std.get(c, 'egress', [])
           ]
           + (
             if 'egressPorts' in c then
               [networkPolicy.to([peer.cidr(cluster.vpcCidr)]) + networkPolicy.ports(c.egressPorts)]
             else []
           ),
  ),
};

local data(cluster) = {
  services: {
    [name]: service(cluster, name, site.services[name])
    for name in std.objectFields(site.services)
  },

  metrics: site.metrics,
  alerts: alerts,

  // Pods and not services: those of Flagger come and go.
  podMonitor:
    prometheus.podMonitor.new('services', {}, [prometheus.endpoint.new('http')])
    { spec+: { selector: { matchExpressions: [{ key: serviceLabel, operator: 'Exists' }] } } },
};

journal.environments('site', site.namespace, data, {
  'fluxcd.io/depends-on': 'journal-namespaces.journal-releases',
  'fluxcd.io/interval': '5m',
})
