// The objects of prometheus-operator: what Prometheus scrapes, and the rules that it evaluates.
local object(kind, name) = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: kind,
  metadata: { name: name },
};

local mixins = {
  withLabels(labels):: { metadata+: { labels+: labels } },
  // In these namespaces instead of the object's own.
  withNamespaces(names):: { spec+: { namespaceSelector: { matchNames: names } } },
  inAllNamespaces:: { spec+: { namespaceSelector: { any: true } } },
};

{
  endpoint: {
    // `port` is the name of a port of the service, or of the container for a PodMonitor.
    new(port, path='/metrics', interval='30s'):: { port: port, path: path, interval: interval },
  },

  serviceMonitor: mixins {
    new(name, selector, endpoints):: object('ServiceMonitor', name) {
      spec: { selector: { matchLabels: selector }, endpoints: endpoints },
    },
  },

  podMonitor: mixins {
    new(name, selector, endpoints):: object('PodMonitor', name) {
      spec: { selector: { matchLabels: selector }, podMetricsEndpoints: endpoints },
    },
  },

  prometheusRule: mixins {
    // Groups are lists of rules by their names; see alerts.libsonnet.
    new(name, groups):: object('PrometheusRule', name) {
      spec: { groups: [{ name: group, rules: groups[group] } for group in std.objectFields(groups)] },
    },
  },

  // Targets that the blackbox exporter at `prober` (host and port) asks for Prometheus.
  probe: mixins {
    new(name, prober, module, targets, labels={}):: object('Probe', name) {
      spec: {
        jobName: name,
        interval: '30s',
        scrapeTimeout: '10s',
        module: module,
        prober: { url: prober, path: '/probe' },
        targets: { staticConfig: { static: targets, labels: labels } },
      },
    },
  },
}
