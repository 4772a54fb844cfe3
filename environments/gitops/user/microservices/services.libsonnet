// The services behind the web shop: what each needs, and who calls whom.
{
  // The only one that others may call from outside.
  gateway: {
    version: '5.4.1',
    cpu: '100m',
    memory: '128Mi',
    calls: ['catalog', 'cart', 'orders'],
    env: { RATE_LIMIT: '100' },
  },
  catalog: {
    version: '2.22.0',
    cpu: '200m',
    memory: '256Mi',
    calls: [],
    database: true,
  },
  cart: {
    version: '1.9.3',
    cpu: '50m',
    memory: '96Mi',
    calls: ['catalog'],
    env: { CART_TTL: '168h' },
    // Carts survive a restart, on a volume of its own.
    disk: '5Gi',
  },
  orders: {
    version: '4.0.7',
    cpu: '200m',
    memory: '256Mi',
    calls: ['catalog', 'payments'],
    database: true,
  },
  payments: {
    version: '3.3.1',
    cpu: '100m',
    memory: '128Mi',
    calls: [],
    database: true,
    // Talks to the bank.
    internet: true,
    secrets: { PROVIDER_KEY: ['payments-provider', 'key'] },
  },
}
