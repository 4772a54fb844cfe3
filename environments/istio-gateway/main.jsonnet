// Where traffic from outside enters the mesh: a network load balancer, proxies behind it, and a
// Gateway that the routes of other namespaces attach to.
local helm = import 'helm.libsonnet';
local istio = import 'istio.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local deployment = k.apps.v1.deployment;
local gateway = istio.gateway;
local networkPolicy = k.networking.v1.networkPolicy;
local probe = k.core.v1.probe;

local name = 'istio-gateway';
local namespace = name;
// The load balancer ends TLS; the proxies need no privileged port and no certificate.
local ports = { https: 8443, status: 15021, metrics: 15020 };

local sizes = {
  dev: { min: 1, max: 3, cpu: '100m', memory: '256Mi' },
  shared: { min: 2, max: 3, cpu: '100m', memory: '256Mi' },
  prod: { min: 3, max: 12, cpu: '500m', memory: '512Mi' },
};

// Only prod is reached by the world; the others by us.
local scheme(account) = if account.name == 'prod' then 'internet-facing' else 'internal';
local hosts(account) = {
  account: '*.' + account.zone.name,
  [if 'publicZone' in account then 'public']: '*.' + account.publicZone.name,
};

local balancer(key) = 'service.beta.kubernetes.io/aws-load-balancer-' + key;

local data(account) = {
  local release = self.release,
  local size = sizes[account.name],

  namespace: platform.namespace(namespace),

  release: helm.patch(
    helm.new(std.thisFile).template(name, '../../charts/istio-gateway', helm.cluster(account) {
      namespace: namespace,
      values: {
        profile: 'ambient',
        containerPorts: [
          { name: portName, containerPort: ports[portName], protocol: 'TCP' }
          for portName in std.objectFields(ports)
        ],
        // No port below 1024, so none of the chart's kernel settings either.
        securityContext: { runAsNonRoot: true },
        service: {
          loadBalancerClass: 'service.k8s.aws/nlb',
          annotations: {
            [balancer('name')]: '%s-gateway' % account.cluster.name,
            [balancer('scheme')]: scheme(account),
            [balancer('nlb-target-type')]: 'ip',
            // Made by Terraform, and found by its name.
            [balancer('ssl-cert')]: 'arn:aws:acm:%s:%s:certificate/%s' % [account.region, account.id, account.zone.name],
            [balancer('ssl-ports')]: '443',
            [balancer('ssl-negotiation-policy')]: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
            [balancer('attributes')]: 'load_balancing.cross_zone.enabled=true,deletion_protection.enabled=%s' % (account.name == 'prod'),
            [balancer('healthcheck-port')]: '%d' % ports.status,
            [balancer('healthcheck-protocol')]: 'http',
            [balancer('healthcheck-path')]: '/healthz/ready',
          },
          ports: [{ name: 'https', port: 443, targetPort: 'https', protocol: 'TCP' }],
        },
        autoscaling: {
          minReplicas: size.min,
          maxReplicas: size.max,
          targetCPUUtilizationPercentage: 70,
          // A proxy that goes takes its connections with it.
          autoscaleBehavior: { scaleDown: {
            stabilizationWindowSeconds: 600,
            policies: [{ type: 'Pods', value: 1, periodSeconds: 300 }],
          } },
        },
        // As long as the load balancer goes on sending after a target was taken off it.
        terminationGracePeriodSeconds: 60,
      },
    }),
    [
      // Pinned, instead of the `auto` that istiod fills in.
      helm.object('Deployment', name, deployment.mapContainers(function(container) container {
        image: platform.image('istio/proxyv2', release.deployment_istio_gateway.metadata.labels['app.kubernetes.io/version']),
      })),
      helm.controllers(uid=1337),
      // For traffic of customers, not for the platform alone: where the other workloads are.
      helm.object('Deployment', name, { spec+: { template+: { spec+: { nodeSelector:: null, tolerations:: null } } } }),
      helm.object('Deployment', name, deployment.withRollingUpdate(1, 0)),
      helm.object('Deployment', name, deployment.mapContainers(function(object)
        object
        // The chart's values cannot take away its limit of the CPU.
        + container.withResources(size.cpu, size.memory)
        + container.withLivenessProbe(probe.http('/healthz/ready', 'status', failures=6))
        + container.withReadinessProbe(probe.http('/healthz/ready', 'status', period=5)))),
    ]
  ),

  budgets: helm.budgets(release),

  gateway:
    gateway.new('public', 'istio', [
      // TLS has ended before, at the load balancer.
      gateway.listener.new(zone, 443, 'HTTP')
      + gateway.listener.withNamespaces(istio.publicLabels)
      + { hostname: hosts(account)[zone] }
      for zone in std.objectFields(hosts(account))
    ])
    + gateway.withService(name, namespace),

  telemetry: istio.telemetry.new('gateway') + istio.telemetry.withFailuresLogged,

  podMonitor: prometheus.podMonitor.new(
    name,
    release.deployment_istio_gateway.spec.selector.matchLabels,
    [prometheus.endpoint.new('metrics', '/stats/prometheus')],
  ),

  networkPolicy: networkPolicy.forWorkload(
    release.deployment_istio_gateway,
    ingress=[
      traffic.fromMonitoring(['metrics']),
      // Balancers keep the address of the caller.
      networkPolicy.from([networkPolicy.peer.cidr(if account.name == 'prod' then '0.0.0.0/0' else '10.0.0.0/8')])
      + networkPolicy.ports(['https']),
      // Health, by the balancer itself.
      traffic.fromLoadBalancer(account, ['status']),
    ],
    egress=[
      traffic.toDns,
      // Configuration and certificate.
      traffic.toPods({ app: 'istiod' }, [15012], 'istio-system'),
      // Services, in whichever namespace and at whichever port.
      networkPolicy.to([networkPolicy.peer.namespacesWith({})]),
    ],
  ),
};

platform.environments(name, namespace, ['dev', 'shared', 'prod'], data, {
  // istiod fills in the pods.
  'fluxcd.io/depends-on': 'istio-system',
})
