// Secrets of Vault as files: the provider for the Secrets Store CSI driver, on every node. Vault
// itself is run by `vault-operator`.
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local nodetaint = import 'nodetaint.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';

local container = k.core.v1.container;
local daemonSet = k.apps.v1.daemonSet;
local networkPolicy = k.networking.v1.networkPolicy;
local probe = k.core.v1.probe;

local provider = 'vault-csi-provider';
// Not `vault`: what runs there must not have the rights on nodes that this needs.
local namespace = provider;

// What the agent keeps of a node's secrets grows with the pods on it.
local agentMemory = { dev: '64Mi', shared: '64Mi', prod: '128Mi' };

local resources(cpu, memory) = container.withResources(cpu, memory).resources;

local hardened(container) = container {
  securityContext+: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
};

local data(account) = {
  local release = self.release,

  // The driver finds its providers by sockets in a folder of the node.
  namespace: platform.namespace(namespace, 'privileged'),

  release: helm.patch(
    helm.new(std.thisFile).template(provider, '../../charts/vault-csi-provider', helm.cluster(account) {
      namespace: namespace,
      values: {
        vaultAddr: 'https://vault.' + account.zone.name,
        resources: resources('10m', '48Mi'),
        agent: { logFormat: 'json', resources: resources('10m', agentMemory[account.name]) },
        daemonSet: { updateStrategy: { maxUnavailable: '10%' } },
      },
    }),
    [
      helm.mirrored,
      // A pod with such a volume does not start before the provider runs on its node.
      helm.kind('DaemonSet', nodetaint.systemCritical),
      helm.kind('DaemonSet', daemonSet.mapContainers(hardened)),
      helm.kind('DaemonSet', daemonSet.withPodSecurityContext({ seccompProfile: { type: 'RuntimeDefault' } })),
      // The folder of the sockets is root's.
      helm.kind('DaemonSet', daemonSet.mapContainers(function(container)
        if container.name == provider then container { securityContext+: { runAsUser: 0 } }
        // It has no port: what it serves is the other container, over a socket.
        else container {
          local alive = probe.exec(['test', '-S', '/var/run/vault/agent.sock']),
          livenessProbe: alive,
          readinessProbe: alive,
        })),
    ]
  ),

  networkPolicy: networkPolicy.forWorkload(
    release.daemon_set_vault_csi_provider,
    egress=[traffic.toDns, traffic.toApiServer(account), traffic.toVault(account)],
  ),
};

platform.environments('vault', namespace, ['dev', 'shared', 'prod'], data, {
  // It starts without Vault, but is of no use.
  'fluxcd.io/depends-on': 'vault-operator',
})
