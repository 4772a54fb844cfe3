// Waypoints: the proxies of the mesh that keep rules about requests, for the services of a tier.
// istiod makes the deployments of these Gateways.
local istio = import 'istio.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local traffic = import 'traffic.libsonnet';

local configMap = k.core.v1.configMap;
local container = k.core.v1.container;
local gateway = istio.gateway;
local networkPolicy = k.networking.v1.networkPolicy;

local namespace = istio.waypointNamespace;

// One for each tier of the service catalogue, so that one tier's load, or a rule that went wrong, is not another's.
local tiers = ['application', 'data', 'platform'];
local sizes = {
  dev: { replicas: 1, cpu: '50m', memory: '128Mi' },
  shared: { replicas: 2, cpu: '100m', memory: '256Mi' },
  prod: { replicas: 3, cpu: '250m', memory: '512Mi' },
};

// Patches for what istiod makes, as text in a config map.
local parameters(size, labels) = {
  local patch(object) = std.manifestYamlDoc(object, quote_keys=false) + '\n',

  deployment: patch({ spec: {
    replicas: size.replicas,
    revisionHistoryLimit: 3,
    template: { spec: {
      priorityClassName: 'system-cluster-critical',
      nodeSelector: { [platform.poolLabel]: 'system' },
      tolerations: [k.core.v1.toleration.exists('CriticalAddonsOnly')],
      topologySpreadConstraints: platform.spread(k.apps.v1.deployment, labels).spec.template.spec.topologySpreadConstraints,
      containers: [{ name: 'istio-proxy' } + container.withResources(size.cpu, size.memory)],
    } },
  } }),
  service: patch({ spec: { trafficDistribution: 'PreferClose' } }),
};

local waypoint(account, tier) = {
  local waypoint = self,
  local name = 'waypoint-' + tier,
  local labels = { 'gateway.networking.k8s.io/gateway-name': name },

  gateway:
    gateway.new(name, 'istio-waypoint', [
      gateway.listener.new('mesh', istio.port, 'HBONE') + gateway.listener.withNamespaces(),
    ])
    // Callers name services; what is sent to a pod by its address needs no rules here.
    + gateway.withLabels({ 'istio.io/waypoint-for': 'service' })
    + gateway.withParameters(name),

  parameters: configMap.new(name, parameters(sizes[account.name], labels)),

  // Which services may call which is said with the services. Nobody outside of the mesh comes as
  // far as here, but for a mistake.
  onlyFromMesh:
    istio.authorizationPolicy.new(name + '-only-from-mesh', 'DENY', [{
      from: [{ source: { notPrincipals: ['*'] } }],
    }])
    + istio.forGateway(waypoint.gateway),

  telemetry:
    istio.telemetry.new(name)
    + istio.telemetry.withFailuresLogged
    + istio.forGateway(waypoint.gateway),

  [if sizes[account.name].replicas > 1 then 'podDisruptionBudget']:
    k.policy.v1.podDisruptionBudget.new(name, labels),

  networkPolicy: networkPolicy.new(
    name,
    labels,
    ingress=[
      istio.fromMesh,
      traffic.fromMonitoring([15020]),
    ],
    egress=[
      traffic.toDns,
      traffic.toPods({ app: 'istiod' }, [15012], 'istio-system'),
      istio.toMesh,
    ],
  ),
};

local data(account) = {
  namespace: platform.namespace(namespace),
  waypoints: { [tier]: waypoint(account, tier) for tier in tiers },

  podMonitor: prometheus.podMonitor.new(
    'waypoints',
    { 'gateway.networking.k8s.io/gateway-class-name': 'istio-waypoint' },
    [{ targetPort: 15020, path: '/stats/prometheus', interval: '30s' }],
  ),
};

platform.environments('istio-waypoint', namespace, ['dev', 'shared', 'prod'], data, {
  'fluxcd.io/depends-on': 'istio-system',
})
