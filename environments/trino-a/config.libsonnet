// Trino's own configuration files, as text. Sizes follow from the memory of the pod.
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

  jvm(memory):: std.lines([
    '-server',
    '-Xmx%dM' % quantity.mebibytes(heap(memory)),
    '-XX:+UseG1GC',
    '-XX:G1HeapRegionSize=32M',
    '-XX:+ExplicitGCInvokesConcurrent',
    // A process that ran out of memory is of no use: let the kubelet start a new one.
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:ReservedCodeCacheSize=512M',
    '-Djdk.attach.allowAttachSelf=true',
    '-Dfile.encoding=UTF-8',
  ]),

  // `role` is the pod's part: { coordinator, memory }. `cluster`: { uri, workerMemory, maxWorkers }.
  config(role, cluster):: properties({
    coordinator: role.coordinator,
    'discovery.uri': cluster.uri,
    'http-server.http.port': 8080,
    // TLS ends before Trino.
    'http-server.process-forwarded': true,
    'internal-communication.shared-secret': '${ENV:TRINO_SHARED_SECRET}',
    'memory.heap-headroom-per-node': share(heap(role.memory), 0.2),
    'query.max-memory': share(heap(cluster.workerMemory), 0.5 * cluster.maxWorkers),
    'query.max-memory-per-node': share(heap(role.memory), 0.5),
  } + (
    if role.coordinator
    then { 'node-scheduler.include-coordinator': false }
    else { 'shutdown.grace-period': '30s' }
  )),

  log:: properties({ 'io.trino': 'INFO' }),

  accessControl:: properties({
    'access-control.name': 'file',
    'security.config-file': '/etc/trino/rules.json',
    'security.refresh-period': '60s',
  }),

  // `writers` are regular expressions of the users who may change a catalogue; all others read.
  rules(writers):: std.manifestJsonEx({
    catalogs:
      [
        { user: writers[catalog], catalog: catalog, allow: 'all' }
        for catalog in std.objectFields(writers)
      ]
      + [{ allow: 'read-only' }],
    system_information: [{ user: shutdownUser, allow: ['read', 'write'] }],
  }, '  ') + '\n',

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
