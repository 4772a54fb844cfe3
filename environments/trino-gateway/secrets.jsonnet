// What the gateway reads from Vault, by account: environment variables as references that the Vault
// webhook resolves when a pod starts. The configuration names the variables as ${ENV:NAME}.
local database = import 'database.libsonnet';
local platform = import 'platform.libsonnet';
local vault = import 'vault.libsonnet';

local name = 'trino-gateway';

local common(account) = {
  DB_USER: database.user(account, name),
  DB_PASSWORD: database.password(account, name),
  // Asks the clusters how they are.
  MONITOR_PASSWORD: vault.ref('%s/%s/monitor' % [account.name, name], 'password'),
};

{
  secretsPerEnv: {
    dev: common(platform.account('dev')),

    // Only here people log in: in dev whoever reaches the gateway may see its page.
    prod: common(platform.account('prod')) {
      OAUTH_CLIENT_ID: vault.ref('prod/%s/oidc' % name, 'client_id'),
      OAUTH_CLIENT_SECRET: vault.ref('prod/%s/oidc' % name, 'client_secret'),
    },
  },
}
