// Flagger: releases that prove themselves before they get all of the traffic.
//
// A Canary takes over a Deployment: Flagger makes a copy of it (`NAME-primary`), which serves, and
// on a change lets the new version show itself next to it. What that means is the analysis:
// `canary` shifts traffic step by step, `blueGreen` tests without traffic and then switches.
local object(kind, name) = {
  apiVersion: 'flagger.app/v1beta1',
  kind: kind,
  metadata: { name: name },
};

{
  canary: {
    // The service that clients use is made by Flagger, from the port of the workload.
    new(workload, port, targetPort='http'):: object('Canary', workload.metadata.name) {
      spec: {
        targetRef: { apiVersion: workload.apiVersion, kind: workload.kind, name: workload.metadata.name },
        // A version whose pods do not get ready within ten minutes has failed.
        progressDeadlineSeconds: 600,
        service: { port: port, targetPort: targetPort, portDiscovery: true },
        // Metrics and web hooks are added by the mixins below.
        analysis: { metrics: [], webhooks: [] },
      },
    },
    withProvider(provider):: { spec+: { provider: provider } },
    withIngress(ingress):: {
      spec+: { ingressRef: { apiVersion: ingress.apiVersion, kind: ingress.kind, name: ingress.metadata.name } },
    },
    withAutoscaler(autoscaler):: {
      spec+: { autoscalerRef: {
        apiVersion: autoscaler.apiVersion,
        kind: autoscaler.kind,
        name: autoscaler.metadata.name,
      } },
    },

    // Up to `maxWeight` per cent of the traffic in steps, one each interval. More failed checks
    // than `threshold`, and it goes back.
    withCanary(stepWeight, maxWeight, interval='1m', threshold=5):: {
      spec+: { analysis+: {
        interval: interval,
        threshold: threshold,
        stepWeight: stepWeight,
        maxWeight: maxWeight,
      } },
    },
    // A number of rounds of checks, all of them passed, and then all of the traffic at once.
    withBlueGreen(iterations, interval='1m', threshold=2):: {
      spec+: { analysis+: { interval: interval, threshold: threshold, iterations: iterations } },
    },

    withMetrics(metrics):: { spec+: { analysis+: { metrics+: metrics } } },
    withWebhooks(webhooks):: { spec+: { analysis+: { webhooks+: webhooks } } },
    withAlerts(alerts):: { spec+: { analysis+: { alerts+: alerts } } },
  },

  // Numbers that decide. Those of the provider have fixed names; for others there is a template.
  metric: {
    successRate(percent, interval='1m'):: {
      name: 'request-success-rate',
      thresholdRange: { min: percent },
      interval: interval,
    },
    // In milliseconds, for 99 of 100 requests.
    duration(milliseconds, interval='1m'):: {
      name: 'request-duration',
      thresholdRange: { max: milliseconds },
      interval: interval,
    },
    fromTemplate(template, range, variables={}, interval='1m'):: {
      name: template.metadata.name,
      templateRef: { name: template.metadata.name },
      thresholdRange: range,
      interval: interval,
      [if variables != {} then 'templateVariables']: variables,
    },
  },

  // A query of Prometheus; `{{ target }}` and `{{ namespace }}` are those of the canary.
  metricTemplate(name, address, query):: object('MetricTemplate', name) {
    spec: { provider: { type: 'prometheus', address: address }, query: query },
  },

  alertProvider(name, type, secret, channel=null):: object('AlertProvider', name) {
    spec: {
      type: type,
      secretRef: { name: secret },
      [if channel != null then 'channel']: channel,
    },
  },
  alert(provider, severity):: {
    name: provider.metadata.name,
    severity: severity,
    providerRef: { name: provider.metadata.name },
  },

  // What the load tester does for an analysis: `url` is its address.
  webhook: {
    local new(type, name, url, metadata, timeout) = {
      type: type,
      name: name,
      url: url,
      timeout: timeout,
      metadata: metadata,
    },
    // Traffic, so that there is something to measure where there are no visitors at night.
    loadTest(url, target, queriesPerSecond=10, seconds=60)::
      new('rollout', 'load', url, {
        type: 'cmd',
        cmd: 'hey -z %ds -q %d -c 2 %s' % [seconds, queriesPerSecond, target],
        logCmdOutput: 'true',
      }, '5s'),
    // Before any traffic: does it do what was agreed on?
    conformanceTest(url, command, timeout='3m')::
      new('pre-rollout', 'conformance', url, { type: 'bash', cmd: command }, timeout),
    // Asked at every step: a person can send it back.
    rollbackGate(url):: new('rollback', 'gate', url, {}, '5s'),
  },
}
