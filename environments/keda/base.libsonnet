// Scales workloads by what waits for them: queues, topics, schedules. Their ScaledObjects stand
// with the workloads.
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local tk = import 'tk';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local peer = networkPolicy.peer;
local rbac = k.rbac.v1;
local rule = rbac.rule;

local account = platform.accountOf(tk.env);
local namespace = tk.env.spec.namespace;

local size = {
  dev: { replicas: 1, operatorMemory: '256Mi' },
  shared: { replicas: 2, operatorMemory: '256Mi' },
  prod: { replicas: 2, operatorMemory: '512Mi' },
}[account.name];

local operator = 'keda-operator';
local adapter = 'keda-operator-metrics-apiserver';
local webhooks = 'keda-admission-webhooks';
// The chart gives one account to all three.
local subjects = [rbac.subject.serviceAccount(operator, namespace)];

local release = helm.patch(
  helm.new(std.thisFile).template('keda', '../../charts/keda', helm.cluster(account) {
    namespace: namespace,
    values: {
      operator: {
        replicaCount: size.replicas,
        // The operator makes the certificates of all three and renews them.
        extraArgs: { 'enable-cert-rotation': true },
      },
      metricsServer: { replicaCount: size.replicas },
      webhooks: { replicaCount: size.replicas },
      logging: { operator: { format: 'json' } },
      prometheus: { operator: { enabled: true } },
      resources: {
        operator: container.withResources('100m', size.operatorMemory).resources {
          // The chart's own limit; null takes it away.
          limits+: { cpu: null },
        },
        metricServer: container.withResources('50m', '128Mi').resources { limits+: { cpu: null } },
        webhooks: container.withResources('10m', '64Mi').resources { limits+: { cpu: null } },
      },
    },
  }),
  [
    helm.mirrored,
    helm.controllers(uid=1000),
    helm.keepDefinitions,
    // Queues are read as this role, by workloads that name no other.
    helm.object('ServiceAccount', operator, platform.irsa(account, operator)),

    // Scalers log in by IAM, so nothing here needs the secrets of the whole cluster.
    helm.object('Deployment', operator, deployment.mapContainers(function(container) container {
      env+: [{ name: 'KEDA_RESTRICT_SECRET_ACCESS', value: 'true' }],
    })),
    helm.object('ClusterRole', operator, {
      rules: [each for each in super.rules if !std.member(each.resources, 'secrets')] + [
        // New certificates are announced to the API server.
        rule.read(['admissionregistration.k8s.io'], ['validatingwebhookconfigurations']),
        rule.read(['apiregistration.k8s.io'], ['apiservices']),
        rule.new(['admissionregistration.k8s.io'], ['validatingwebhookconfigurations'], ['update', 'patch'])
        + rule.withResourceNames(['keda-admission']),
        rule.new(['apiregistration.k8s.io'], ['apiservices'], ['update', 'patch'])
        + rule.withResourceNames(['v1beta1.external.metrics.k8s.io']),
      ],
    }),
  ]
);

// Rights that the chart leaves to others.
local rights = {
  local leasesAndCertificates = operator + '-own',
  role: rbac.role.new(leasesAndCertificates, [
    rule.new(['coordination.k8s.io'], ['leases'], ['get', 'list', 'watch', 'create', 'update', 'patch']),
    rule.new([''], ['secrets'], ['get', 'list', 'watch', 'create', 'update', 'patch']),
  ]),
  roleBinding: rbac.roleBinding.new(leasesAndCertificates, leasesAndCertificates, subjects),

  // An aggregated API asks the API server who its callers are and what they may do.
  authDelegator: rbac.clusterRoleBinding.new(adapter + '-auth-delegator', 'system:auth-delegator', subjects),
  authReader:
    rbac.roleBinding.new(adapter + '-auth-reader', 'extension-apiserver-authentication-reader', subjects)
    + rbac.roleBinding.withNamespace('kube-system'),

  // Who reads the metrics: the autoscaler of Kubernetes.
  local reader = 'keda-external-metrics-reader',
  metricsReader: rbac.clusterRole.new(reader, [rule.new(['external.metrics.k8s.io'], ['*'], ['get', 'list'])]),
  metricsReaderBinding: rbac.clusterRoleBinding.new(
    reader, reader, [rbac.subject.serviceAccount('horizontal-pod-autoscaler', 'kube-system')]
  ),
};

local base = [traffic.toDns, traffic.toApiServer(account)];

{
  namespace: platform.namespace(namespace),
  release: release,
  rights: rights,
  budgets: helm.budgets(release),

  metricsService:
    k.core.v1.service.new(
      operator + '-metrics',
      release.deployment_keda_operator.spec.selector.matchLabels,
      [k.core.v1.servicePort.new('metrics', 8080)],
    )
    + k.core.v1.service.withLabels({ 'platform.example.com/scrape': 'true' }),

  networkPolicies: {
    operator: networkPolicy.forWorkload(
      release.deployment_keda_operator,
      ingress=[
        traffic.fromMonitoring(['metrics']),
        networkPolicy.from([peer.pods({ app: adapter })]) + networkPolicy.ports(['metricsservice']),
      ],
      egress=base + [
        // SQS and CloudWatch.
        traffic.toAws,
        // Kafka, with IAM.
        networkPolicy.to([peer.cidr(account.vpcCidr)]) + networkPolicy.ports([9098]),
      ],
    ),
    adapter: networkPolicy.forWorkload(
      release.deployment_keda_operator_metrics_apiserver,
      ingress=[traffic.fromApiServer(account, ['https'])],
      egress=base + [
        networkPolicy.to([peer.pods({ app: operator })]) + networkPolicy.ports(['metricsservice']),
      ],
    ),
    webhooks: networkPolicy.forWorkload(
      release.deployment_keda_admission_webhooks,
      ingress=[traffic.fromApiServer(account, ['http'])],
      egress=base,
    ),
  },
}
