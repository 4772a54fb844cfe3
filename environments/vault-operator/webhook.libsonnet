// The webhook that lets pods have `vault:` references (lib/vault.libsonnet): it puts a program
// before that of a container, which asks Vault for the values and hands them on.
local helm = import 'helm.libsonnet';
local k = import 'k.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';
local webhookCertificate = import 'webhook-certificate.libsonnet';

local container = k.core.v1.container;
local networkPolicy = k.networking.v1.networkPolicy;

local name = 'vault-secrets-webhook';
local secret = name + '-tls';
local replicas = { dev: 1, shared: 2, prod: 3 };

function(account, namespace, calledFrom) {
  local release = self.release,

  release: helm.patch(
    helm.new(calledFrom).template(name, '../../charts/vault-secrets-webhook', helm.cluster(account) {
      namespace: namespace,
      values: {
        replicaCount: replicas[account.name],
        certificate: { secretName: secret },
        // Also runs in the pods of others.
        vaultEnv: { repository: platform.registry + '/bank-vaults/vault-env', tag: 'v1.22.1' },
        // What it adds to a pod obeys the same rules as the pod.
        env: {
          RUN_AS_NON_ROOT: 'true',
          RUN_AS_USER: '65534',
          READ_ONLY_ROOT_FILESYSTEM: 'true',
          VAULT_ENV_CPU_REQUEST: '10m',
          VAULT_ENV_MEMORY_REQUEST: '32Mi',
          VAULT_ENV_MEMORY_LIMIT: '32Mi',
          VAULT_ENV_LOG_FORMAT: 'json',
        },
        // A pod that asks for secrets does not start without. All others never come here: it is
        // for pods alone, and for those that name a Vault.
        podsFailurePolicy: 'Fail',
        secretsMutation: false,
        matchConditions: [{
          name: 'names-a-vault',
          expression: "has(object.metadata.annotations) && '%s' in object.metadata.annotations" % vault.addressAnnotation,
        }],
        // Commands are always said in the manifests, so that no image needs to be looked at.
        rbac: { readSecrets: false },
        resources: container.withResources('50m', '128Mi').resources,
      },
    }),
    [
      helm.mirrored,
      helm.controllers(uid=65534),
    ]
  ),

  budgets: helm.budgets(release),

  certificate: webhookCertificate.new({
    name: name + '-certificate',
    namespace: namespace,
    account: account,
    service: name,
    secret: secret,
    webhook: name,
  }),

  networkPolicy: networkPolicy.forWorkload(
    release.deployment_vault_secrets_webhook,
    ingress=[traffic.fromApiServer(account, ['https'])],
    egress=[traffic.toDns, traffic.toApiServer(account), traffic.toVault(account)],
  ),
}
