// Access of people to databases, servers and clusters, with a record of it. Relays in each account
// dial out to the gateway in shared: nothing has to be open towards the accounts.
local application = import 'application.libsonnet';
local database = import 'database.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local deployment = k.apps.v1.deployment;
local networkPolicy = k.networking.v1.networkPolicy;
local rbac = k.rbac.v1;
local service = k.core.v1.service;

local name = 'strongdm';
local namespace = name;
local gatewayPort = 5000;
local labels(node) = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': node };

// Groups of people, and what they may do through a relay. What the relay itself may do is to be
// one of these, and nobody else.
local groups = {
  engineering: 'view',
  'team-platform': 'cluster-admin',
};

local access = {
  impersonator: rbac.clusterRole.new('strongdm-impersonator', [
    rbac.rule.new([''], ['groups'], ['impersonate']) + rbac.rule.withResourceNames(std.objectFields(groups)),
    // Names are for the audit log, no right hangs on them. They cannot be listed beforehand.
    rbac.rule.new([''], ['users'], ['impersonate']),
  ]),
  impersonatorBinding: rbac.clusterRoleBinding.new(
    'strongdm-impersonator', 'strongdm-impersonator', [rbac.subject.serviceAccount(name, namespace)]
  ),
  groups: {
    [group]: rbac.clusterRoleBinding.new('strongdm-' + group, groups[group], [rbac.subject.group(group)])
    for group in std.objectFields(groups)
  },
};

// A token stands for one node: nodes are deployments of one pod each, not replicas.
local node(account, component, port=null) = application.new({
  name: '%s-%s' % [name, component],
  namespace: namespace,
  account: account,
  labels: labels(component),
  serviceAccount: name,
  image: platform.image('sdmrepo/relay', '47.29.0'),
  // Vault, and the API server for `access`, know it by the token of the service account.
  vault: true,
  command: ['/usr/local/bin/sdm', 'relay'],
  replicas: 1,
  cpu: '100m',
  memory: '512Mi',
  uid: 9999,
  // A relay dials out; the gateway has a service of another kind.
  service: false,
  ports: { probes: 9090 } + (if port == null then {} else { gateway: port }),
  liveness: k.core.v1.probe.http('/liveness', 'probes'),
  readiness: k.core.v1.probe.http('/liveness', 'probes'),
  scratch: { '/home/sdm/.sdm': '256Mi', '/tmp': '64Mi' },
  env: {
    SDM_RELAY_TOKEN: vault.ref('%s/%s/%s' % [account.name, name, component], 'token'),
    SDM_ORCHESTRATOR_PROBES: ':9090',
    // Recordings go with the audit log, and not to a disk that ends with the pod.
    SDM_RELAY_LOG_FORMAT: 'json',
    SDM_RELAY_LOG_STORAGE: 'stdout',
    HOME: '/home/sdm',
  },
  egress: [
    // Databases, servers, and the API server.
    traffic.toVpc(account, [22, 443, database.port]),
    // The service that knows who may do what, and the gateway.
    traffic.toInternet([443, gatewayPort]),
  ],
}) {
  // Of one name and token there must not be two, not even while one is replaced.
  workload+: deployment.withRecreate,
};

local relays = ['relay-a', 'relay-b'];

local data(account) = {
  namespace: platform.namespace(namespace),
  serviceAccount: k.core.v1.serviceAccount.new(name),
  access: access,

  relays: {
    [relay]: node(account, relay) {
      // In another zone than the other one.
      workload+: platform.spread(deployment, { 'app.kubernetes.io/name': name }),
    }
    for relay in relays
  },

  // One at a time, of all nodes.
  podDisruptionBudget: k.policy.v1.podDisruptionBudget.new(name, { 'app.kubernetes.io/name': name }),

  // The one door that is open to the internet: clients come with a certificate of StrongDM.
  [if account.name == 'shared' then 'gateway']: node(account, 'gateway', gatewayPort) {
    service:
      service.new(
        name + '-gateway',
        labels('gateway'),
        [k.core.v1.servicePort.new('gateway', gatewayPort)]
      )
      + service.withAnnotations({
        'external-dns.alpha.kubernetes.io/hostname': '%s.%s' % [name, account.zone.name],
        'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing',
        'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'ip',
        'service.beta.kubernetes.io/aws-load-balancer-healthcheck-port': '9090',
        'service.beta.kubernetes.io/aws-load-balancer-healthcheck-path': '/liveness',
      })
      + { spec+: { type: 'LoadBalancer', loadBalancerClass: 'service.k8s.aws/nlb' } },

    networkPolicy+: { spec+: { ingress+: [
      networkPolicy.from([networkPolicy.peer.cidr('0.0.0.0/0')]) + networkPolicy.ports(['gateway']),
      // Health checks of the load balancer.
      traffic.fromLoadBalancer(account, ['probes']),
    ] } },
  },
};

platform.environments(name, namespace, ['dev', 'shared', 'prod'], data, vault.readerLabels())
