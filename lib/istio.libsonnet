// The mesh, for those who take part in it. Ambient mode: the nodes encrypt what pods say to each
// other (ztunnel), and rules about requests are kept by waypoints, one for each tier of services.
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';

local namespace = k.core.v1.namespace;
local networkPolicy = k.networking.v1.networkPolicy;

local object(apiVersion, kind, name) = { apiVersion: apiVersion, kind: kind, metadata: { name: name } };

{
  // Where the waypoints are; see environments/istio-waypoint.
  waypointNamespace:: 'istio-waypoint',
  // Traffic inside of the mesh arrives at this port of a pod, encrypted, whatever it is for.
  port:: 15008,

  // A namespace whose pods are in the mesh: `platform.namespace(name) + istio.inMesh`. Its network
  // policies need `istio.fromMesh` and `istio.toMesh`.
  inMesh:: namespace.withLabels({ 'istio.io/dataplane-mode': 'ambient' }),
  // The same, with the waypoint of a tier before its services.
  behindWaypoint(tier):: $.inMesh + namespace.withLabels({
    'istio.io/use-waypoint': 'waypoint-' + tier,
    'istio.io/use-waypoint-namespace': $.waypointNamespace,
  }),
  // Lets routes of the namespace attach to the gateway for traffic from outside.
  publicLabels:: { 'platform.example.com/gateway': 'public' },
  public:: namespace.withLabels($.publicLabels),

  fromMesh:: networkPolicy.from([networkPolicy.peer.namespacesWith({})]) + networkPolicy.ports([$.port]),
  toMesh:: networkPolicy.to([networkPolicy.peer.namespacesWith({})]) + networkPolicy.ports([$.port]),

  gateway: {
    new(name, class, listeners):: object('gateway.networking.k8s.io/v1', 'Gateway', name) {
      spec: { gatewayClassName: class, listeners: listeners },
    },
    withLabels(labels):: { metadata+: { labels+: labels } },
    withAnnotations(annotations):: { metadata+: { annotations+: annotations } },
    // Instead of a deployment that istiod makes, the one behind this service.
    withService(name, namespace):: {
      spec+: { addresses: [{ type: 'Hostname', value: '%s.%s.svc.cluster.local' % [name, namespace] }] },
    },
    // What istiod puts over the deployment and service that it makes: a config map with patches.
    withParameters(configMap):: {
      spec+: { infrastructure+: { parametersRef: { group: '', kind: 'ConfigMap', name: configMap } } },
    },

    listener: {
      new(name, port, protocol):: { name: name, port: port, protocol: protocol },
      // Routes and services of the namespaces with these labels; of all, if there are none.
      withNamespaces(labels={})::
        { allowedRoutes: { namespaces: if labels == {} then { from: 'All' } else {
          from: 'Selector',
          selector: { matchLabels: labels },
        } } },
    },
  },

  // What an authorization policy or telemetry is for, when it is a gateway.
  forGateway(gateway):: { spec+: { targetRefs: [{
    group: 'gateway.networking.k8s.io',
    kind: gateway.kind,
    name: gateway.metadata.name,
  }] } },

  // The same, when it is a service behind a waypoint.
  forService(service):: { spec+: { targetRefs: [{ group: '', kind: 'Service', name: service.metadata.name }] } },

  // A caller by its service account, as rules of policies name it.
  principal(namespace, serviceAccount):: 'cluster.local/ns/%s/sa/%s' % [namespace, serviceAccount],

  authorizationPolicy: {
    new(name, action, rules):: object('security.istio.io/v1', 'AuthorizationPolicy', name) {
      spec: { action: action, rules: rules },
    },
  },
  telemetry: {
    new(name):: object('telemetry.istio.io/v1', 'Telemetry', name) { spec: {} },
    // Only what went wrong: the rest is in the metrics.
    withFailuresLogged:: { spec+: { accessLogging: [{
      providers: [{ name: 'envoy' }],
      filter: { expression: 'response.code >= 500' },
    }] } },
  },
}
