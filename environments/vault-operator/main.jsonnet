// Vault, one cluster of it in each account, run by the operator: storage, unsealing, and what is
// configured inside.
local alerts = import 'alerts.libsonnet';
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local prometheus = import 'prometheus.libsonnet';
local traffic = import 'traffic.libsonnet';
local webhook = import 'webhook.libsonnet';

local container = k.core.v1.container;
local networkPolicy = k.networking.v1.networkPolicy;
local peer = networkPolicy.peer;
local rbac = k.rbac.v1;
local rule = rbac.rule;

local namespace = 'vault-operator';
// Backed up by velero.
local vaultNamespace = 'vault';
local bankVaultsImage = platform.image('bank-vaults/bank-vaults', 'v1.31.2');

local sizes = {
  dev: { nodes: 1, memory: '256Mi', disk: '10Gi' },
  shared: { nodes: 3, memory: '512Mi', disk: '10Gi' },
  prod: { nodes: 3, memory: '1Gi', disk: '50Gi' },
};

// Systems that log in with their service account, which is called like the system, and read what
// is below their name. A part of a system with secrets of its own is a reader of its own.
local part(name, namespace) = { name: name, namespace: namespace };
local applications = [
  'atlantis',
  'cloudzero',
  'langsmith',
  'llm-proxy',
  part('open-webui', 'llm-proxy'),
  'milvus',
  'n8n',
  part('orders-api', 'orders-worker'),
  part('orders-events', 'orders-worker'),
  'strongdm',
  'trino-a',
  'trino-gateway',
  'trino-mcp',
];
local readers = {
  dev: applications,
  shared: [
    'cloudzero',
    'depesz',
    'llm-proxy',
    part('open-webui', 'llm-proxy'),
    'platform-insights',
    'policy-bot',
    'slack-group-updater',
    'strongdm',
  ],
  prod: applications,
};
// In every account.
local infrastructure = ['upwind-operator', 'zscaler'];

local readersOf(account) = [
  if std.isString(reader) then part(reader, reader) else reader
  for reader in readers[account.name] + infrastructure
];

local inVaultNamespace = { metadata+: { namespace: vaultNamespace } };
local resources(cpu, memory) = container.withResources(cpu, memory).resources;

local vault(account) = {
  local size = sizes[account.name],
  local host = 'vault.' + account.zone.name,
  local labels = { 'app.kubernetes.io/name': 'vault', vault_cr: 'vault' },
  local subjects = [rbac.subject.serviceAccount('vault', vaultNamespace)],

  // Baseline: the operator gives the containers that it adds no security context.
  namespace: platform.namespace(vaultNamespace, 'baseline'),

  serviceAccount:
    k.core.v1.serviceAccount.new('vault') + platform.irsa(account, 'vault') + inVaultNamespace,

  // Vault marks the pod that leads, for the services.
  role: rbac.role.new('vault', [rule.new([''], ['pods'], ['get', 'update', 'patch'])]) + inVaultNamespace,
  roleBinding: rbac.roleBinding.new('vault', 'vault', subjects) + inVaultNamespace,

  // Vault asks the API server whether the token of a service account is one.
  tokenReview: rbac.clusterRoleBinding.new('vault-auth-delegator', 'system:auth-delegator', subjects),

  cluster: inVaultNamespace {
    apiVersion: 'vault.banzaicloud.com/v1alpha1',
    kind: 'Vault',
    metadata+: { name: 'vault' },
    spec: {
      local spec = self,

      size: size.nodes,
      image: platform.image('hashicorp/vault', '1.20.4'),
      bankVaultsImage: bankVaultsImage,
      serviceAccount: 'vault',
      serviceRegistrationEnabled: true,
      // Vault serves its metrics itself; see `telemetry`.
      statsdDisabled: true,

      vaultLabels: labels,
      // Vault reads them when it starts; a new pod for each change of the settings below.
      vaultAnnotations: { 'checksum/config': std.md5(std.manifestJsonEx(spec.config, '')) },
      vaultEnvsConfig: [
        { name: 'VAULT_LOG_FORMAT', value: 'json' },
        { name: 'VAULT_LOG_LEVEL', value: 'info' },
      ],
      // For both containers: the region of the key that unseals.
      envsConfig: [{ name: 'AWS_REGION', value: account.region }],

      // The certificate of the pods, from an authority that the operator makes: renewed a week
      // before its end, and good for the public name as well, by which they know each other.
      tlsExpiryThreshold: '168h',
      tlsAdditionalHosts: [host],

      // The raft store is on disk and encrypted, so that memory need not be locked: without that
      // capability Vault needs none.
      skipVaultContainerCapabilities: true,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 100,
        runAsGroup: 1000,
        fsGroup: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      vaultContainerSpec: {
        name: 'vault',
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },

      nodeSelector: { [platform.poolLabel]: 'system' },
      tolerations: [k.core.v1.toleration.exists('CriticalAddonsOnly')],
      podAntiAffinity: 'topology.kubernetes.io/zone',
      resources: {
        vault: resources('250m', size.memory),
        bankVaults: resources('10m', '64Mi'),
      },
      volumeClaimTemplates: [{
        metadata: { name: 'raft' },
        spec: k.core.v1.persistentVolumeClaim.new('raft', size.disk, 'gp3').spec,
      }],
      volumeMounts: [k.core.v1.volumeMount.new('raft', '/vault/file')],

      // The load balancer ends TLS with the public certificate of the name, and speaks TLS again
      // to the pods, with the certificate that the operator makes.
      ingress: {
        annotations: {
          'alb.ingress.kubernetes.io/scheme': 'internal',
          'alb.ingress.kubernetes.io/target-type': 'ip',
          'alb.ingress.kubernetes.io/backend-protocol': 'HTTPS',
          'alb.ingress.kubernetes.io/healthcheck-path': '/v1/sys/health?standbycode=200',
          'alb.ingress.kubernetes.io/listen-ports': '[{"HTTPS":443}]',
        },
        spec: {
          ingressClassName: 'alb',
          rules: [{
            host: host,
            http: { paths: [{
              path: '/',
              pathType: 'Prefix',
              backend: { service: { name: 'vault', port: { number: 8200 } } },
            }] },
          }],
        },
      },

      config: {
        storage: { raft: { path: '/vault/file' } },
        disable_mlock: true,
        listener: { tcp: {
          address: '0.0.0.0:8200',
          tls_cert_file: '/vault/tls/server.crt',
          tls_key_file: '/vault/tls/server.key',
          // Prometheus has no token of Vault. The metrics name paths and no secrets, and the
          // network policy says who gets as far as here.
          telemetry: { unauthenticated_metrics_access: true },
        } },
        telemetry: { prometheus_retention_time: '60s', disable_hostname: true },
        api_addr: 'https://' + host,
        // Filled in by the operator, for each pod.
        cluster_addr: 'https://${.Env.POD_NAME}:8201',
        ui: true,
      },

      // The keys lie in S3, encrypted with a key of KMS that only this role may use: a pod that
      // restarts at night unseals itself.
      unsealConfig: { aws: {
        kmsKeyId: 'alias/%s-vault' % account.cluster.name,
        kmsRegion: account.region,
        s3Bucket: 'vault-unseal-%s-%s' % [account.cluster.name, account.id],
        s3Prefix: 'vault',
        s3Region: account.region,
        s3SSE: 'aws:kms',
      } },

      externalConfig: {
        // To standard output, where the log agent collects it: without an audit log Vault must
        // not answer.
        audit: [{ type: 'file', description: 'All requests', options: { file_path: 'stdout' } }],
        secrets: [{ type: 'kv', path: 'secret', description: 'Secrets by account and system', options: { version: 2 } }],
        policies: [
          {
            name: reader.name,
            rules: 'path "secret/data/%s/%s/*" { capabilities = ["read"] }' % [account.name, reader.name],
          }
          for reader in readersOf(account)
        ],
        // The path and the roles that `vault.inject` names.
        auth: [{
          type: 'kubernetes',
          path: account.cluster.name,
          roles: [
            {
              name: reader.name,
              bound_service_account_names: [reader.name],
              bound_service_account_namespaces: [reader.namespace],
              policies: [reader.name],
              ttl: '1h',
            }
            for reader in readersOf(account)
          ],
        }],
      },
    },
  },

  serviceMonitor:
    prometheus.serviceMonitor.new('vault', labels, [
      prometheus.endpoint.new('api-port', '/v1/sys/metrics') {
        params: { format: ['prometheus'] },
        scheme: 'https',
        // The operator keeps its authority in this secret.
        tlsConfig: { serverName: host, ca: { secret: { name: 'vault-tls', key: 'ca.crt' } } },
      },
    ])
    + inVaultNamespace,

  rules:
    prometheus.prometheusRule.new('vault', { vault: [
      alerts.new(
        'VaultSealed',
        'vault_core_unsealed == 0',
        '5m',
        'critical',
        '{{ $labels.pod }} is sealed: does it reach the key in KMS?'
      ),
      alerts.new(
        'VaultWithoutLeader',
        'max(vault_core_active) == 0',
        '2m',
        'critical',
        'No pod of Vault leads, so that nothing can be read or written'
      ),
      alerts.new(
        'VaultAuditFails',
        'sum(increase(vault_audit_log_request_failure[10m])) > 0',
        '0m',
        'critical',
        'Requests are refused, because they cannot be logged'
      ),
    ] })
    + inVaultNamespace,

  // A budget for a single node would only block the drain.
  [if sizes[account.name].nodes > 1 then 'podDisruptionBudget']:
    k.policy.v1.podDisruptionBudget.new('vault', labels) + inVaultNamespace,

  networkPolicy:
    networkPolicy.new(
      'vault',
      labels,
      ingress=[
        // Pods of the cluster, the operator, and the load balancer.
        networkPolicy.from([peer.namespacesWith({}), peer.cidr(account.vpcCidr)]) + networkPolicy.ports([8200]),
        networkPolicy.from([peer.pods(labels)]) + networkPolicy.ports([8200, 8201]),
      ],
      egress=[
        traffic.toDns,
        traffic.toApiServer(account),
        // KMS and S3.
        traffic.toAws,
        networkPolicy.to([peer.pods(labels)]) + networkPolicy.ports([8200, 8201]),
      ],
    )
    + inVaultNamespace,
};

local operator(account) = {
  local release = self.release,
  local name = 'vault-operator',
  local subjects = [rbac.subject.serviceAccount(name, namespace)],

  release: helm.patch(
    helm.new(std.thisFile).template(name, '../../charts/vault-operator', helm.cluster(account) {
      namespace: namespace,
      values: {
        // A second one takes over within seconds, and nothing waits for it: Vault runs on.
        replicaCount: 1,
        watchNamespace: vaultNamespace,
        image: {
          // The chart puts them together again.
          local reference = std.splitLimitR(bankVaultsImage, ':', 1),
          bankVaultsRepository: reference[0],
          bankVaultsTag: reference[1],
        },
        resources: resources('50m', '128Mi'),
      },
    }),
    [
      helm.mirrored,
      helm.controllers(uid=65534),
      helm.keepDefinitions,
      helm.object('Service', name, k.core.v1.service.withLabels({ 'platform.example.com/scrape': 'true' })),
      // It may read and write any secret: not in the whole cluster, when it is for one namespace.
      helm.without('ClusterRoleBinding', name),
    ]
  ),

  roleBinding:
    rbac.roleBinding.new(name, name, subjects) + inVaultNamespace { roleRef+: { kind: 'ClusterRole' } },

  // The lease by which one of them leads lies where it runs.
  leaderRole: rbac.role.new(name + '-leader', [
    rule.new(['coordination.k8s.io'], ['leases'], ['get', 'list', 'watch', 'create', 'update', 'patch']),
    rule.read([''], ['pods']),
  ]),
  leaderRoleBinding: rbac.roleBinding.new(name + '-leader', name + '-leader', subjects),

  networkPolicy: networkPolicy.forWorkload(
    release.deployment_vault_operator,
    ingress=[traffic.fromMonitoring(['metrics'])],
    egress=[
      traffic.toDns,
      traffic.toApiServer(account),
      networkPolicy.to([peer.namespace(vaultNamespace)]) + networkPolicy.ports([8200]),
    ],
  ),
};

local data(account) = {
  namespace: platform.namespace(namespace),
  operator: operator(account),
  vault: vault(account),
  webhook: webhook(account, namespace, std.thisFile),
};

platform.environments('vault-operator', namespace, ['dev', 'shared', 'prod'], data, {
  // A Vault that left the tree by mistake would take its pods with it.
  'fluxcd.io/prune': 'false',
})
