local k = import 'k.libsonnet';
local util = import 'util.libsonnet';
local catalogue = import 'catalogue.json';
{
  _config:: { cluster: error 'cluster is required', env: 'dev', replicas: 2, labels: {} },
  app(index):: {
    local this = self,
    local record = catalogue[index % std.length(catalogue)],
    local cfg = $._config,
    local ports = [{ name: 'http', port: 8080 }, { name: 'metrics', port: 9090 + index }],
    name:: util.slug('%s-%s-%d' % [record.service, cfg.env, index]),
    container:: k.container.new(this.name, 'registry.example.com/%s:%s' % [record.service, record.version])
                + k.container.withEnvMap({ CLUSTER: cfg.cluster, ENVIRONMENT: cfg.env, SHARD: index, OWNER: record.owner })
                + k.container.withPorts(ports)
                + k.container.withResources('%dm' % (100 + index * 10), '%dMi' % (128 + index * 16)),
    deployment: k.deployment.new(this.name, cfg.replicas, [this.container], { team: record.owner } + cfg.labels)
                + k.deployment.withTolerations([{ key: 'nodetaint/notready', operator: 'Exists', effect: 'NoSchedule' }])
                + k.deployment.withAnnotations({ 'checksum/config': std.md5(std.manifestJsonEx(this.config.data, '  ')) }),
    service: k.service.fromDeployment(this.deployment, ports),
    config: k.configMap.new(this.name, {
      'app.yaml': std.manifestYamlDoc({ service: record, cluster: cfg.cluster, flags: util.flags(record, index) }),
      'app.ini': std.manifestIni({ main: { cluster: cfg.cluster }, sections: { log: { level: 'info' }, http: { port: 8080 } } }),
      'notes.txt': std.join('\n', ['%s: %s' % [key, record[key]] for key in std.objectFields(record) if std.isString(record[key])]),
    }),
    serviceAccount: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: this.name } },
    hpa: {
      apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: this.name },
      spec: { minReplicas: cfg.replicas, maxReplicas: cfg.replicas * 5, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: this.name } },
    },
    pdb: {
      apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: this.name },
      spec: { maxUnavailable: 1, selector: { matchLabels: this.deployment.spec.selector.matchLabels } },
    },
    rules: {
      apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { name: this.name },
      spec: { groups: [{ name: this.name, rules: [
        { alert: 'Slow%d' % q, expr: 'histogram_quantile(0.%d, sum by (le) (rate(http_request_duration_seconds_bucket{app="%s"}[5m]))) > %d' % [q, this.name, q / 10],
          labels: { severity: if q > 95 then 'critical' else 'warning' }, annotations: { summary: '{{ $labels.instance }} of %s is slow' % this.name } }
        for q in [50, 90, 95, 99]
      ] }] },
    },
  },
  apps(count):: { ['app%03d' % i]: $.app(i) for i in std.range(0, count - 1) },
}
