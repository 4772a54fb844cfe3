// Storage on the disks of the nodes: the operator, one Ceph cluster, and a storage class for each
// kind of it: blocks, file systems, buckets.
local gitops = import '../../gitops.libsonnet';
local argocd = import 'argocd.libsonnet';
local controller = import 'controller.libsonnet';
local definitions = import 'definitions/rook.libsonnet';
local k = import 'k.libsonnet';
local nodetaint = import 'nodetaint.libsonnet';
local operatorRights = import 'operator-rights.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local rights = import 'rights.libsonnet';

local container = k.core.v1.container;
local resources(cpu, memory) = container.withResources(cpu, memory).resources;
local storageClass = k.storage.v1.storageClass;

local namespace = 'rook-ceph';

// Copies of everything, each on another machine. Two of them must be left to write.
local sizes = {
  dev: { copies: 2, monitors: 1, gateways: 1, osdMemory: '2Gi', devices: '^sd[b-c]$' },
  qa: { copies: 2, monitors: 1, gateways: 1, osdMemory: '2Gi', devices: '^sd[b-c]$' },
  prod: { copies: 3, monitors: 3, gateways: 2, osdMemory: '5Gi', devices: '^nvme[1-4]n1$' },
};

// Of the plugins, which the operator would take from elsewhere.
local images = {
  ROOK_CSI_CEPH_IMAGE: ['cephcsi/cephcsi', 'v3.14.2'],
  ROOK_CSI_REGISTRAR_IMAGE: ['sig-storage/csi-node-driver-registrar', 'v2.13.0'],
  ROOK_CSI_RESIZER_IMAGE: ['sig-storage/csi-resizer', 'v1.13.2'],
  ROOK_CSI_PROVISIONER_IMAGE: ['sig-storage/csi-provisioner', 'v5.2.0'],
  ROOK_CSI_SNAPSHOTTER_IMAGE: ['sig-storage/csi-snapshotter', 'v8.2.1'],
  ROOK_CSI_ATTACHER_IMAGE: ['sig-storage/csi-attacher', 'v4.8.1'],
};

local object(kind, name, spec) = {
  apiVersion: 'ceph.rook.io/v1',
  kind: kind,
  metadata: { name: name },
  spec: spec,
} + argocd.keep;

local pool(size) = {
  failureDomain: 'host',
  replicated: { size: size.copies, requireSafeReplicaSize: size.copies > 2 },
};

// What a storage class needs to know to make volumes, and with whose rights.
local csi(driver, parameters) =
  { clusterID: namespace, 'csi.storage.k8s.io/fstype': 'ext4' }
  + {
    ['csi.storage.k8s.io/%s-secret-%s' % [step, field]]:
      if field == 'namespace' then namespace
      else 'rook-csi-%s-%s' % [driver, if step == 'node-stage' then 'node' else 'provisioner']
    for step in ['provisioner', 'controller-expand', 'node-stage']
    for field in ['name', 'namespace']
  }
  + parameters;

local cluster(cluster, size) = object('CephCluster', namespace, {
  cephVersion: { image: platform.image('ceph/ceph', 'v19.2.3') },
  dataDirHostPath: '/var/lib/rook',
  mon: { count: size.monitors, allowMultiplePerNode: false },
  mgr: {
    count: if size.monitors > 1 then 2 else 1,
    allowMultiplePerNode: false,
    modules: [{ name: 'rook', enabled: true }],
  },
  dashboard: { enabled: false },
  monitoring: { enabled: true },
  // Volumes are as private as what is written to them.
  network: { connections: { encryption: { enabled: true }, requireMsgr2: true } },
  crashCollector: { daysToRetain: 30 },
  logCollector: { enabled: true, periodicity: 'daily', maxLogSize: '500M' },
  storage: { useAllNodes: true, useAllDevices: false, deviceFilter: size.devices },
  disruptionManagement: { managePodBudgets: true, osdMaintenanceTimeout: 30 },
  placement: { all: { tolerations: nodetaint.infrastructureTolerations } },
  priorityClassNames: { mon: 'system-node-critical', osd: 'system-node-critical', mgr: 'system-cluster-critical' },
  resources: {
    mon: resources('200m', '1Gi'),
    mgr: resources('200m', '1Gi'),
    osd: resources('500m', size.osdMemory),
    crashcollector: resources('10m', '64Mi'),
    logcollector: resources('10m', '128Mi'),
    prepareosd: resources('200m', '400Mi'),
  },
});

local data(account) = {
  local size = sizes[account.name],

  // Disks, devices and modules of the kernel.
  namespace: gitops.namespace(namespace, 'privileged'),

  definitions: {
    [group]: { [name]: definitions[group][name] + argocd.keep for name in std.objectFields(definitions[group]) }
    for group in std.objectFields(definitions)
  },

  operator: controller.new({
    name: 'rook-ceph-operator',
    namespace: namespace,
    account: account,
    image: platform.image('rook/ceph', 'v1.17.8'),
    args: ['ceph', 'operator'],
    replicas: 1,
    cpu: '200m',
    memory: '512Mi',
    // It has no address for health.
    metricsPort: 8080,
    env: {
      POD_NAME: k.core.v1.envVar.fromField('metadata.name'),
      POD_NAMESPACE: k.core.v1.envVar.fromField('metadata.namespace'),
      NODE_NAME: k.core.v1.envVar.fromField('spec.nodeName'),
      ROOK_CURRENT_NAMESPACE_ONLY: 'true',
      ROOK_DISABLE_DEVICE_HOTPLUG: 'false',
      ROOK_LOG_LEVEL: 'INFO',
    },
    clusterRules: operatorRights.clusterRules,
    rules: operatorRights.rules,
    egress: [
      // Monitors, managers and gateways.
      k.networking.v1.networkPolicy.to([k.networking.v1.networkPolicy.peer.pods({})]),
    ],
  }) {
    container+:
      container.withLivenessProbe(k.core.v1.probe.tcp('metrics', failures=6))
      + container.withReadinessProbe(k.core.v1.probe.tcp('metrics'))
      + container.withVolumeMounts([
        k.core.v1.volumeMount.new('config', '/var/lib/rook'),
        k.core.v1.volumeMount.new('default-config', '/etc/ceph'),
      ]),
    deployment+: k.apps.v1.deployment.withVolumes([
      k.core.v1.volume.emptyDir('config', '64Mi'),
      k.core.v1.volume.emptyDir('default-config', '16Mi'),
    ]),
  },

  // Read by the operator under this name: which of its parts run, and with how much.
  operatorConfig: k.core.v1.configMap.new('rook-ceph-operator-config', {
    [setting]: platform.image(images[setting][0], images[setting][1])
    for setting in std.objectFields(images)
  } + {
    ROOK_OPERATOR_METRICS_BIND_ADDRESS: ':8080',
    ROOK_CSI_ENABLE_RBD: 'true',
    ROOK_CSI_ENABLE_CEPHFS: 'true',
    ROOK_CSI_ENABLE_NFS: 'false',
    ROOK_ENABLE_DISCOVERY_DAEMON: 'false',
    CSI_PLUGIN_PRIORITY_CLASSNAME: 'system-node-critical',
    CSI_PROVISIONER_PRIORITY_CLASSNAME: 'system-cluster-critical',
    CSI_PLUGIN_TOLERATIONS: std.manifestYamlDoc(nodetaint.infrastructureTolerations, quote_keys=false) + '\n',
    CSI_PROVISIONER_REPLICAS: if account.name == 'prod' then '2' else '1',
  }),

  // Of the daemons that the operator starts.
  daemons: {
    [name]: {
      serviceAccount: k.core.v1.serviceAccount.new(name),
    } + rights.new(
      name,
      namespace,
      std.get(operatorRights.daemons[name], 'rules', []),
      std.get(operatorRights.daemons[name], 'clusterRules', []),
    )
    for name in std.objectFields(operatorRights.daemons)
  },

  cluster: cluster(account, size) + argocd.inWave(1),

  pools: {
    block: object('CephBlockPool', 'blocks', pool(size)) + argocd.inWave(2),
    filesystem: object('CephFilesystem', 'shared', {
      metadataPool: pool(size),
      dataPools: [pool(size) { name: 'replicated' }],
      preserveFilesystemOnDelete: true,
      metadataServer: { activeCount: 1, activeStandby: true, resources: resources('200m', '1Gi') },
    }) + argocd.inWave(2),
    objects: object('CephObjectStore', 'objects', {
      metadataPool: pool(size),
      dataPool: pool(size),
      preservePoolsOnDelete: true,
      gateway: { port: 80, instances: size.gateways, resources: resources('200m', '1Gi') },
    }) + argocd.inWave(2),
  },

  storageClasses: {
    block:
      storageClass.new(gitops.storage.block, namespace + '.rbd.csi.ceph.com', csi('rbd', {
        pool: 'blocks',
        imageFormat: '2',
        imageFeatures: 'layering',
      }))
      + storageClass.withAnnotations({ 'storageclass.kubernetes.io/is-default-class': 'true' }),
    shared: storageClass.new(gitops.storage.shared, namespace + '.cephfs.csi.ceph.com', csi('cephfs', {
      fsName: 'shared',
      pool: 'shared-replicated',
    })),
    objects: storageClass.new(gitops.storage.objects, namespace + '.ceph.rook.io/bucket', {
      objectStoreName: 'objects',
      objectStoreNamespace: namespace,
    }) { allowVolumeExpansion:: null, volumeBindingMode: 'Immediate' },
  },

  // The manager serves the metrics of all daemons.
  serviceMonitor: prometheus.serviceMonitor.new(
    'rook-ceph-mgr', { app: 'rook-ceph-mgr', rook_cluster: namespace }, [prometheus.endpoint.new('http-metrics', interval='15s')]
  ),
};

gitops.environments('system/rook-ceph', namespace, data)
