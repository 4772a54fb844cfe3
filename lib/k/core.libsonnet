// core/v1: containers and what they refer to, configuration, identity, services.
local meta = import 'meta.libsonnet';

{
  container: {
    new(name, image):: {
      name: name,
      image: image,
      imagePullPolicy: 'IfNotPresent',
      envMap:: {},
    },
    withCommand(command):: { command: command },
    withArgs(args):: { args: args },

    // A map, so that a later mixin can overwrite one variable. Values are strings or
    // `valueFrom` objects; the list is written in the order of the names.
    withEnvMap(env):: {
      local merged = super.envMap + env,
      envMap:: merged,
      env: [
        { name: name } +
        (if std.isObject(merged[name]) then { valueFrom: merged[name] } else { value: merged[name] })
        for name in std.objectFields(merged)
      ],
    },

    withPorts(ports):: { ports: ports },
    withVolumeMounts(mounts):: { volumeMounts: mounts },
    withVolumeMountsMixin(mounts):: { volumeMounts+: mounts },
    withSecurityContext(context):: { securityContext+: context },
    withLifecyclePreStop(command):: { lifecycle+: { preStop: { exec: { command: command } } } },

    // Memory is limited to what is requested, so that a pod that outgrows its plan is killed
    // and not its neighbours. CPU has no limit: throttling hurts more than sharing.
    withResources(cpu, memory):: {
      resources: {
        requests: { cpu: cpu, memory: memory },
        limits: { memory: memory },
      },
    },
    withLivenessProbe(probe):: { livenessProbe: probe },
    withReadinessProbe(probe):: { readinessProbe: probe },
    withStartupProbe(probe):: { startupProbe: probe },
  },

  containerPort: {
    new(name, port, protocol='TCP'):: { name: name, containerPort: port, protocol: protocol },
  },

  probe: {
    http(path, port, period=10, failures=3):: {
      httpGet: { path: path, port: port },
      periodSeconds: period,
      failureThreshold: failures,
    },
    tcp(port, period=10, failures=3):: {
      tcpSocket: { port: port },
      periodSeconds: period,
      failureThreshold: failures,
    },
    exec(command, period=10, failures=3):: {
      exec: { command: command },
      periodSeconds: period,
      failureThreshold: failures,
    },
  },

  envVar: {
    fromField(path):: { fieldRef: { fieldPath: path } },
    fromResource(resource):: { resourceFieldRef: { resource: resource, divisor: '0' } },
    fromSecret(secret, key):: { secretKeyRef: { name: secret, key: key } },
  },

  volume: {
    // `medium`: 'Memory' for what must not touch a disk; it counts as memory of the pod.
    emptyDir(name, sizeLimit=null, medium=null):: {
      name: name,
      emptyDir: {
        [if sizeLimit != null then 'sizeLimit']: sizeLimit,
        [if medium != null then 'medium']: medium,
      },
    },
    fromConfigMap(name, configMap, mode=null):: {
      name: name,
      configMap: { name: configMap } + (if mode == null then {} else { defaultMode: mode }),
    },
    fromSecret(name, secret, mode=null):: {
      name: name,
      secret: { secretName: secret } + (if mode == null then {} else { defaultMode: mode }),
    },
    fromClaim(name, claim):: { name: name, persistentVolumeClaim: { claimName: claim } },
    hostPath(name, path, type='Directory'):: { name: name, hostPath: { path: path, type: type } },
    // A token for one audience, which the kubelet renews.
    token(name, audience, seconds=86400):: {
      name: name,
      projected: {
        sources: [{ serviceAccountToken: { audience: audience, expirationSeconds: seconds, path: 'token' } }],
      },
    },
  },

  volumeMount: {
    new(name, path, readOnly=false):: { name: name, mountPath: path } + (if readOnly then { readOnly: true } else {}),
  },

  toleration: {
    exists(key, effect=null):: { key: key, operator: 'Exists' } + (if effect == null then {} else { effect: effect }),
    equal(key, value, effect):: { key: key, operator: 'Equal', value: value, effect: effect },
  },

  namespace: meta.kind('v1', 'Namespace') {
    new(name):: self.object(name),
  },

  serviceAccount: meta.kind('v1', 'ServiceAccount') {
    new(name):: self.object(name),
    withAutomountToken(automount):: { automountServiceAccountToken: automount },
  },

  configMap: meta.kind('v1', 'ConfigMap') {
    new(name, data):: self.object(name) { data: data },
  },

  // Never with a value that is one: placeholders, `vault:` references, or a template without them.
  secret: meta.kind('v1', 'Secret') {
    new(name, stringData):: self.object(name) { type: 'Opaque', stringData: stringData },
  },

  servicePort: {
    new(name, port, targetPort=name, protocol='TCP'):: {
      name: name,
      port: port,
      targetPort: targetPort,
      protocol: protocol,
    },
  },

  service: meta.kind('v1', 'Service') {
    new(name, selector, ports):: self.object(name) {
      spec: { type: 'ClusterIP', selector: selector, ports: ports },
    },
    // One port for each named port of the workload's containers.
    forWorkload(workload):: self.new(
      workload.metadata.name,
      workload.spec.selector.matchLabels,
      [
        $.servicePort.new(port.name, port.containerPort)
        for container in workload.spec.template.spec.containers
        for port in std.get(container, 'ports', [])
      ],
    ),
    // DNS answers with the pods themselves, ready or not.
    headless:: { spec+: { clusterIP: 'None', publishNotReadyAddresses: true } },
  },

  persistentVolumeClaim: meta.kind('v1', 'PersistentVolumeClaim') {
    new(name, size, storageClass):: self.object(name) {
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: storageClass,
        resources: { requests: { storage: size } },
      },
    },
  },
}
