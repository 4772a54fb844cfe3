// Backups. What is in git comes back from git; velero keeps what is not: so far the data of Vault.
local alerts = import 'alerts.libsonnet';
local controller = import 'controller.libsonnet';
local definitions = import 'definitions/velero.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local rbac = k.rbac.v1;
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local namespace = 'velero';
local provider = 'velero.io/aws';

// How long a backup is kept, and the hour (UTC) of the daily one: accounts take turns, because the
// snapshot quota is the organisation's.
local retention = {
  dev: { days: 7, hour: 1 },
  shared: { days: 30, hour: 2 },
  prod: { days: 90, hour: 3 },
};

local veleroObject(kind, name) = {
  apiVersion: 'velero.io/v1',
  kind: kind,
  metadata: { name: name },
};

// Bucket names are global: cluster, region and account make them ours.
local bucket(account) = 'velero-%s-%s-%s' % [account.cluster.name, account.region, account.id];

local dailyBackup(account, name, namespaces) = veleroObject('Schedule', name + '-daily') {
  spec: {
    schedule: '0 %d * * *' % retention[account.name].hour,
    // Backups outlive their schedule: deleting it by mistake must not delete them.
    useOwnerReferencesInBackup: false,
    template: {
      includedNamespaces: namespaces,
      // Pods and what belongs to them are made again by their owners.
      excludedResources: ['events', 'pods', 'replicasets.apps', 'endpointslices.discovery.k8s.io'],
      storageLocation: 'default',
      volumeSnapshotLocations: ['default'],
      snapshotVolumes: true,
      ttl: '%dh0m0s' % (retention[account.name].days * 24),
    },
  },
};

local data(account) = {
  namespace: platform.namespace(namespace),

  controller: controller.new({
    name: 'velero',
    namespace: namespace,
    account: account,
    image: platform.image('velero/velero', 'v1.16.2'),
    iamRole: 'velero',
    // One at a time: it has no leader election.
    replicas: 1,
    cpu: '100m',
    memory: '512Mi',
    metricsPort: 8085,
    // It has no other endpoint.
    livenessPath: '/metrics',
    readinessPath: '/metrics',
    command: ['/velero'],
    args: [
      'server',
      '--default-volume-snapshot-locations=%s:default' % provider,
      '--log-format=json',
    ],
    env: {
      AWS_REGION: account.region,
      VELERO_NAMESPACE: k.core.v1.envVar.fromField('metadata.namespace'),
      VELERO_SCRATCH_DIR: '/scratch',
      // Backups are packed here before they are uploaded.
      TMPDIR: '/scratch',
      LD_LIBRARY_PATH: '/plugins',
    },
    initContainers: [
      // Copies itself to /target.
      container.new('plugin-aws', platform.image('velero/velero-plugin-for-aws', 'v1.12.2'))
      + container.withResources('10m', '32Mi')
      + container.withVolumeMounts([volumeMount.new('plugins', '/target')]),
    ],
  }) {
    container+: container.withVolumeMounts([
      volumeMount.new('plugins', '/plugins'),
      volumeMount.new('scratch', '/scratch'),
    ]),
    deployment+: deployment.withVolumes([
      volume.emptyDir('plugins'),
      volume.emptyDir('scratch', '2Gi'),
    ]),

    // A restore creates objects of any kind, with any rights they may hold.
    clusterRoleBinding:
      rbac.clusterRoleBinding.new('velero', 'cluster-admin', [rbac.subject.serviceAccount('velero', namespace)]),
  },

  definitions: definitions,

  backupStorageLocation: veleroObject('BackupStorageLocation', 'default') {
    spec: {
      provider: provider,
      default: true,
      objectStorage: { bucket: bucket(account) },
      config: {
        region: account.region,
        serverSideEncryption: 'aws:kms',
        kmsKeyId: 'alias/%s-velero' % account.cluster.name,
      },
      validationFrequency: '10m',
    },
  },

  volumeSnapshotLocation: veleroObject('VolumeSnapshotLocation', 'default') {
    spec: { provider: provider, config: { region: account.region } },
  },

  rules: prometheus.prometheusRule.new('velero', { backups: [
    alerts.new(
      'BackupMissing',
      'time() - max by (schedule) (velero_backup_last_successful_timestamp{schedule!=""}) > 26 * 3600',
      '15m',
      'critical',
      'The last backup of {{ $labels.schedule }} that worked is {{ $value | humanizeDuration }} old'
    ),
    alerts.new(
      'BackupLocationUnavailable',
      // Without one there is nothing to restore from either.
      'velero_backup_location_status_gauge == 0',
      '1h',
      'warning',
      'Velero does not reach its bucket'
    ),
  ] }),

  schedules: {
    vault: dailyBackup(account, 'vault', ['vault']),
  },
};

platform.environments('velero', namespace, ['dev', 'shared', 'prod'], data)
