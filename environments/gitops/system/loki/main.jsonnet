// Logs of all pods: promtail reads them on the nodes, Loki keeps them in an object store of
// rook-ceph. In prod its parts scale apart; elsewhere one process is all of them.
local gitops = import '../../gitops.libsonnet';
local argocd = import 'argocd.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local promtail = import 'promtail.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local networkPolicy = k.networking.v1.networkPolicy;
local peer = networkPolicy.peer;
local probe = k.core.v1.probe;
local statefulSet = k.apps.v1.statefulSet;

local namespace = 'loki';
local bucket = 'loki-bucket';

local sizes = {
  dev: { mode: 'SingleBinary', replicas: 1, memory: '1Gi', disk: '10Gi', days: 3 },
  qa: { mode: 'SingleBinary', replicas: 1, memory: '1Gi', disk: '10Gi', days: 7 },
  prod: { mode: 'SimpleScalable', replicas: 3, memory: '2Gi', disk: '20Gi', days: 30 },
};

local data(cluster) = {
  local objects = self,
  local size = sizes[cluster.name],
  local target = {
    replicas: size.replicas,
    resources: container.withResources('200m', size.memory).resources,
    persistence: { size: size.disk, storageClass: gitops.storage.block },
  },

  // promtail reads files of the nodes as root.
  namespace: gitops.namespace(namespace, 'privileged'),

  // Rook makes the bucket, a ConfigMap with its name and address, and a Secret with the keys to it,
  // both called like the claim.
  bucket: {
    apiVersion: 'objectbucket.io/v1alpha1',
    kind: 'ObjectBucketClaim',
    metadata: { name: bucket },
    spec: { generateBucketName: 'loki', storageClassName: gitops.storage.objects },
  } + argocd.keep,

  release: helm.patch(
    helm.new(std.thisFile).template('loki', '../../../../charts/loki', helm.cluster(cluster) {
      namespace: namespace,
      values: {
        deploymentMode: size.mode,
        loki: {
          // One tenant: us.
          auth_enabled: false,
          commonConfig: { replication_factor: if size.replicas > 1 then 3 else 1 },
          storage: {
            bucketNames: { chunks: '${BUCKET_NAME}' },
            s3: { endpoint: '${BUCKET_HOST}:${BUCKET_PORT}', s3ForcePathStyle: true, insecure: true },
          },
          schemaConfig: { configs: [{
            from: '2026-01-01',
            store: 'tsdb',
            object_store: 's3',
            schema: 'v13',
            index: { prefix: 'index_', period: '24h' },
          }] },
          limits_config: { retention_period: '%dh' % (size.days * 24) },
          compactor: { retention_enabled: true, delete_request_store: 's3' },
          extraEnvFrom: [{ configMapRef: { name: bucket } }, { secretRef: { name: bucket } }],
        },
        serviceAccount: { automountServiceAccountToken: false },
        backend: target,
        read: target,
        singleBinary: target,
        write: target,
        gateway: {
          replicas: if size.replicas > 1 then 2 else 1,
          resources: container.withResources('20m', '32Mi').resources,
        },
        monitoring: { serviceMonitor: { enabled: true } },
      },
    }),
    [
      helm.mirrored,
      helm.controllers(uid=101),
      helm.kind('StatefulSet', statefulSet.mapContainers(function(container) container {
        // `/ready` is about its neighbours, too; alive it is while it answers at all.
        livenessProbe: probe.tcp('http-metrics', failures=6),
      })),
      helm.kind('Deployment', k.apps.v1.deployment.mapContainers(function(container) container {
        livenessProbe: probe.http('/', 'http-metrics'),
      })),
    ]
  ),

  budgets: helm.budgets(objects.release),

  networkPolicy: networkPolicy.new(
    'loki',
    { 'app.kubernetes.io/name': 'loki' },
    ingress=[
      networkPolicy.from([peer.pods({ 'app.kubernetes.io/name': name }) for name in ['loki', 'promtail']]),
      // Prometheus, and Grafana with it.
      traffic.fromMonitoring(['http-metrics']),
    ],
    egress=[
      traffic.toDns,
      networkPolicy.to([peer.pods({ 'app.kubernetes.io/name': 'loki' })]),
      traffic.toPods({ app: 'rook-ceph-rgw' }, [8080], 'rook-ceph'),
    ],
  ),

  promtail: promtail.new(cluster, namespace),
};

gitops.environments('system/loki', namespace, data)
