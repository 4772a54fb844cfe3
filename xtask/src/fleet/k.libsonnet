local container = {
  new(name, image):: { name: name, image: image, imagePullPolicy: 'IfNotPresent' },
  withEnvMap(env):: { env+: [{ name: k, value: std.toString(env[k]) } for k in std.objectFields(env)] },
  withPorts(ports):: { ports+: [{ name: p.name, containerPort: p.port } for p in ports] },
  withResources(cpu, memory):: { resources+: { requests+: { cpu: cpu, memory: memory }, limits+: { memory: memory } } },
};
{
  container:: container,
  deployment:: {
    new(name, replicas, containers, labels={}):: {
      apiVersion: 'apps/v1', kind: 'Deployment',
      metadata: { name: name, labels: { 'app.kubernetes.io/name': name } + labels },
      spec: {
        replicas: replicas, revisionHistoryLimit: 10,
        selector: { matchLabels: { 'app.kubernetes.io/name': name } },
        template: {
          metadata: { labels: { 'app.kubernetes.io/name': name } + labels },
          spec: { containers: containers, serviceAccountName: name },
        },
      },
    },
    withTolerations(tolerations):: { spec+: { template+: { spec+: { tolerations+: tolerations } } } },
    withAnnotations(annotations):: { spec+: { template+: { metadata+: { annotations+: annotations } } } },
  },
  service:: {
    fromDeployment(d, ports):: {
      apiVersion: 'v1', kind: 'Service', metadata: { name: d.metadata.name, labels: d.metadata.labels },
      spec: { selector: d.spec.selector.matchLabels, ports: [{ name: p.name, port: p.port, targetPort: p.port } for p in ports] },
    },
  },
  configMap:: { new(name, data):: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name }, data: data } },
}
