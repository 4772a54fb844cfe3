// Kinds that limit or steer workloads: disruption budgets, autoscalers, network policies, and the
// cluster's priority and storage classes.
local meta = import 'meta.libsonnet';

// A selector; without labels it selects everything.
local labelled(labels) = if labels == {} then {} else { matchLabels: labels };

{
  podDisruptionBudget: meta.kind('policy/v1', 'PodDisruptionBudget') {
    new(name, selector, maxUnavailable=1):: self.object(name) {
      spec: {
        maxUnavailable: maxUnavailable,
        selector: { matchLabels: selector },
        // A pod that never became ready must not hold up the drain of its node.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    },
    forWorkload(workload, maxUnavailable=1)::
      self.new(workload.metadata.name, workload.spec.selector.matchLabels, maxUnavailable),
  },

  horizontalPodAutoscaler: meta.kind('autoscaling/v2', 'HorizontalPodAutoscaler') {
    forWorkload(workload, minReplicas, maxReplicas):: self.object(workload.metadata.name) {
      spec: {
        scaleTargetRef: {
          apiVersion: workload.apiVersion,
          kind: workload.kind,
          name: workload.metadata.name,
        },
        minReplicas: minReplicas,
        maxReplicas: maxReplicas,
      },
    },
    withCpuUtilization(percent):: {
      spec+: {
        metrics+: [{
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } },
        }],
      },
    },
    // How long a lower need must last, and how fast pods then go.
    withScaleDown(stabilizationSeconds, pods, periodSeconds):: {
      spec+: {
        behavior+: {
          scaleDown: {
            stabilizationWindowSeconds: stabilizationSeconds,
            policies: [{ type: 'Pods', value: pods, periodSeconds: periodSeconds }],
          },
        },
      },
    },
  },

  networkPolicy: meta.kind('networking.k8s.io/v1', 'NetworkPolicy') {
    // Both directions are closed but for the rules given. What is empty is left out here: the API
    // server does not store it, and takes an object that has it for a change each time.
    new(name, selector, ingress=[], egress=[]):: self.object(name) {
      spec: {
        podSelector: labelled(selector),
        policyTypes: ['Ingress', 'Egress'],
        [if ingress != [] then 'ingress']: ingress,
        [if egress != [] then 'egress']: egress,
      },
    },
    forWorkload(workload, ingress=[], egress=[])::
      self.new(workload.metadata.name, workload.spec.selector.matchLabels, ingress, egress),

    // Ports are numbers or the names of container ports.
    ports(ports, protocol='TCP'):: { ports: [{ protocol: protocol, port: port } for port in ports] },
    from(peers):: { from: peers },
    to(peers):: { to: peers },
    peer: {
      namespace(name):: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
      },
      namespacesWith(labels):: { namespaceSelector: labelled(labels) },
      pods(labels):: { podSelector: labelled(labels) },
      cidr(block, except=[]):: { ipBlock: { cidr: block } + (if except == [] then {} else { except: except }) },
    },
  },

  priorityClass: meta.kind('scheduling.k8s.io/v1', 'PriorityClass') {
    new(name, value, description):: self.object(name) {
      value: value,
      description: description,
      globalDefault: false,
    },
  },

  storageClass: meta.kind('storage.k8s.io/v1', 'StorageClass') {
    new(name, provisioner, parameters):: self.object(name) {
      provisioner: provisioner,
      parameters: parameters,
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    },
  },
}
