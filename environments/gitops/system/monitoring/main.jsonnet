// Metrics of the cluster: kube-prometheus-stack with our rules and dashboards in place of its own,
// so that an alert says what we would do about it.
local gitops = import '../../gitops.libsonnet';
local argocd = import 'argocd.libsonnet';
local dashboards = import 'dashboards.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local traffic = import 'traffic.libsonnet';

// Beside this file; the libraries build them.
local clusterDashboards = import 'cluster-dashboards.libsonnet';
local rules = import 'rules.libsonnet';

local container = k.core.v1.container;
local daemonSet = k.apps.v1.daemonSet;
local deployment = k.apps.v1.deployment;
local envVar = k.core.v1.envVar;
local networkPolicy = k.networking.v1.networkPolicy;
local peer = networkPolicy.peer;
local resources(cpu, memory) = container.withResources(cpu, memory).resources;

local namespace = 'monitoring';
local name = 'kube-prometheus-stack';

local sizes = {
  dev: { replicas: 1, memory: '2Gi', disk: '20Gi', retention: '7d' },
  qa: { replicas: 1, memory: '2Gi', disk: '20Gi', retention: '7d' },
  prod: { replicas: 2, memory: '6Gi', disk: '200Gi', retention: '60d' },
};

// Etcd answers on the machines of the control plane, which are not in a Service.
local controlPlane(cluster) =
  local network = std.join('.', std.split(cluster.vpcCidr, '.')[0:2]);
  ['%s.0.%d' % [network, number] for number in if cluster.name == 'prod' then [11, 12, 13] else [11]];

local volumeOf(size) = { volumeClaimTemplate: { spec: {
  storageClassName: gitops.storage.block,
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: size } },
} } };

// Where alerts go to stands in files of the secret `alertmanager-urls`.
local alertmanagerConfig(cluster) = {
  local url(name) = '/etc/alertmanager/secrets/alertmanager-urls/' + name,

  global: { resolve_timeout: '5m' },
  route: {
    receiver: 'chat',
    group_by: ['alertname', 'namespace'],
    group_wait: '30s',
    group_interval: '5m',
    repeat_interval: '12h',
    routes: [
      { receiver: 'heartbeat', matchers: ['alertname = Heartbeat'], group_wait: '0s', repeat_interval: '1m' },
    ] + (
      // Nobody gets up at night for dev and qa.
      if cluster.name == 'prod' then
        [{ receiver: 'on-call', matchers: ['severity = critical'], repeat_interval: '1h', continue: true }]
      else []
    ),
  },
  inhibit_rules: [{
    source_matchers: ['severity = critical'],
    target_matchers: ['severity = warning'],
    equal: ['namespace', 'pod', 'instance'],
  }],
  receivers: [
    { name: 'chat', webhook_configs: [{ url_file: url('chat'), send_resolved: true }] },
    { name: 'heartbeat', webhook_configs: [{ url_file: url('heartbeat'), send_resolved: false }] },
  ] + (
    if cluster.name == 'prod' then [{ name: 'on-call', webhook_configs: [{ url_file: url('on-call') }] }] else []
  ),
};

local data(cluster) = {
  local objects = self,
  local size = sizes[cluster.name],
  local grafanaHost = gitops.host(cluster, 'grafana'),

  // The node exporter is in the namespaces of the node.
  namespace: gitops.namespace(namespace, 'privileged'),

  alertmanagerConfig: k.core.v1.secret.new('alertmanager-config', {
    'alertmanager.yaml': std.manifestYamlDoc(alertmanagerConfig(cluster), quote_keys=false) + '\n',
  }),

  release: helm.patch(
    helm.new(std.thisFile).template(name, '../../../../charts/kube-prometheus-stack', helm.cluster(cluster) {
      namespace: namespace,
      values: {
        // Images that the operator starts are no pods of the chart, which the patch below changes.
        global: { imageRegistry: 'registry.example.com' },
        defaultRules: { create: false },
        prometheusOperator: { resources: resources('50m', '128Mi') },
        prometheus: {
          podDisruptionBudget: { enabled: size.replicas > 1 },
          prometheusSpec: {
            replicas: size.replicas,
            retention: size.retention,
            externalLabels: { cluster: cluster.cluster.name },
            externalUrl: 'https://' + gitops.host(cluster, 'prometheus'),
            ruleSelector: { matchLabels: gitops.ruleLabels },
            // Monitors of everybody, in every namespace.
            serviceMonitorSelectorNilUsesHelmValues: false,
            podMonitorSelectorNilUsesHelmValues: false,
            probeSelectorNilUsesHelmValues: false,
            podAntiAffinity: 'hard',
            resources: resources('500m', size.memory),
            storageSpec: volumeOf(size.disk),
          },
        },
        alertmanager: {
          podDisruptionBudget: { enabled: size.replicas > 1 },
          alertmanagerSpec: {
            replicas: size.replicas,
            configSecret: 'alertmanager-config',
            secrets: ['alertmanager-urls'],
            externalUrl: 'https://' + gitops.host(cluster, 'alertmanager'),
            resources: resources('10m', '64Mi'),
            storage: volumeOf('1Gi'),
          },
        },
        kubeEtcd: { endpoints: controlPlane(cluster) },
        // They listen to themselves only; what they do shows in the API server's metrics.
        kubeControllerManager: { enabled: false },
        kubeScheduler: { enabled: false },
        'kube-state-metrics': { resources: resources('20m', '128Mi') },
        'prometheus-node-exporter': { resources: resources('10m', '32Mi') },
        grafana: {
          admin: { existingSecret: 'grafana-admin', userKey: 'user', passwordKey: 'password' },
          'grafana.ini': {
            server: { root_url: 'https://' + grafanaHost },
            auth: { disable_login_form: true },
            'auth.generic_oauth': {
              enabled: true,
              name: 'Single sign-on',
              client_id: 'grafana',
              client_secret: '$__env{OAUTH_CLIENT_SECRET}',
              scopes: 'openid profile email groups',
              auth_url: gitops.issuer(cluster) + '/auth',
              token_url: gitops.issuer(cluster) + '/token',
              api_url: gitops.issuer(cluster) + '/userinfo',
              role_attribute_path: "contains(groups[*], '%s') && 'Admin' || 'Viewer'" % gitops.groups.administrators,
            },
          },
          envValueFrom: { OAUTH_CLIENT_SECRET: envVar.fromSecret('grafana-oidc', 'clientSecret') },
          sidecar: {
            resources: resources('10m', '96Mi'),
            dashboards: { labelValue: '1', folderAnnotation: 'grafana_folder', searchNamespace: 'ALL' },
          },
          resources: resources('100m', '256Mi'),
        },
      },
    }),
    [
      helm.mirrored,
      helm.controllers(),
      helm.kind('CustomResourceDefinition', argocd.keep),
      helm.kind('DaemonSet', daemonSet.withPriorityClassName('system-node-critical')),
      helm.kind('DaemonSet', daemonSet.mapContainers(function(container) container {
        securityContext+: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      })),
      // Nothing else is left to write to.
      helm.object('Deployment', name + '-grafana', deployment.withVolumesMixin([
        { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ])),
      helm.object('Deployment', name + '-grafana', deployment.mapContainers(function(container) container {
        volumeMounts+: [{ name: 'tmp', mountPath: '/tmp' }],
      })),
    ]
  ),

  // Another source for Grafana, beside those of the chart.
  lokiSource:
    k.core.v1.configMap.new('grafana-source-loki', { 'loki.yaml': std.manifestYamlDoc({
      apiVersion: 1,
      datasources: [{ name: 'Loki', type: 'loki', uid: 'loki', access: 'proxy', url: 'http://loki-gateway.loki' }],
    }, quote_keys=false) + '\n' })
    + k.core.v1.configMap.withLabels({ grafana_datasource: '1' }),

  // What lib/controller.libsonnet and lib/application.libsonnet mark for it, in any namespace.
  scraped:
    prometheus.serviceMonitor.new(
      'scraped', { 'platform.example.com/scrape': 'true' }, [prometheus.endpoint.new('metrics')]
    )
    + prometheus.serviceMonitor.inAllNamespaces,

  rules: {
    [group]:
      prometheus.prometheusRule.new(group, { [group]: rules[group] })
      + prometheus.prometheusRule.withLabels(gitops.ruleLabels)
    for group in std.objectFields(rules)
  },

  dashboards: dashboards.configMaps(clusterDashboards, folder='Cluster'),

  // Grafana asks who it is. Prometheus and Alertmanager do not, and stay inside.
  ingress: gitops.ingress('grafana', grafanaHost, name + '-grafana', 'http-web'),

  networkPolicies: {
    grafana: networkPolicy.forWorkload(
      objects.release.deployment_kube_prometheus_stack_grafana,
      ingress=[gitops.fromIngress(['grafana']), networkPolicy.from([peer.pods({ 'app.kubernetes.io/name': 'prometheus' })]) + networkPolicy.ports(['grafana'])],
      egress=[
        traffic.toDns,
        // The sidecars.
        traffic.toApiServer(cluster),
        networkPolicy.to([peer.pods({}), peer.namespace('loki')]),
        // Single sign-on, by its public name.
        traffic.toInternet(),
      ],
    ),
    // Whoever reads metrics reads much about us: from inside only.
    prometheus: networkPolicy.new(
      'prometheus',
      { 'app.kubernetes.io/name': 'prometheus' },
      ingress=[
        networkPolicy.from([peer.pods({}), peer.namespace('kured')]) + networkPolicy.ports(['http-web', 'reloader-web']),
      ],
      egress=[networkPolicy.to([peer.namespacesWith({})]), networkPolicy.to([peer.cidr(cluster.vpcCidr)])],
    ),
    alertmanager: networkPolicy.new(
      'alertmanager',
      { 'app.kubernetes.io/name': 'alertmanager' },
      ingress=[networkPolicy.from([peer.pods({})])],
      egress=[traffic.toDns, networkPolicy.to([peer.pods({ 'app.kubernetes.io/name': 'alertmanager' })]), traffic.toInternet()],
    ),
  },
};

gitops.environments('system/monitoring', namespace, data)
