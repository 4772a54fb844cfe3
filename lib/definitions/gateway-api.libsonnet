// gateway.networking.k8s.io: the standard channel. Istio and external-dns watch all of these.
local definition = import 'definition.libsonnet';
local s = import 'schema.libsonnet';

local group = 'gateway.networking.k8s.io';

// The API server lets nobody but Kubernetes' own projects have names below `k8s.io`.
local approved = { metadata+: { annotations+: {
  'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/3328',
  'gateway.networking.k8s.io/bundle-version': 'v1.2.1',
  'gateway.networking.k8s.io/channel': 'standard',
} } };

local new(kind, versions, plural=std.asciiLower(kind) + 's', scope='Namespaced', shortNames=[]) =
  definition.new(group, kind, versions, plural=plural, scope=scope, shortNames=shortNames, categories=['gateway-api'])
  + approved;

// The kinds that are older than v1.
local both(version) = [version, definition.also(version, 'v1beta1')];

local parentRefs = s.list(s.object({
  'name!': s.string,
  group: s.string,
  kind: s.string,
  namespace: s.string,
  port: s.integer,
  sectionName: s.string,
}));

local backend = {
  'name!': s.string,
  group: s.string,
  kind: s.string,
  namespace: s.string,
  port: s.integer,
};

local header = s.object({ 'name!': s.string, 'value!': s.string });
local matcher = s.object({
  'name!': s.string,
  'value!': s.string,
  type: s.enum(['Exact', 'RegularExpression']),
});
local headerFilter = s.object({ add: s.list(header), set: s.list(header), remove: s.list(s.string) });
local extension = s.object({ 'group!': s.string, 'kind!': s.string, 'name!': s.string });
local fraction = s.object({ 'numerator!': s.integer, denominator: s.integer });
local mirror = s.object({ 'backendRef!': s.object(backend), percent: s.integer, fraction: fraction });

local path = s.object({
  'type!': s.enum(['ReplaceFullPath', 'ReplacePrefixMatch']),
  replaceFullPath: s.string,
  replacePrefixMatch: s.string,
});

local httpFilters = s.list(s.object({
  'type!': s.enum([
    'RequestHeaderModifier',
    'ResponseHeaderModifier',
    'RequestMirror',
    'RequestRedirect',
    'URLRewrite',
    'ExtensionRef',
  ]),
  requestHeaderModifier: headerFilter,
  responseHeaderModifier: headerFilter,
  requestMirror: mirror,
  requestRedirect: s.object({
    scheme: s.enum(['http', 'https']),
    hostname: s.string,
    path: path,
    port: s.integer,
    statusCode: { type: 'integer', enum: [301, 302] },
  }),
  urlRewrite: s.object({ hostname: s.string, path: path }),
  extensionRef: extension,
}));

local grpcFilters = s.list(s.object({
  'type!': s.enum(['ResponseHeaderModifier', 'RequestHeaderModifier', 'RequestMirror', 'ExtensionRef']),
  requestHeaderModifier: headerFilter,
  responseHeaderModifier: headerFilter,
  requestMirror: mirror,
  extensionRef: extension,
}));

local backendRefs(filters) = s.list(s.object(backend { weight: s.integer, filters: filters }));

local certificate = s.object({ 'name!': s.string, group: s.string, kind: s.string, namespace: s.string });

{
  gatewayClass: new(
    'GatewayClass',
    both(definition.version('v1', { 'spec!': s.object({
      'controllerName!': s.string,
      description: s.string,
      parametersRef: s.object({ 'group!': s.string, 'kind!': s.string, 'name!': s.string, namespace: s.string }),
    }) }, { Controller: '.spec.controllerName' })),
    plural='gatewayclasses',
    scope='Cluster',
    shortNames=['gc'],
  ),

  gateway: new(
    'Gateway',
    both(definition.version('v1', { 'spec!': s.object({
      'gatewayClassName!': s.string,
      addresses: s.list(s.object({ 'value!': s.string, type: s.string })),
      infrastructure: s.object({ annotations: s.strings, labels: s.strings, parametersRef: extension }),
      'listeners!': s.list(s.object({
        'name!': s.string,
        'port!': s.integer { minimum: 1, maximum: 65535 },
        'protocol!': s.string,
        hostname: s.string,
        allowedRoutes: s.object({
          kinds: s.list(s.object({ 'kind!': s.string, group: s.string })),
          namespaces: s.object({ from: s.enum(['All', 'Selector', 'Same']), selector: s.labelSelector }),
        }),
        tls: s.object({
          mode: s.enum(['Terminate', 'Passthrough']),
          certificateRefs: s.list(certificate),
          options: s.strings,
        }),
      })) { minItems: 1 },
    }) }, { Class: '.spec.gatewayClassName', Address: '.status.addresses[*].value' })),
    shortNames=['gtw'],
  ),

  httpRoute: new('HTTPRoute', both(definition.version('v1', { 'spec!': s.object({
    hostnames: s.list(s.string),
    parentRefs: parentRefs,
    rules: s.list(s.object({
      name: s.string,
      backendRefs: backendRefs(httpFilters),
      filters: httpFilters,
      matches: s.list(s.object({
        headers: s.list(matcher),
        queryParams: s.list(matcher),
        method: s.enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']),
        path: s.object({ type: s.enum(['Exact', 'PathPrefix', 'RegularExpression']), value: s.string }),
      })),
      timeouts: s.object({ request: s.string, backendRequest: s.string }),
    })),
  }) }, { Hostnames: '.spec.hostnames' }))),

  grpcRoute: new('GRPCRoute', [definition.version('v1', { spec: s.object({
    hostnames: s.list(s.string),
    parentRefs: parentRefs,
    rules: s.list(s.object({
      name: s.string,
      backendRefs: backendRefs(grpcFilters),
      filters: grpcFilters,
      matches: s.list(s.object({
        headers: s.list(matcher),
        method: s.object({ type: s.enum(['Exact', 'RegularExpression']), service: s.string, method: s.string }),
      })),
    })),
  }) }, { Hostnames: '.spec.hostnames' })]),

  referenceGrant: new('ReferenceGrant', [definition.version('v1beta1', { spec: s.object({
    'from!': s.list(s.object({ 'group!': s.string, 'kind!': s.string, 'namespace!': s.string })),
    'to!': s.list(s.object({ 'group!': s.string, 'kind!': s.string, name: s.string })),
  }) }, subresources={})], shortNames=['refgrant']),
}
