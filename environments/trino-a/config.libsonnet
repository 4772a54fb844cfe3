// What is in Trino's configuration files. Sizes follow from the memory of the pods.
local quantity = import 'quantity/main.libsonnet';

// Values go out as given; keys are sorted, so that a diff shows only what changed.
local properties(fields) = std.lines(['%s=%s' % [key, fields[key]] for key in std.objectFields(fields)]);

// Trino's unit MB is 2^20 bytes.
local share(memory, factor) = '%dMB' % std.floor(quantity.mebibytes(memory) * factor);

// The rest of the pod's memory is for code, threads and buffers outside the heap.
local heap(memory) = quantity.scale(memory, 0.8);

// The account that may ask a node to shut down; the hook of the workers does.
local shutdownUser = 'node-shutdown';

{
  shutdownUser:: shutdownUser,

  // A pod with so much memory, in the chart's values.
  node(memory):: {
    jvm: { maxHeapSize: '%dM' % quantity.mebibytes(heap(memory)) },
    config: {
      memory: { heapHeadroomPerNode: share(heap(memory), 0.2) },
      query: { maxMemoryPerNode: share(heap(memory), 0.5) },
    },
  },

  // What one query may have of all workers together.
  queryMemory(workerMemory, maxWorkers):: share(heap(workerMemory), 0.5 * maxWorkers),

  common:: {
    // TLS ends before Trino.
    'http-server.process-forwarded': true,
    'internal-communication.shared-secret': '${ENV:TRINO_SHARED_SECRET}',
  },

  // `writers` are regular expressions of the users who may change a catalogue; all others read.
  rules(writers):: std.manifestJsonEx({
    catalogs:
      [
        { user: writers[catalog], catalog: catalog, allow: 'all' }
        for catalog in std.objectFields(writers)
      ]
      + [{ allow: 'read-only' }],
    system_information: [{ user: shutdownUser, allow: ['read', 'write'] }],
  }, '  '),

  icebergCatalog(account):: properties({
    'connector.name': 'iceberg',
    'iceberg.catalog.type': 'glue',
    'hive.metastore.glue.region': account.region,
    'fs.native-s3.enabled': true,
    's3.region': account.region,
  }),

  // A database of the account, named by its variables in secrets.jsonnet.
  postgresCatalog(account, name):: properties({
    'connector.name': 'postgresql',
    'connection-url': 'jdbc:postgresql://%s.db.%s:5432/%s?sslmode=verify-full' % [name, account.zone.name, name],
    'connection-user': '${ENV:%s_USER}' % std.asciiUpper(name),
    'connection-password': '${ENV:%s_PASSWORD}' % std.asciiUpper(name),
  }),
}
