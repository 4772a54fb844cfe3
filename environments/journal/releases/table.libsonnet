// What is installed from charts, and from where: one row each, `cluster` being staging or live.
local journal = import '../journal.libsonnet';
local container = (import 'k.libsonnet').core.v1.container;
local platform = import 'platform.libsonnet';

local resources(cpu, memory) = container.withResources(cpu, memory).resources;
local isLive(cluster) = cluster.name == 'live';
// One of it is enough where nobody waits for an answer.
local replicas(cluster) = if isLive(cluster) then 2 else 1;

// Everything of the platform's own that has no better place.
local inAdm(row) = { namespace: journal.adminNamespace } + row;

local disk(size) = { volumeClaimTemplate: { spec: {
  storageClassName: 'gp3',
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: size } },
} } };

{
  repositories: {
    'external-dns': 'https://charts.example.com/external-dns',
    flagger: 'oci://charts.example.com/flagger',
    'ingress-nginx': 'https://charts.example.com/ingress-nginx',
    'metrics-server': 'https://charts.example.com/metrics-server',
    'oauth2-proxy': 'https://charts.example.com/oauth2-proxy',
    'prometheus-community': 'https://charts.example.com/prometheus-community',
  },

  releases(cluster): {
    'metrics-server': {
      chart: 'metrics-server/metrics-server',
      version: '3.12.1',
      namespace: 'kube-system',
      values: { replicas: replicas(cluster), resources: resources('50m', '128Mi') },
    },

    'ingress-nginx': {
      chart: 'ingress-nginx/ingress-nginx',
      version: '4.11.3',
      namespace: 'ingress',
      values: { controller: {
        replicaCount: if isLive(cluster) then 3 else 1,
        ingressClassResource: { name: journal.ingressClass, default: true },
        // One certificate for all names of the zone, renewed where it is issued.
        extraArgs: { 'default-ssl-certificate': 'ingress/wildcard-tls' },
        config: { 'force-ssl-redirect': 'true', 'hide-headers': 'X-Powered-By' },
        metrics: { enabled: true },
        resources: resources('100m', '256Mi'),
      } },
    },

    'external-dns': inAdm({
      chart: 'external-dns/external-dns',
      version: '1.15.0',
      values: {
        provider: { name: 'aws' },
        // Nothing is deleted where readers would notice.
        policy: if isLive(cluster) then 'upsert-only' else 'sync',
        domainFilters: [cluster.zone.name],
        txtOwnerId: cluster.cluster.name,
        serviceAccount: platform.irsa(cluster, 'external-dns').metadata,
        resources: resources('10m', '64Mi'),
      },
    }),

    'oauth2-proxy': inAdm({
      chart: 'oauth2-proxy/oauth2-proxy',
      version: '7.8.0',
      dependsOn: ['ingress-nginx'],
      values: {
        replicaCount: replicas(cluster),
        // Client id, client secret and the key of the cookies.
        config: { existingSecret: 'oauth2-proxy' },
        extraArgs: {
          provider: 'oidc',
          'oidc-issuer-url': 'https://login.example.com',
          'email-domain': 'example.com',
          // One login for all hosts of the zone.
          'cookie-domain': '.' + cluster.zone.name,
          'whitelist-domain': '.' + cluster.zone.name,
          'set-xauthrequest': 'true',
          'reverse-proxy': 'true',
        },
        ingress: {
          enabled: true,
          className: journal.ingressClass,
          path: '/oauth2',
          hosts: [journal.authHost(cluster)],
        },
        metrics: { enabled: true },
        resources: resources('10m', '64Mi'),
      },
    }),

    'kube-prometheus-stack': inAdm({
      chart: 'prometheus-community/kube-prometheus-stack',
      version: '65.8.1',
      // Volumes of a first installation take their time.
      timeout: '15m',
      values: {
        // Definitions come from the environment journal/definitions, our rules from monitoring.
        crds: { enabled: false },
        defaultRules: { create: false },
        // EKS keeps these to itself.
        kubeControllerManager: { enabled: false },
        kubeEtcd: { enabled: false },
        kubeScheduler: { enabled: false },
        prometheus: { prometheusSpec: {
          replicas: replicas(cluster),
          retention: if isLive(cluster) then '30d' else '7d',
          // Rules by label, so that a team tries a rule without waking anybody.
          ruleSelector: { matchLabels: journal.ruleLabels },
          // All monitors, whoever made them.
          serviceMonitorSelectorNilUsesHelmValues: false,
          podMonitorSelectorNilUsesHelmValues: false,
          externalLabels: { cluster: cluster.cluster.name },
          resources: resources('500m', if isLive(cluster) then '4Gi' else '2Gi'),
          storageSpec: disk(if isLive(cluster) then '100Gi' else '20Gi'),
        } },
        alertmanager: { alertmanagerSpec: {
          replicas: if isLive(cluster) then 3 else 1,
          // Made by the environment journal/monitoring, which says what is in it.
          configSecret: 'alertmanager-config',
          // Where alerts go to: mounted as files that the configuration names.
          secrets: ['alertmanager-urls'],
          resources: resources('20m', '64Mi'),
          storage: disk('1Gi'),
        } },
        grafana: {
          admin: { existingSecret: 'grafana-admin', userKey: 'user', passwordKey: 'password' },
          'grafana.ini': {
            server: { root_url: 'https://' + journal.host(cluster, 'grafana') },
            // Who it is says oauth2-proxy.
            'auth.proxy': { enabled: true, header_name: 'X-Auth-Request-Email', auto_sign_up: true },
            users: { auto_assign_org_role: 'Viewer' },
          },
          sidecar: { dashboards: {
            enabled: true,
            label: 'grafana_dashboard',
            labelValue: '1',
            folderAnnotation: 'grafana_folder',
            searchNamespace: journal.adminNamespace,
          } },
          resources: resources('100m', '256Mi'),
        },
      },
    }),

    flagger: {
      chart: 'flagger/flagger',
      version: '1.38.0',
      namespace: 'flagger-system',
      dependsOn: ['kube-prometheus-stack', 'ingress-nginx'],
      values: {
        meshProvider: 'nginx',
        metricsServer: journal.prometheusUrl,
        // Labels that tell the copies of a workload apart.
        selectorLabels: 'app.kubernetes.io/name',
        clusterName: cluster.cluster.name,
        podMonitor: { enabled: false },
        resources: resources('50m', '128Mi'),
      },
    },

    'flagger-loadtester': {
      chart: 'flagger/loadtester',
      version: '0.33.0',
      namespace: 'test',
      dependsOn: ['flagger'],
      values: {
        fullnameOverride: 'flagger-loadtester',
        cmd: { timeout: '1h', namespaceRegexp: '^journal$' },
        resources: resources('100m', '128Mi'),
      },
    },
  },
}
