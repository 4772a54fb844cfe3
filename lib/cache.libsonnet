// Redis of an account (ElastiCache, by Terraform), with TLS and a password of each system, which
// stands in Vault below ACCOUNT/SYSTEM/cache.
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

{
  port: 6379,

  host(account, name):: '%s.cache.%s' % [name, account.zone.name],
  password(account, system):: vault.ref('%s/%s/cache' % [account.name, system], 'password'),

  url(account, system, name=system, database=0):: 'rediss://:%s@%s:%d/%d' % [
    vault.inline('%s/%s/cache' % [account.name, system], 'password'),
    $.host(account, name),
    $.port,
    database,
  ],

  // For network policies.
  egress(account):: traffic.toVpc(account, [$.port]),
}
