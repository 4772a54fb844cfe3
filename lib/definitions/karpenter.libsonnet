// karpenter.sh and karpenter.k8s.aws: pools, classes of nodes, and the nodes Karpenter has claimed.
// The objects are made with lib/karpenter.libsonnet.
local definition = import 'definition.libsonnet';
local s = import 'schema.libsonnet';

local group = 'karpenter.sh';

local taints = s.list(s.object({
  'key!': s.string,
  'effect!': s.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
  value: s.string,
  timeAdded: s.time,
}));

// `Gt` and `Lt` compare with one whole number, written as a string.
local operators = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];
local requirements = s.list(s.requirement(operators) { properties+: {
  minValues: s.long { minimum: 1, maximum: 50 },
} }) { maxItems: 100 };

// A duration, or never.
local age = s.string { pattern: '^(([0-9]+(s|m|h))+|Never)$' };

// What pools ask for and claims are made of.
local node = {
  'nodeClassRef!': s.object({ 'group!': s.string, 'kind!': s.string, 'name!': s.string }),
  'requirements!': requirements,
  expireAfter: age,
  startupTaints: taints,
  taints: taints,
  terminationGracePeriod: s.duration,
};

local terms(fields) = s.list(s.object(fields)) { maxItems: 30 };

{
  nodePool: definition.new(group, 'NodePool', [definition.version('v1', {
    'spec!': s.object({
      disruption: s.object({
        'consolidateAfter!': age,
        consolidationPolicy: s.enum(['WhenEmpty', 'WhenEmptyOrUnderutilized']),
        budgets: s.list(s.object({
          'nodes!': s.string { pattern: '^((100|[0-9]{1,2})%|[0-9]+)$' },
          duration: s.duration,
          reasons: s.list(s.enum(['Underutilized', 'Empty', 'Drifted'])),
          schedule: s.string,
        })),
      }),
      limits: s.map(s.quantity),
      'template!': s.object({
        metadata: s.object({ annotations: s.strings, labels: s.strings }),
        'spec!': s.object(node),
      }),
      weight: s.integer { minimum: 1, maximum: 100 },
    }),
  }, {
    NodeClass: '.spec.template.spec.nodeClassRef.name',
    Nodes: '.status.resources.nodes',
    Ready: '.status.conditions[?(@.type=="Ready")].status',
  })], scope='Cluster', categories=['karpenter']),

  nodeClaim: definition.new(group, 'NodeClaim', [definition.version('v1', {
    'spec!': s.object(node { resources: s.object({ requests: s.map(s.quantity) }) }),
  }, {
    Type: '.metadata.labels.node\\.kubernetes\\.io/instance-type',
    Zone: '.metadata.labels.topology\\.kubernetes\\.io/zone',
    Node: '.status.nodeName',
    Ready: '.status.conditions[?(@.type=="Ready")].status',
  })], scope='Cluster', categories=['karpenter']),

  ec2NodeClass: definition.new('karpenter.k8s.aws', 'EC2NodeClass', [definition.version('v1', {
    spec: s.object({
      amiFamily: s.enum(['AL2', 'AL2023', 'Bottlerocket', 'Custom', 'Windows2019', 'Windows2022']),
      'amiSelectorTerms!': terms({
        alias: s.string,
        id: s.string { pattern: 'ami-[0-9a-z]+' },
        name: s.string,
        owner: s.string,
        ssmParameter: s.string,
        tags: s.strings,
      }),
      associatePublicIPAddress: s.boolean,
      blockDeviceMappings: s.list(s.object({
        deviceName: s.string,
        ebs: s.object({
          deleteOnTermination: s.boolean,
          encrypted: s.boolean,
          iops: s.long,
          kmsKeyID: s.string,
          snapshotID: s.string,
          throughput: s.long,
          volumeInitializationRate: s.integer,
          volumeSize: s.string { pattern: '^[0-9]+(G|T)i?$' },
          volumeType: s.enum(['standard', 'io1', 'io2', 'gp2', 'sc1', 'st1', 'gp3']),
        }),
        rootVolume: s.boolean,
      })) { maxItems: 50 },
      capacityReservationSelectorTerms: terms({ id: s.string, ownerID: s.string, tags: s.strings }),
      context: s.string,
      detailedMonitoring: s.boolean,
      instanceProfile: s.string,
      instanceStorePolicy: s.enum(['RAID0']),
      kubelet: s.object({
        clusterDNS: s.list(s.string),
        cpuCFSQuota: s.boolean,
        evictionHard: s.strings,
        evictionMaxPodGracePeriod: s.integer,
        evictionSoft: s.strings,
        evictionSoftGracePeriod: s.strings,
        imageGCHighThresholdPercent: s.integer,
        imageGCLowThresholdPercent: s.integer,
        kubeReserved: s.strings,
        maxPods: s.integer,
        podsPerCore: s.integer,
        systemReserved: s.strings,
      }),
      metadataOptions: s.object({
        httpEndpoint: s.enum(['enabled', 'disabled']),
        httpProtocolIPv6: s.enum(['enabled', 'disabled']),
        httpPutResponseHopLimit: s.long { minimum: 1, maximum: 64 },
        httpTokens: s.enum(['required', 'optional']),
      }),
      role: s.string,
      'securityGroupSelectorTerms!': terms({ id: s.string { pattern: 'sg-[0-9a-z]+' }, name: s.string, tags: s.strings }),
      'subnetSelectorTerms!': terms({ id: s.string { pattern: 'subnet-[0-9a-z]+' }, tags: s.strings }),
      tags: s.strings,
      userData: s.string,
    }),
  }, {
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    Role: '.spec.role',
  })], plural='ec2nodeclasses', scope='Cluster', shortNames=['ec2nc', 'ec2ncs'], categories=['karpenter']),
}
