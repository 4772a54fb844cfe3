// velero.io. The server refuses to start when one of its kinds is missing, also those that are only
// notes of its own about work in progress.
local definition = import 'definition.libsonnet';
local s = import 'schema.libsonnet';

local new(kind, spec, version='v1', plural=std.asciiLower(kind) + 's', shortNames=[], columns={}) =
  definition.new('velero.io', kind, [
    definition.version(version, { spec: spec, status: s.any }, columns, subresources={}),
  ], plural=plural, shortNames=shortNames);

local duration = s.string;
local phase = { Status: '.status.phase' };

local hooks = s.list(s.object({
  'name!': s.string,
  excludedNamespaces: s.list(s.string),
  excludedResources: s.list(s.string),
  includedNamespaces: s.list(s.string),
  includedResources: s.list(s.string),
  labelSelector: s.labelSelector,
  local hook = s.list(s.object({ 'exec!': s.object({
    'command!': s.list(s.string),
    container: s.string,
    onError: s.enum(['Continue', 'Fail']),
    timeout: duration,
  }) })),
  pre: hook,
  post: hook,
}));

local backup = s.object({
  csiSnapshotTimeout: duration,
  datamover: s.string,
  defaultVolumesToFsBackup: s.boolean,
  defaultVolumesToRestic: s.boolean,
  excludedClusterScopedResources: s.list(s.string),
  excludedNamespaceScopedResources: s.list(s.string),
  excludedNamespaces: s.list(s.string),
  excludedResources: s.list(s.string),
  hooks: s.object({ resources: hooks }),
  includeClusterResources: s.boolean,
  includedClusterScopedResources: s.list(s.string),
  includedNamespaceScopedResources: s.list(s.string),
  includedNamespaces: s.list(s.string),
  includedResources: s.list(s.string),
  itemOperationTimeout: duration,
  labelSelector: s.labelSelector,
  metadata: s.object({ labels: s.strings }),
  orLabelSelectors: s.list(s.labelSelector),
  orderedResources: s.strings,
  resourcePolicy: s.object({ 'kind!': s.string, 'name!': s.string, apiGroup: s.string }),
  snapshotMoveData: s.boolean,
  snapshotVolumes: s.boolean,
  storageLocation: s.string,
  ttl: duration,
  uploaderConfig: s.object({ parallelFilesUpload: s.long }),
  volumeGroupSnapshotLabelKey: s.string,
  volumeSnapshotLocations: s.list(s.string),
});

local access = s.enum(['ReadOnly', 'ReadWrite']);

// Written and read by the server alone.
local internal(kind, version='v1', plural=std.asciiLower(kind) + 's', shortNames=[]) =
  new(kind, s.any, version, plural, shortNames, phase);

{
  backup: new('Backup', backup),

  schedule: new('Schedule', s.object({
    'schedule!': s.string,
    'template!': backup,
    paused: s.boolean,
    skipImmediately: s.boolean,
    useOwnerReferencesInBackup: s.boolean,
  }), columns=phase {
    Schedule: '.spec.schedule',
    LastBackup: '.status.lastBackup',
    Paused: '.spec.paused',
  }),

  restore: new('Restore', s.object({
    backupName: s.string,
    excludedNamespaces: s.list(s.string),
    excludedResources: s.list(s.string),
    existingResourcePolicy: s.string,
    hooks: s.object({ resources: s.list(s.any) }),
    includeClusterResources: s.boolean,
    includedNamespaces: s.list(s.string),
    includedResources: s.list(s.string),
    itemOperationTimeout: duration,
    labelSelector: s.labelSelector,
    namespaceMapping: s.strings,
    orLabelSelectors: s.list(s.labelSelector),
    preserveNodePorts: s.boolean,
    resourceModifier: s.object({ 'kind!': s.string, 'name!': s.string, apiGroup: s.string }),
    restorePVs: s.boolean,
    restoreStatus: s.object({ excludedResources: s.list(s.string), includedResources: s.list(s.string) }),
    scheduleName: s.string,
    uploaderConfig: s.object({ parallelFilesDownload: s.long, writeSparseFiles: s.boolean }),
  })),

  backupStorageLocation: new('BackupStorageLocation', s.object({
    'objectStorage!': s.object({ 'bucket!': s.string, caCert: s.string { format: 'byte' }, prefix: s.string }),
    'provider!': s.string,
    accessMode: access,
    backupSyncPeriod: duration,
    config: s.strings,
    credential: s.key,
    default: s.boolean,
    validationFrequency: duration,
  }), shortNames=['bsl'], columns={
    Phase: '.status.phase',
    'Last validated': '.status.lastValidationTime',
    Default: '.spec.default',
  }),

  volumeSnapshotLocation: new('VolumeSnapshotLocation', s.object({
    'provider!': s.string,
    config: s.strings,
    credential: s.key,
  }), shortNames=['vsl']),

  internal: {
    backupRepository: internal('BackupRepository', plural='backuprepositories'),
    dataDownload: internal('DataDownload', 'v2alpha1'),
    dataUpload: internal('DataUpload', 'v2alpha1'),
    deleteBackupRequest: internal('DeleteBackupRequest'),
    downloadRequest: internal('DownloadRequest'),
    podVolumeBackup: internal('PodVolumeBackup'),
    podVolumeRestore: internal('PodVolumeRestore'),
    serverStatusRequest: internal('ServerStatusRequest', shortNames=['ssr']),
  },
}
