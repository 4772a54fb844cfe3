// Takes orders and works them off, in three parts that KEDA scales by what each of them waits for:
// the API by CPU, the worker by its queue, and the events by the lag of their topic.
local application = import 'application.libsonnet';
local database = import 'database.libsonnet';
local k = import 'k.libsonnet';
local karpenter = import 'karpenter.libsonnet';
local keda = import 'keda.libsonnet';
local platform = import 'platform.libsonnet';
local traffic = import 'traffic.libsonnet';
local vault = import 'vault.libsonnet';

local deployment = k.apps.v1.deployment;
local scaledObject = keda.scaledObject;
local trigger = keda.trigger;
local triggerAuthentication = keda.triggerAuthentication;

local system = 'orders-worker';
local namespace = system;
local image = platform.image('commerce/orders', '2026.11.2');
local databaseName = 'orders';
local kafkaPort = 9098;

local queue = 'orders';
local topic = 'orders.events.v1';

// Without orders there are no workers; the API is always there.
local sizes = {
  dev: {
    api: { min: 1, max: 3 },
    worker: { min: 0, max: 3 },
    events: { min: 0, max: 3 },
  },
  prod: {
    api: { min: 3, max: 24 },
    worker: { min: 2, max: 60 },
    // As many as the topic has partitions.
    events: { min: 2, max: 12 },
  },
};

local data(account) =
  local size = sizes[account.name];
  local brokers = std.join(',', [
    'b-%d.orders.kafka.%s:%d' % [broker, account.zone.name, kafkaPort]
    for broker in [1, 2, 3]
  ]);
  // What the three have in common; `part` adds what makes it different.
  local new(part) = application.new({
    namespace: namespace,
    account: account,
    image: image,
    iamRole: part.name,
    ports: { metrics: 9102 },
    metricsPort: 'metrics',
    scaled: true,
    liveness: k.core.v1.probe.http('/healthz', 'metrics'),
    readiness: k.core.v1.probe.http('/readyz', 'metrics'),
    scratch: { '/tmp': '64Mi' },
  } + part {
    env: {
      AWS_REGION: account.region,
      LOG_FORMAT: 'json',
      METRICS_ADDRESS: ':9102',
    } + part.env,
  });

  // KEDA asks as the part itself would.
  local authentication(part) = triggerAuthentication.workloadIdentity(part.workload.metadata.name);
  {
    namespace: platform.namespace(namespace),

    // Takes orders and puts them into the queue.
    api: new({
      name: 'orders-api',
      vault: true,
      command: ['/app/orders', 'api'],
      cpu: '250m',
      memory: '256Mi',
      ports: { http: 8080, metrics: 9102 },
      host: 'orders.' + account.zone.name,
      env: database.env(account, 'orders-api', databaseName) { QUEUE: queue },
      egress: [database.egress(account)],
    }) {
      local api = self,
      scaledObject:
        scaledObject.forWorkload(api.workload, size.api.min, size.api.max, [trigger.cpu(70)])
        // Traffic comes in waves; a pod that goes is soon needed again.
        + scaledObject.withScaleDown(stabilizationSeconds=300, pods=2, periodSeconds=60),
    },

    // Works off what waits in the queue.
    worker: new({
      name: 'orders-worker',
      command: ['/app/orders', 'worker'],
      cpu: '500m',
      memory: '512Mi',
      env: { QUEUE: queue, CONCURRENCY: '10', VISIBILITY_TIMEOUT: '120' },
    }) {
      local worker = self,
      workload+:
        // A message that was not finished comes back to the queue: an interruption costs seconds.
        (if account.name == 'prod' then karpenter.onPool(deployment, 'spot') else {})
        // As long as one message may take.
        + deployment.withTerminationGracePeriodSeconds(120),

      triggerAuthentication: authentication(worker),
      scaledObject:
        scaledObject.forWorkload(worker.workload, size.worker.min, size.worker.max, [
          // Ten at once, and no more than two rounds of them.
          trigger.sqs(account, queue, perReplica=20, authentication=worker.triggerAuthentication),
        ])
        + scaledObject.withPolling(intervalSeconds=15, cooldownSeconds=300)
        + scaledObject.withFallback(replicas=std.max(size.worker.min, 1)),
    },

    // Writes what happens to orders into the database of the shop.
    events: new({
      name: 'orders-events',
      vault: true,
      command: ['/app/orders', 'events'],
      cpu: '250m',
      memory: '384Mi',
      env: database.env(account, 'orders-events', databaseName) {
        KAFKA_BROKERS: brokers,
        KAFKA_TOPIC: topic,
        KAFKA_GROUP: 'orders-events',
        // The identity is that of the service account.
        KAFKA_SASL_MECHANISM: 'AWS_MSK_IAM',
      },
      egress: [database.egress(account), traffic.toVpc(account, [kafkaPort])],
    }) {
      local events = self,
      // Offsets are committed before it goes, so that nothing is read twice.
      workload+: deployment.withTerminationGracePeriodSeconds(60),

      triggerAuthentication: authentication(events),
      scaledObject:
        scaledObject.forWorkload(events.workload, size.events.min, size.events.max, [
          trigger.kafka(account, brokers, topic, 'orders-events', lag=500, authentication=events.triggerAuthentication),
        ])
        + scaledObject.withPolling(intervalSeconds=30, cooldownSeconds=600)
        + scaledObject.withFallback(replicas=std.max(size.events.min, 1))
        // Each change of the group stops all of its members for a moment.
        + scaledObject.withScaleDown(stabilizationSeconds=600, pods=1, periodSeconds=120),
    },
  };

platform.environments(system, namespace, ['dev', 'prod'], data, vault.readerLabels(after=[
  // Its nodes in prod are of a pool of Karpenter, and its kinds are KEDA's.
  'karpenter',
  'keda',
]))
