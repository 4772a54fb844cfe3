// HTTP into the cluster. Requests come from the tunnel (system/cloudflared), which runs inside, so
// the service needs no address of its own.
local gitops = import '../../gitops.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local peer = networkPolicy.peer;

local namespace = gitops.ingressNamespace;
local replicas = { dev: 1, qa: 2, prod: 3 };

local data(cluster) = {
  local release = self.release,

  namespace: gitops.namespace(namespace),

  release: helm.patch(
    helm.new(std.thisFile).template('ingress-nginx', '../../../../charts/ingress-nginx', helm.cluster(cluster) {
      namespace: namespace,
      values: { controller: {
        replicaCount: replicas[cluster.name],
        ingressClassResource: { name: gitops.ingressClass, default: true },
        config: {
          // Who it was says Cloudflare.
          'use-forwarded-headers': 'true',
          'forwarded-for-header': 'CF-Connecting-IP',
          'hide-headers': 'Server,X-Powered-By',
          'ssl-protocols': 'TLSv1.2 TLSv1.3',
          'log-format-escape-json': 'true',
        },
        extraArgs: { 'enable-ssl-chain-completion': 'false' },
        service: { type: 'ClusterIP' },
        // There is no address to publish; names lead to the tunnel.
        publishService: { enabled: false },
        // The chart's jobs would be hooks of Helm.
        admissionWebhooks: { certManager: { enabled: true } },
        metrics: { enabled: true, serviceMonitor: { enabled: true } },
        resources: container.withResources('100m', '256Mi').resources,
      } },
    }),
    (if replicas[cluster.name] > 1 then [helm.without('PodDisruptionBudget', 'ingress-nginx-controller')] else [])
    + [
      helm.mirrored,
      helm.controllers(uid=101),
      helm.kind('IngressClass', platform.clusterWide),
      helm.kind('Deployment', deployment.mapContainers(function(container) container {
        // It writes its configuration and its certificates below /etc.
        securityContext+: { readOnlyRootFilesystem: false },
      })),
    ]
  ),

  budgets: helm.budgets(release),

  networkPolicy: networkPolicy.forWorkload(
    release.deployment_ingress_nginx_controller,
    ingress=[
      networkPolicy.from([peer.namespace('cloudflared'), peer.cidr(cluster.vpcCidr)])
      + networkPolicy.ports(['http', 'https']),
      traffic.fromApiServer(cluster, ['webhook']),
      traffic.fromMonitoring(['metrics']),
    ],
    egress=[
      traffic.toDns,
      traffic.toApiServer(cluster),
      // The backends, in any namespace: their own policies say which port.
      networkPolicy.to([peer.namespacesWith({})]),
    ],
  ),
};

gitops.environments('system/ingress-nginx', namespace, data)
