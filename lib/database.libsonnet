// PostgreSQL databases of an account, made by Terraform: where they are, and how a system logs in.
// User and password stand in Vault below ACCOUNT/SYSTEM/database. Passwords are of letters and
// digits, so that they can stand in a URL.
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local path(account, system) = '%s/%s/database' % [account.name, system];

{
  port: 5432,

  host(account, name):: '%s.db.%s' % [name, account.zone.name],
  // A name that only reads are sent to, by copies of the database.
  readerHost(account, name):: '%s-reader.db.%s' % [name, account.zone.name],

  user(account, system):: vault.ref(path(account, system), 'username'),
  password(account, system):: vault.ref(path(account, system), 'password'),

  // The whole address in one variable, for programs that take it so.
  url(account, system, name=system, scheme='postgresql', parameters='sslmode=verify-full')::
    '%s://%s:%s@%s:%d/%s?%s' % [
      scheme,
      vault.inline(path(account, system), 'username'),
      vault.inline(path(account, system), 'password'),
      $.host(account, name),
      $.port,
      name,
      parameters,
    ],

  // The variables that libpq, and with it most programs, reads.
  env(account, system, name=system):: {
    PGHOST: $.host(account, name),
    PGPORT: std.toString($.port),
    PGDATABASE: name,
    PGSSLMODE: 'verify-full',
    PGUSER: $.user(account, system),
    PGPASSWORD: $.password(account, system),
  },

  // For network policies.
  egress(account):: traffic.toVpc(account, [$.port]),
}
