// monitoring.coreos.com: what systems say about their own monitoring. Prometheus, Alertmanager and
// the operator itself belong to whoever runs the monitoring, and so do the kinds that set them up.
local definition = import 'definition.libsonnet';
local s = import 'schema.libsonnet';

local group = 'monitoring.coreos.com';

local new(kind, shortName, version) =
  definition.new(group, kind, [version], shortNames=[shortName], categories=['prometheus-operator']);

local relabelings = s.list(s.object({
  action: s.string,
  modulus: s.long,
  regex: s.string,
  replacement: s.string,
  separator: s.string,
  sourceLabels: s.list(s.string),
  targetLabel: s.string,
}));

local keyOrMap = s.object({ secret: s.key, configMap: s.key });
local safeTls = {
  ca: keyOrMap,
  cert: keyOrMap,
  keySecret: s.key,
  insecureSkipVerify: s.boolean,
  serverName: s.string,
  maxVersion: s.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']),
  minVersion: s.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']),
};
local proxy = {
  noProxy: s.string,
  proxyConnectHeader: s.map(s.list(s.key)),
  proxyFromEnvironment: s.boolean,
  proxyUrl: s.string,
};
local authentication = {
  authorization: s.object({ credentials: s.key, type: s.string }),
  basicAuth: s.object({ password: s.key, username: s.key }),
  bearerTokenSecret: s.key,
  oauth2: s.object({
    'clientId!': keyOrMap,
    'clientSecret!': s.key,
    'tokenUrl!': s.string,
    endpointParams: s.strings,
    scopes: s.list(s.string),
    tlsConfig: s.object(safeTls),
  } + proxy),
};

local endpoint = authentication {
  enableHttp2: s.boolean,
  filterRunning: s.boolean,
  followRedirects: s.boolean,
  honorLabels: s.boolean,
  honorTimestamps: s.boolean,
  interval: s.duration,
  metricRelabelings: relabelings,
  params: s.map(s.list(s.string)),
  path: s.string,
  port: s.string,
  proxyUrl: s.string,
  relabelings: relabelings,
  scheme: s.enum(['http', 'https']),
  scrapeTimeout: s.duration,
  targetPort: s.intOrString,
  trackTimestampsStaleness: s.boolean,
};

// What limits one target, in all three kinds of them.
local limits = {
  keepDroppedTargets: s.long,
  labelLimit: s.long,
  labelNameLengthLimit: s.long,
  labelValueLengthLimit: s.long,
  nativeHistogramBucketLimit: s.long,
  nativeHistogramMinBucketFactor: s.quantity,
  sampleLimit: s.long,
  scrapeClass: s.string { minLength: 1 },
  scrapeClassicHistograms: s.boolean,
  scrapeProtocols: s.list(s.string),
  fallbackScrapeProtocol: s.string,
  targetLimit: s.long,
};

local selection = {
  attachMetadata: s.object({ node: s.boolean }),
  bodySizeLimit: s.string,
  jobLabel: s.string,
  namespaceSelector: s.object({ any: s.boolean, matchNames: s.list(s.string) }),
  podTargetLabels: s.list(s.string),
  'selector!': s.labelSelector,
  selectorMechanism: s.enum(['RelabelConfig', 'RoleSelector']),
};

{
  serviceMonitor: new('ServiceMonitor', 'smon', definition.version('v1', {
    'spec!': s.object(limits + selection + {
      'endpoints!': s.list(s.object(endpoint {
        bearerTokenFile: s.string,
        tlsConfig: s.object(safeTls { caFile: s.string, certFile: s.string, keyFile: s.string }),
      })),
      targetLabels: s.list(s.string),
    }),
  })),

  podMonitor: new('PodMonitor', 'pmon', definition.version('v1', {
    'spec!': s.object(limits + selection + {
      podMetricsEndpoints: s.list(s.object(endpoint {
        portNumber: s.integer,
        tlsConfig: s.object(safeTls),
      })),
    }),
  })),

  probe: new('Probe', 'prb', definition.version('v1', {
    'spec!': s.object(limits + authentication + {
      interval: s.duration,
      jobName: s.string,
      metricRelabelings: relabelings,
      module: s.string,
      prober: s.object({ 'url!': s.string, path: s.string, proxyUrl: s.string, scheme: s.enum(['http', 'https']) }),
      scrapeTimeout: s.duration,
      targets: s.object({
        ingress: s.object({
          namespaceSelector: s.object({ any: s.boolean, matchNames: s.list(s.string) }),
          relabelingConfigs: relabelings,
          selector: s.labelSelector,
        }),
        staticConfig: s.object({ labels: s.strings, relabelingConfigs: relabelings, static: s.list(s.string) }),
      }),
      tlsConfig: s.object(safeTls),
    }),
  })),

  prometheusRule: new('PrometheusRule', 'promrule', definition.version('v1', {
    'spec!': s.object({
      groups: s.list(s.object({
        'name!': s.string { minLength: 1 },
        interval: s.duration,
        labels: s.strings,
        limit: s.integer,
        partial_response_strategy: s.enum(['', 'abort', 'warn']),
        query_offset: s.duration,
        rules: s.list(s.object({
          alert: s.string,
          annotations: s.strings,
          'expr!': s.intOrString,
          'for': s.duration,
          keep_firing_for: s.duration,
          labels: s.strings,
          record: s.string,
        })),
      })),
    }),
  })),
}
