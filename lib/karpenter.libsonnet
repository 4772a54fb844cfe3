// Karpenter's resources: which nodes there may be (`nodePool`), what they are made of
// (`ec2NodeClass`), and how a workload asks for a pool (`onPool`).
local k = import 'k.libsonnet';
local nodetaint = import 'nodetaint.libsonnet';
local platform = import 'platform.libsonnet';

// Both kinds belong to the cluster, which the compiler cannot know of a custom resource: without
// the annotation they would get the namespace of the environment.
local object(apiVersion, kind, name) = {
  apiVersion: apiVersion,
  kind: kind,
  metadata: { name: name, annotations: { 'tanka.dev/namespaced': 'false' } },
};

local requirement(key, operator, values) = { key: key, operator: operator, values: values };

{
  nodePool: {
    local nodePool = self,

    new(name, nodeClass='default'):: object('karpenter.sh/v1', 'NodePool', name) {
      spec: {
        template: {
          metadata: { labels: { [platform.poolLabel]: name } },
          spec: {
            nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: nodeClass },
            // Taken off by nodetaint once the node's system-critical daemonsets run.
            startupTaints: [nodetaint.taint],
            requirements: [
              requirement('kubernetes.io/os', 'In', ['linux']),
              // Older generations cost more for the same work.
              requirement('karpenter.k8s.aws/instance-generation', 'Gt', ['5']),
            ],
            // A node lives for a week: long enough for caches, short enough for patches.
            expireAfter: '168h',
            terminationGracePeriod: '1h',
          },
        },
        disruption: {
          consolidationPolicy: 'WhenEmptyOrUnderutilized',
          consolidateAfter: '5m',
          budgets: [{ nodes: '10%' }],
        },
      },
    },

    withRequirements(values):: {
      spec+: { template+: { spec+: { requirements+: [
        requirement(key, 'In', values[key])
        for key in std.objectFields(values)
      ] } } },
    },
    withInstances(categories, architectures=['amd64']):: nodePool.withRequirements({
      'karpenter.k8s.aws/instance-category': categories,
      'kubernetes.io/arch': architectures,
    }),
    withCapacity(types):: nodePool.withRequirements({ 'karpenter.sh/capacity-type': types }),

    // The most that the pool may grow to, all nodes together.
    withLimits(cpu, memory):: { spec+: { limits: { cpu: cpu, memory: memory } } },

    // Only for pods that ask for this pool with `onPool`.
    dedicated:: {
      local name = super.metadata.name,
      spec+: { template+: { spec+: {
        taints: [{ key: platform.poolLabel, value: name, effect: 'NoSchedule' }],
      } } },
    },

    // Nodes go when they are empty, never with pods still on them, and not in working hours.
    withQuietDisruption(schedule, duration):: {
      spec+: { disruption+: {
        consolidationPolicy: 'WhenEmpty',
        budgets+: [{ nodes: '0', schedule: schedule, duration: duration }],
      } },
    },
  },

  ec2NodeClass: {
    // `amiVersion` is pinned: a new image is a change to review, not a surprise at night.
    new(name, account, amiVersion, diskSize='50Gi'):: object('karpenter.k8s.aws/v1', 'EC2NodeClass', name) {
      spec: {
        amiSelectorTerms: [{ alias: 'al2023@' + amiVersion }],
        role: platform.roleName(account, 'karpenter-node'),
        subnetSelectorTerms: [{ tags: { 'karpenter.sh/discovery': account.cluster.name } }],
        securityGroupSelectorTerms: [{ tags: { 'karpenter.sh/discovery': account.cluster.name } }],
        // One hop: the metadata service, and the node's role with it, stays out of reach of pods.
        metadataOptions: {
          httpEndpoint: 'enabled',
          httpTokens: 'required',
          httpPutResponseHopLimit: 1,
        },
        blockDeviceMappings: [{
          deviceName: '/dev/xvda',
          ebs: {
            volumeType: 'gp3',
            volumeSize: diskSize,
            encrypted: true,
            deleteOnTermination: true,
          },
        }],
        tags: {
          Account: account.name,
          Cluster: account.cluster.name,
          ManagedBy: 'karpenter',
        },
      },
    },
    // Local disks as one volume for `emptyDir`.
    withLocalDisks:: { spec+: { instanceStorePolicy: 'RAID0' } },
  },

  // Puts the pods of a workload on the nodes of one dedicated pool.
  onPool(kind, pool)::
    kind.withNodeSelector({ [platform.poolLabel]: pool })
    + kind.withTolerations([k.core.v1.toleration.equal(platform.poolLabel, pool, 'NoSchedule')]),
}
