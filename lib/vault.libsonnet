// Secrets by reference. A webhook (environments/vault-operator) replaces `vault:…` values when a pod
// starts, inside its process: no Secret object, and nothing to read in a manifest.
{
  // The value of an environment variable: one key of a secret of the KV engine (version 2).
  ref(path, key):: 'vault:secret/data/%s#%s' % [path, key],

  // The same inside of a longer value, such as a connection string.
  inline(path, key):: '${%s}' % self.ref(path, key),

  // Pods that have it are the webhook's business.
  addressAnnotation:: 'vault.security.banzaicloud.io/vault-addr',

  // Labels of an environment with references: Flux waits for the webhook, without which a reference
  // would be taken for the password, and for the systems in `after`.
  readerLabels(after=[]):: { 'fluxcd.io/depends-on': std.join('.', after + ['vault-operator']) },

  // Pod annotations. `role` is a role of Vault's Kubernetes login, bound to the service account.
  inject(account, role):: {
    // Each cluster has its own Vault, under a name with a publicly trusted certificate.
    [self.addressAnnotation]: 'https://vault.' + account.zone.name,
    'vault.security.banzaicloud.io/vault-path': account.cluster.name,
    'vault.security.banzaicloud.io/vault-role': role,
    'vault.security.banzaicloud.io/vault-skip-verify': 'false',
    // Fail the pod rather than start it with a reference for a password.
    'vault.security.banzaicloud.io/vault-ignore-missing-secrets': 'false',
  },

  // For the containers of charts: variables that a chart takes from Secrets are references instead.
  // `references`: { SECRET: { KEY: reference } }; a key that is missing is an error.
  insteadOfSecrets(references):: function(container) container {
    env: [
      local secret = std.get(std.get(variable, 'valueFrom', {}), 'secretKeyRef');
      if secret == null then variable
      else { name: variable.name, value: references[secret.name][secret.key] }
      for variable in std.get(container, 'env', [])
    ],
  },
}
