// The AWS accounts, one EKS cluster in each. Everything that differs between accounts for no
// better reason than being in another account stands here; sizes and schedules are decided by the
// environments.
local account(name, id, vpcCidr, zoneId, extra={}) = {
  name: name,
  id: id,
  region: 'eu-central-1',
  vpcCidr: vpcCidr,
  // Records below this domain belong to the account.
  zone: { name: '%s.example.com' % name, id: zoneId },
  cluster: {
    name: 'platform-' + name,
    // Charts are rendered for it.
    version: '1.33',
    apiServer: 'https://%s.eks.example.com' % self.name,
    arn: 'arn:aws:eks:%s:%s:cluster/%s' % [$.region, $.id, self.name],
  },
} + extra;

{
  dev: account('dev', '111111111111', '10.16.0.0/16', 'Z0DEVEXAMPLE'),
  // The hub: Flux, Vault and the registry run here, for all accounts.
  shared: account('shared', '222222222222', '10.32.0.0/16', 'Z0SHAREDEXAMPLE'),
  prod: account('prod', '333333333333', '10.48.0.0/16', 'Z0PRODEXAMPLE', {
    // Customers' names, besides the account's own.
    publicZone: { name: 'example.com', id: 'Z0PUBLICEXAMPLE' },
  }),
}
