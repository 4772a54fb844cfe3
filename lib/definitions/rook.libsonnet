// ceph.rook.io and objectbucket.io: storage by Rook. Spelled out are the kinds that we use; the
// operator does not start without the others, so they are here and take anything.
local definition = import 'definition.libsonnet';
local s = import 'schema.libsonnet';

local phase = { Phase: '.status.phase' };

local new(kind, fields, plural, shortNames=[], columns=phase) =
  definition.new(
    'ceph.rook.io', kind, [definition.version('v1', { 'spec!': fields }, columns)], plural=plural, shortNames=shortNames
  );

// By the daemon: `mon`, `mgr`, `osd` and so on, and `all`.
local byDaemon(schema) = s.map(schema);
local placement = s.object({
  nodeAffinity: s.any,
  podAffinity: s.any,
  podAntiAffinity: s.any,
  tolerations: s.list(s.toleration),
  topologySpreadConstraints: s.list(s.any),
});

local claim = s.object({
  metadata: s.object({
    annotations: s.strings,
    finalizers: s.list(s.string),
    labels: s.strings,
    name: s.string,
    namespace: s.string,
  }),
  spec: s.any,
});

local devices = {
  config: s.strings,
  deviceFilter: s.string,
  devicePathFilter: s.string,
  devices: s.list(s.object({ config: s.strings, fullpath: s.string, name: s.string })),
  useAllDevices: s.boolean,
  volumeClaimTemplates: s.list(claim),
};

local pool = {
  application: s.string,
  compressionMode: s.string,
  crushRoot: s.string,
  deviceClass: s.string,
  enableCrushUpdates: s.boolean,
  enableRBDStats: s.boolean,
  erasureCoded: s.object({ 'codingChunks!': s.long, 'dataChunks!': s.long, algorithm: s.string }),
  failureDomain: s.string,
  mirroring: s.any,
  parameters: s.strings,
  quotas: s.object({ maxBytes: s.long, maxObjects: s.long, maxSize: s.string }),
  replicated: s.object({
    'size!': s.long,
    hybridStorage: s.any,
    replicasPerFailureDomain: s.long,
    requireSafeReplicaSize: s.boolean,
    subFailureDomain: s.string,
    targetSizeRatio: s.number,
  }),
  statusCheck: s.any,
};

local server = {
  annotations: s.strings,
  labels: s.strings,
  placement: placement,
  priorityClassName: s.string,
  resources: s.resources,
};

{
  used: {
    cephCluster: new('CephCluster', s.object({
      annotations: byDaemon(s.strings),
      cephConfig: s.map(s.strings),
      cephConfigFromSecret: s.map(s.map(s.key)),
      cephVersion: s.object({ allowUnsupported: s.boolean, image: s.string, imagePullPolicy: s.string }),
      cleanupPolicy: s.object({
        allowUninstallWithVolumes: s.boolean,
        confirmation: s.string,
        sanitizeDisks: s.object({ dataSource: s.string, iteration: s.integer, method: s.string }),
        wipeDevicesFromOtherClusters: s.boolean,
      }),
      continueUpgradeAfterChecksEvenIfNotHealthy: s.boolean,
      crashCollector: s.object({ daysToRetain: s.long, disable: s.boolean }),
      csi: s.any,
      dashboard: s.object({
        enabled: s.boolean,
        port: s.long,
        prometheusEndpoint: s.string,
        prometheusEndpointSSLVerify: s.boolean,
        ssl: s.boolean,
        urlPrefix: s.string,
      }),
      dataDirHostPath: s.string,
      disruptionManagement: s.object({
        machineDisruptionBudgetNamespace: s.string,
        manageMachineDisruptionBudgets: s.boolean,
        managePodBudgets: s.boolean,
        osdMaintenanceTimeout: s.long,
        pgHealthCheckTimeout: s.long,
        pgHealthyRegex: s.string,
      }),
      external: s.object({ enable: s.boolean }),
      healthCheck: s.any,
      labels: byDaemon(s.strings),
      logCollector: s.object({ enabled: s.boolean, maxLogSize: s.intOrString, periodicity: s.string }),
      mgr: s.object({
        allowMultiplePerNode: s.boolean,
        count: s.long,
        modules: s.list(s.object({ enabled: s.boolean, name: s.string, settings: s.any })),
      }),
      mon: s.object({
        allowMultiplePerNode: s.boolean,
        count: s.long,
        externalMonIDs: s.list(s.string),
        failureDomainLabel: s.string,
        stretchCluster: s.any,
        volumeClaimTemplate: claim,
        zones: s.list(s.any),
      }),
      monitoring: s.object({
        enabled: s.boolean,
        exporter: s.any,
        externalMgrEndpoints: s.list(s.any),
        externalMgrPrometheusPort: s.integer,
        interval: s.string,
        metricsDisabled: s.boolean,
        port: s.long,
      }),
      network: s.object({
        addressRanges: s.any,
        connections: s.object({
          compression: s.object({ enabled: s.boolean }),
          encryption: s.object({ enabled: s.boolean }),
          requireMsgr2: s.boolean,
        }),
        dualStack: s.boolean,
        hostNetwork: s.boolean,
        ipFamily: s.string,
        multiClusterService: s.object({ clusterID: s.string, enabled: s.boolean }),
        provider: s.string,
        selectors: s.strings,
      }),
      placement: byDaemon(placement),
      priorityClassNames: s.strings,
      removeOSDsIfOutAndSafeToRemove: s.boolean,
      resources: byDaemon(s.resources),
      security: s.any,
      skipUpgradeChecks: s.boolean,
      storage: s.object(devices {
        allowDeviceClassUpdate: s.boolean,
        allowOsdCrushWeightUpdate: s.boolean,
        backfillFullRatio: s.number,
        flappingRestartIntervalHours: s.long,
        fullRatio: s.number,
        migration: s.object({ confirmation: s.string }),
        nearFullRatio: s.number,
        nodes: s.list(s.object(devices { name: s.string, resources: s.resources })),
        onlyApplyOSDPlacement: s.boolean,
        scheduleAlways: s.boolean,
        storageClassDeviceSets: s.list(s.any),
        store: s.object({ type: s.string, updateStore: s.string }),
        useAllNodes: s.boolean,
      }),
      upgradeOSDRequiresHealthyPGs: s.boolean,
      waitTimeoutForHealthyOSDInMinutes: s.long,
    }), 'cephclusters', ['ceph'], phase { Health: '.status.ceph.health', Message: '.status.message' }),

    cephBlockPool: new('CephBlockPool', s.object(pool { name: s.string }), 'cephblockpools', ['cephbp']),

    cephFilesystem: new('CephFilesystem', s.object({
      'dataPools!': s.list(s.object(pool { name: s.string })),
      'metadataPool!': s.object(pool { name: s.string }),
      'metadataServer!': s.object(server {
        'activeCount!': s.integer,
        activeStandby: s.boolean,
        livenessProbe: s.any,
        startupProbe: s.any,
      }),
      mirroring: s.any,
      preserveFilesystemOnDelete: s.boolean,
      preservePoolNames: s.boolean,
      preservePoolsOnDelete: s.boolean,
      statusCheck: s.any,
    }), 'cephfilesystems', ['cephfs']),

    cephObjectStore: new('CephObjectStore', s.object({
      allowUsersInNamespaces: s.list(s.string),
      auth: s.any,
      dataPool: s.object(pool),
      defaultRealm: s.boolean,
      gateway: s.object(server {
        additionalVolumeMounts: s.list(s.any),
        caBundleRef: s.string,
        dashboardEnabled: s.boolean,
        disableMultisiteSyncTraffic: s.boolean,
        externalRgwEndpoints: s.list(s.any),
        hostNetwork: s.boolean,
        instances: s.integer,
        opsLogSidecar: s.any,
        port: s.integer,
        readAffinity: s.any,
        rgwCommandFlags: s.strings,
        rgwConfig: s.strings,
        rgwConfigFromSecret: s.map(s.key),
        securePort: s.integer,
        service: s.object({ annotations: s.strings }),
        sslCertificateRef: s.string,
      }),
      healthCheck: s.any,
      hosting: s.any,
      metadataPool: s.object(pool),
      preservePoolsOnDelete: s.boolean,
      protocols: s.any,
      security: s.any,
      sharedPools: s.any,
      zone: s.object({ 'name!': s.string }),
    }), 'cephobjectstores', ['cephos']),
  },

  others: {
    local plain(kind, plural=std.asciiLower(kind) + 's') = new(kind, s.any, plural),
    [kind]: plain(kind)
    for kind in [
      'CephBlockPoolRadosNamespace',
      'CephBucketNotification',
      'CephBucketTopic',
      'CephClient',
      'CephCOSIDriver',
      'CephFilesystemMirror',
      'CephFilesystemSubVolumeGroup',
      'CephObjectRealm',
      'CephObjectStoreUser',
      'CephObjectZone',
      'CephObjectZoneGroup',
      'CephRBDMirror',
    ]
  } + { CephNFS: new('CephNFS', s.any, 'cephnfses', ['nfs']) },

  buckets: {
    local bucket(kind, fields, plural, shortNames, scope) = definition.new(
      'objectbucket.io',
      kind,
      [definition.version('v1alpha1', { spec: fields }, { 'Storage-Class': '.spec.storageClassName' } + phase)],
      plural=plural,
      scope=scope,
      shortNames=shortNames,
    ),
    claim: bucket('ObjectBucketClaim', s.open({
      additionalConfig: s.any,
      bucketName: s.string,
      generateBucketName: s.string,
      objectBucketName: s.string,
      storageClassName: s.string,
    }), 'objectbucketclaims', ['obc', 'obcs'], 'Namespaced'),
    bucket: bucket('ObjectBucket', s.open({
      claimRef: s.any,
      endpoint: s.any,
      reclaimPolicy: s.string,
      storageClassName: s.string,
    }), 'objectbuckets', ['ob', 'obs'], 'Cluster'),
  },
}
