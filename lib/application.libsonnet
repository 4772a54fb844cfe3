// An application: one program with everything that belongs to one, as a Deployment, or, with
// volumes of its own (`claims`), as a StatefulSet. `scheduled` is the same as a CronJob.
//
// `new` returns a map of objects; an environment adds to them by name, for example
// `application.new({ … }) { workload+: deployment.withPodLabels({…}) }`. What watches the API server
// is a controller instead: see `controller.libsonnet`.
local alb = import 'alb.libsonnet';
local istio = import 'istio.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local rights = import 'rights.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local configMap = k.core.v1.configMap;
local container = k.core.v1.container;
local cronJob = k.batch.v1.cronJob;
local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local probe = k.core.v1.probe;
local serviceAccount = k.core.v1.serviceAccount;
local servicePort = k.core.v1.servicePort;
local statefulSet = k.apps.v1.statefulSet;
local volume = k.core.v1.volume;
local volumeMount = k.core.v1.volumeMount;

local defaults = {
  // Of the pods. Null: `app.kubernetes.io/name` alone.
  labels: null,
  // Of somebody else's making. Null: one of its own, called like the application.
  serviceAccount: null,
  // Name of an IAM role, without the cluster's name. Null: no rights in AWS.
  iamRole: null,
  // Whether variables are references to Vault (the role there is called like the service account).
  vault: false,
  // Rights in its own namespace, and in the whole cluster.
  rules: [],
  clusterRules: [],

  command: null,
  args: [],
  env: {},
  initContainers: [],
  // Containers beside the program.
  sidecars: [],
  replicas: 2,
  cpu: '100m',
  memory: '256Mi',
  // { max, cpu: percent }: more than `replicas` by load.
  autoscale: null,
  // Whether the number of replicas is KEDA's, with a ScaledObject of the environment.
  scaled: false,
  uid: 65532,

  // Names and numbers. The service has all of them but the one of the metrics.
  ports: { http: 8080 },
  // Whether others ask for it by its name.
  service: true,
  // The name of the port with metrics.
  metricsPort: null,
  // Paths on the port `http`, or probes.
  liveness: '/healthz',
  readiness: '/readyz',
  startup: null,

  // NAME: { path, data, subPath } is mounted from a ConfigMap `APPLICATION-NAME`; with `configMap`,
  // from one of that name that is made elsewhere.
  configs: {},
  // PATH: SIZE of folders to write to that last as long as the pod, or { size, medium }.
  scratch: {},
  // NAME: { path, size } of volumes that outlive the pod, one for each replica.
  claims: {},
  storageClass: 'gp3',

  // The name under which the internal load balancer serves the port `http`.
  host: null,
  // Peers that may reach the ports of the service; the load balancer is one by itself.
  clients: [],
  // Whether its namespace is in the mesh: see `istio.libsonnet`.
  mesh: false,
  // Rules for the network beyond DNS, Vault and AWS.
  ingress: [],
  egress: [],
};

// What was written into the ConfigMaps, so that a change of it restarts the pods.
local checksum(configs) = { 'checksum/config': std.md5(std.manifestJsonEx(configs, '')) };

// `/var/run/nginx` is the volume `var-run-nginx`.
local volumeName(path) = std.asciiLower(std.join('', [
  if c == '/' then '-' else c
  for c in std.stringChars(std.lstripChars(path, '/'))
  if c != '.' && c != '_'
]));

local configMapName(c, config) = std.get(c.configs[config], 'configMap', '%s-%s' % [c.name, config]);

local scratchVolume(path, size) =
  if std.isString(size) then volume.emptyDir(volumeName(path), size)
  else volume.emptyDir(volumeName(path), size.size, size.medium);

// A list or map that is empty is not written out.
local optional(with, value) = if std.length(value) == 0 then {} else with(value);

// What any kind of pod needs: identity, rights, configuration, container and network.
local pod(c) =
  // The webhook sees an image from outside, and with it not what the image runs by itself.
  assert !c.vault || c.command != null : '`%s` reads from Vault and needs a command for it' % c.name;
  local account = if c.serviceAccount == null then c.name else c.serviceAccount;
  local labels = if c.labels == null then { 'app.kubernetes.io/name': c.name } else c.labels;
  // Vault is asked with the token of the service account.
  local token = c.vault || c.rules != [] || c.clusterRules != [];
  rights.new(c.name, c.namespace, c.rules, c.clusterRules, account) {
    // For the parts below.
    labels:: labels,

    [if c.serviceAccount == null then 'serviceAccount']:
      serviceAccount.new(account)
      + (if c.iamRole == null then {} else platform.irsa(c.account, c.iamRole))
      + (if token then {} else serviceAccount.withAutomountToken(false)),

    configMaps: {
      [config]: configMap.new(configMapName(c, config), c.configs[config].data)
      for config in std.objectFields(c.configs)
      if !std.objectHas(c.configs[config], 'configMap')
    },

    container::
      container.new(c.name, c.image)
      + (if c.command == null then {} else container.withCommand(c.command))
      + optional(container.withArgs, c.args)
      + optional(container.withEnvMap, c.env)
      + optional(
        container.withPorts,
        [k.core.v1.containerPort.new(port, c.ports[port]) for port in std.objectFields(c.ports)]
      )
      + container.withResources(c.cpu, c.memory)
      + optional(
        container.withVolumeMounts,
        [volumeMount.new(claim, c.claims[claim].path) for claim in std.objectFields(c.claims)]
        + [
          volumeMount.new(config, c.configs[config].path, readOnly=true)
          + (if 'subPath' in c.configs[config] then { subPath: c.configs[config].subPath } else {})
          for config in std.objectFields(c.configs)
        ]
        + [volumeMount.new(volumeName(path), path) for path in std.objectFields(c.scratch)]
      ),

    // What is the same for all kinds of workloads.
    inPod(kind)::
      kind.withServiceAccountName(account)
      + (if token then {} else kind.withAutomountToken(false))
      + optional(
        kind.withVolumes,
        [volume.fromConfigMap(config, configMapName(c, config)) for config in std.objectFields(c.configs)]
        + [scratchVolume(path, c.scratch[path]) for path in std.objectFields(c.scratch)]
      )
      + optional(kind.withInitContainers, c.initContainers)
      + (if c.configs == {} then {} else kind.withPodAnnotations(checksum(c.configs)))
      + (if c.vault then kind.withPodAnnotations(vault.inject(c.account, account)) else {})
      + platform.hardened(kind, c.uid),

    networkPolicy: networkPolicy.new(
      c.name,
      labels,
      ingress=c.ingress + (if c.mesh then [istio.fromMesh] else []),
      egress=
      [traffic.toDns]
      + (if c.mesh then [istio.toMesh] else [])
      // AWS has no addresses of its own; its rule holds for Vault and the API server, too.
      + (
        if c.iamRole != null then [traffic.toAws]
        else if token then [traffic.toVpc(c.account, [443])]
        else []
      )
      + c.egress,
    ),
  };

// Metrics have a service of their own, which others need not see.
local servicePorts(c) = [port for port in std.objectFields(c.ports) if port == 'http' || port != c.metricsPort];

local probed(value) = if std.isString(value) then probe.http(value, 'http') else value;

local running(c) =
  local stateful = c.claims != {};
  local kind = if stateful then statefulSet else deployment;
  local autoscaled = c.autoscale != null || c.scaled;
  local many = c.replicas > 1 || autoscaled;
  pod(c) {
    local this = self,

    container+::
      (if c.liveness == null then {} else container.withLivenessProbe(probed(c.liveness)))
      + (if c.readiness == null then {} else container.withReadinessProbe(probed(c.readiness)))
      + (if c.startup == null then {} else container.withStartupProbe(probed(c.startup))),

    workload:
      (
        if stateful then statefulSet.new(
          c.name,
          c.replicas,
          [this.container] + c.sidecars,
          [
            k.core.v1.persistentVolumeClaim.new(claim, c.claims[claim].size, c.storageClass)
            for claim in std.objectFields(c.claims)
          ],
          this.labels
        )
        else deployment.new(c.name, c.replicas, [this.container] + c.sidecars, this.labels)
             + (if autoscaled then deployment.withAutoscaledReplicas else {})
      )
      + this.inPod(kind)
      + (if many then platform.spread(kind, this.labels, onePerNode=!autoscaled) else {}),

    // A budget for a single replica would only block the drain of its node.
    [if many then 'podDisruptionBudget']:
      k.policy.v1.podDisruptionBudget.new(c.name, this.labels),

    [if c.autoscale != null then 'horizontalPodAutoscaler']:
      k.autoscaling.v2.horizontalPodAutoscaler.forWorkload(this.workload, c.replicas, c.autoscale.max)
      + k.autoscaling.v2.horizontalPodAutoscaler.withCpuUtilization(c.autoscale.cpu),

    [if c.service && servicePorts(c) != [] then 'service']:
      k.core.v1.service.new(
        c.name, this.labels, [servicePort.new(port, c.ports[port]) for port in servicePorts(c)]
      )
      + k.core.v1.service.withLabels(this.labels)
      // Replicas with volumes are not alike, and are asked for by their names.
      + (if stateful && c.replicas > 1 then k.core.v1.service.headless else {}),

    [if c.metricsPort != null then 'metricsService']:
      k.core.v1.service.new(
        c.name + '-metrics',
        this.labels,
        [servicePort.new('metrics', c.ports[c.metricsPort], c.metricsPort)]
      )
      + k.core.v1.service.withLabels({ 'platform.example.com/scrape': 'true' }),

    [if c.host != null then 'ingress']: alb.internal(
      c.name, c.host, 'http', healthPath=if std.isString(c.readiness) then c.readiness else '/'
    ),

    local ingress =
      (if c.host == null then [] else [traffic.fromLoadBalancer(c.account, ['http'])])
      + (if c.clients == [] then [] else [networkPolicy.from(c.clients) + networkPolicy.ports(servicePorts(c))])
      + (if c.metricsPort == null then [] else [traffic.fromMonitoring([c.metricsPort])]),
    networkPolicy+: optional(function(rules) { spec+: { ingress+: rules } }, ingress),
  };

// A field that is misspelt would be a wish that nobody hears.
local complete(config, required, defaults) =
  local unknown = std.setDiff(std.objectFields(config), std.set(required + std.objectFields(defaults)));
  assert unknown == [] : 'an application has no `%s`' % std.join('`, `', unknown);
  defaults + config;

local required = ['account', 'image', 'name', 'namespace'];

{
  // Required: `name`, `namespace`, `account`, `image`; the rest as in `defaults`.
  new(config):: running(complete(config, required, defaults)),

  // Runs by the clock; also required: `schedule`, and `deadline` in seconds.
  scheduled(config)::
    local c = complete(config, required + ['deadline', 'schedule'], defaults { ports: {} });
    pod(c) {
      local this = self,
      cronJob:
        cronJob.new(c.name, c.schedule, [this.container] + c.sidecars, this.labels)
        + cronJob.withTimeZone('Etc/UTC')
        + cronJob.withActiveDeadlineSeconds(c.deadline)
        + this.inPod(cronJob),
    },
}
