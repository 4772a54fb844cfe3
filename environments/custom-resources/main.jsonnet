// Kinds of objects that several systems have and none of them owns. Flux waits for them before it
// applies anything else.
local datadog = import 'definitions/datadog.libsonnet';
local gatewayApi = import 'definitions/gateway-api.libsonnet';
local prometheusOperator = import 'definitions/prometheus-operator.libsonnet';
local platform = import 'platform.libsonnet';

local data(account) = {
  gatewayApi: gatewayApi,
  prometheusOperator: prometheusOperator {
    // The monitoring brings the kinds of its own servers.
    server:: super.server,
  },
  datadog: datadog,
};

// The namespace is for form's sake: definitions have none.
platform.environments('custom-resources', 'default', ['dev', 'shared', 'prod'], data, {
  'fluxcd.io/prune': 'false',
})
