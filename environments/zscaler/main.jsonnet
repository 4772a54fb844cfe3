// The connectors of Zscaler Private Access: how people reach what is only served inside. They dial
// out to Zscaler, which hands them the connections of those who may.
local application = import 'application.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local deployment = k.apps.v1.deployment;
local probe = k.core.v1.probe;

local name = 'zscaler';
local namespace = name;

// A connector carries about 500 Mbit/s for each core.
local sizes = {
  dev: { replicas: 2, cpu: '250m', memory: '512Mi' },
  shared: { replicas: 2, cpu: '500m', memory: '1Gi' },
  prod: { replicas: 3, cpu: '1', memory: '2Gi' },
};

// What people may be let through to; who of them is decided at Zscaler.
local ports = [22, 80, 443, 5432];

local data(account) = {
  local size = sizes[account.name],

  // The capabilities below are more than baseline allows.
  namespace: platform.namespace(namespace, 'privileged'),

  connector: application.new({
    name: name,
    namespace: namespace,
    account: account,
    image: platform.image('zscaler/zpa-connector', '24.388.1'),
    vault: true,
    command: ['/opt/zscaler/bin/zpa-connector'],
    replicas: size.replicas,
    cpu: size.cpu,
    memory: size.memory,
    // Nobody connects to it.
    ports: {},
    service: false,
    // The child is there as long as the connection to Zscaler is; enrolling takes a while.
    liveness: probe.exec(['pgrep', '-x', 'zpa-connector-child'], period=30, failures=4),
    readiness: probe.exec(['pgrep', '-x', 'zpa-connector-child']),
    startup: probe.exec(['pgrep', '-x', 'zpa-connector-child'], failures=30),
    env: {
      ZPA_PROVISION_KEY: vault.ref('%s/%s/connector' % [account.name, name], 'provisioning_key'),
    },
    // The identity that a connector enrols for. It ends with the pod: a new pod enrols anew, and
    // Zscaler forgets those that are gone.
    scratch: { '/opt/zscaler/var': '256Mi', '/tmp': '64Mi' },
    egress: [
      traffic.toInternet(),
      { to: traffic.toInternet().to, ports: [{ protocol: 'UDP', port: 443 }] },
      traffic.toVpc(account, ports),
    ],
  }) {
    // It gives itself priority and marks packets. A user who is not root has these capabilities from
    // the program's file, which counts as escalation.
    container+: { securityContext+: {
      allowPrivilegeEscalation: true,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_BIND_SERVICE', 'SYS_NICE', 'SYS_TIME'] },
    } },
    workload+:
      // Connections of people last: they get the time to move to another connector.
      deployment.withTerminationGracePeriodSeconds(300)
      + deployment.withRollingUpdate(1, 0),
  },
};

platform.environments(name, namespace, ['dev', 'shared', 'prod'], data, vault.readerLabels())
