// What the release kube-prometheus-stack cannot know: rules, dashboards, routes of alerts, what
// else to scrape, and the names under which all of it can be reached.
local journal = import '../journal.libsonnet';
local dashboards = import 'dashboards.libsonnet';
local k = import 'k.libsonnet';
local oauth2Proxy = import 'oauth2-proxy.libsonnet';
local prometheus = import 'prometheus.libsonnet';

// Beside this file; the libraries of nearly the same name build them.
local journalDashboards = import 'journal-dashboards.libsonnet';
local rules = import 'rules.libsonnet';

local ingress = k.networking.v1.ingress;
local serviceMonitor = prometheus.serviceMonitor;

// Night alerts are for what readers see.
local criticalReceiver = { staging: 'publishing', live: 'on-call' };

// Services of the releases, whose charts are not trusted to watch themselves.
local monitored = {
  'ingress-nginx': { namespace: 'ingress', port: 'metrics' },
  'oauth2-proxy': { namespace: journal.adminNamespace, port: 'metrics' },
  flagger: { namespace: 'flagger-system', port: 'http' },
  'flagger-loadtester': { namespace: 'test', port: 'http' },
};

// Host by host: the service of the release, and its port.
local views = {
  alertmanager: { service: 'kube-prometheus-stack-alertmanager', port: 9093 },
  grafana: { service: 'kube-prometheus-stack-grafana', port: 80 },
  prometheus: { service: 'kube-prometheus-stack-prometheus', port: 9090 },
};

local data(cluster) = {
  serviceMonitors: {
    [name]:
      serviceMonitor.new(
        name, { 'app.kubernetes.io/name': name }, [prometheus.endpoint.new(monitored[name].port)]
      )
      + serviceMonitor.withNamespaces([monitored[name].namespace])
    for name in std.objectFields(monitored)
  },

  // One object for each group: what fails to parse takes no other group with it.
  rules: {
    [group]:
      prometheus.prometheusRule.new(group, { [group]: rules[group] })
      + prometheus.prometheusRule.withLabels(journal.ruleLabels)
    for group in std.objectFields(rules)
  },

  dashboards: dashboards.configMaps(journalDashboards, folder='Journal'),

  // A secret because Alertmanager's operator wants one; nothing in it is.
  alertmanager: k.core.v1.secret.new('alertmanager-config', {
    'alertmanager.yaml': (importstr 'alertmanager.yaml') % {
      cluster: cluster.cluster.name,
      critical: criticalReceiver[cluster.name],
    },
  }),

  ingresses: oauth2Proxy.protectAll(journal.authHost(cluster), {
    [name]:
      ingress.new(name, journal.ingressClass)
      + ingress.withRule(journal.host(cluster, name), views[name].service, views[name].port)
    for name in std.objectFields(views)
  }),
};

journal.environments('monitoring', journal.adminNamespace, data, {
  // Rules are checked by a web hook of the operator.
  'fluxcd.io/depends-on': 'journal-releases',
})
