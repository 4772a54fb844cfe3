// monitoring.coreos.com: what systems say about their own monitoring and, under `server`, the
// servers that the operator runs, for whoever runs the monitoring.
local definition = import 'definition.libsonnet';
local s = import 'schema.libsonnet';

local group = 'monitoring.coreos.com';

local new(kind, shortName, version, plural=std.asciiLower(kind) + 's') =
  definition.new(group, kind, [version], plural, shortNames=[shortName], categories=['prometheus-operator']);

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

  server: {
    local scale = {
      status: {},
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.status.selector',
      },
    },
    // The pods of either.
    local pods = {
      affinity: s.any,
      containers: s.list(s.any),
      externalUrl: s.string,
      image: s.string,
      imagePullSecrets: s.list(s.object({ name: s.string })),
      initContainers: s.list(s.any),
      listenLocal: s.boolean,
      logFormat: s.enum(['', 'logfmt', 'json']),
      logLevel: s.enum(['', 'debug', 'info', 'warn', 'error']),
      minReadySeconds: s.integer,
      nodeSelector: s.strings,
      paused: s.boolean,
      podMetadata: s.metadata,
      portName: s.string,
      priorityClassName: s.string,
      replicas: s.integer,
      resources: s.resources,
      retention: s.string,
      routePrefix: s.string,
      secrets: s.list(s.string),
      configMaps: s.list(s.string),
      securityContext: s.any,
      serviceAccountName: s.string,
      storage: s.object({
        disableMountSubPath: s.boolean,
        emptyDir: s.any,
        ephemeral: s.any,
        volumeClaimTemplate: s.any,
      }),
      tolerations: s.list(s.toleration),
      topologySpreadConstraints: s.list(s.any),
      version: s.string,
      volumeMounts: s.list(s.any),
      volumes: s.list(s.any),
    },
    // Which objects a server takes notice of: by their labels, in which namespaces.
    local selectors(kinds) = {
      [kind + suffix]: s.labelSelector
      for kind in kinds
      for suffix in ['Selector', 'NamespaceSelector']
    },

    prometheus: new('Prometheus', 'prom', definition.version('v1', {
      // Open: it has more fields than are worth repeating.
      'spec!': s.open(pods + selectors(['podMonitor', 'probe', 'rule', 'scrapeConfig', 'serviceMonitor']) {
        additionalScrapeConfigs: s.key,
        alerting: s.object({ 'alertmanagers!': s.list(s.open({
          'name!': s.string,
          'port!': s.intOrString,
          namespace: s.string,
          apiVersion: s.string,
          pathPrefix: s.string,
          scheme: s.string,
        })) }),
        enableAdminAPI: s.boolean,
        enableRemoteWriteReceiver: s.boolean,
        evaluationInterval: s.duration,
        externalLabels: s.strings,
        remoteWrite: s.list(s.open({ 'url!': s.string, name: s.string })),
        retentionSize: s.string,
        scrapeInterval: s.duration,
        scrapeTimeout: s.duration,
        shards: s.integer,
        walCompression: s.boolean,
      }),
    }, { Version: '.spec.version', Desired: '.spec.replicas', Ready: '.status.availableReplicas' }, scale), plural='prometheuses'),

    alertmanager: new('Alertmanager', 'am', definition.version('v1', {
      'spec!': s.open(pods + selectors(['alertmanagerConfig']) {
        alertmanagerConfiguration: s.any,
        alertmanagerConfigMatcherStrategy: s.object({ type: s.string }),
        clusterAdvertiseAddress: s.string,
        clusterGossipInterval: s.string,
        configSecret: s.string,
        forceEnableClusterMode: s.boolean,
      }),
    }, { Version: '.spec.version', Replicas: '.spec.replicas', Ready: '.status.availableReplicas' }, scale)),
  },
}
