// What Trino reads from Vault, by account: environment variables as references that the Vault
// webhook resolves when a pod starts. Configuration files name the variables as ${ENV:NAME}.
local vault = import 'vault.libsonnet';

local database(account, name) = {
  [std.asciiUpper(name) + '_USER']: vault.ref('%s/trino-a/%s' % [account, name], 'username'),
  [std.asciiUpper(name) + '_PASSWORD']: vault.ref('%s/trino-a/%s' % [account, name], 'password'),
};

{
  secretsPerEnv: {
    dev: {
      TRINO_SHARED_SECRET: vault.ref('dev/trino-a/internal', 'shared_secret'),
    } + database('dev', 'orders'),

    prod: {
      TRINO_SHARED_SECRET: vault.ref('prod/trino-a/internal', 'shared_secret'),
    } + database('prod', 'orders') + database('prod', 'billing'),
  },
}
