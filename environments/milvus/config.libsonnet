// Milvus' own configuration (`user.yaml`): what differs from the defaults of the release.
{
  // `options`: { account, etcd: [HOST:PORT, …] }.
  user(options):: std.manifestYamlDoc({
    local account = options.account,

    etcd: { endpoints: options.etcd, rootPath: account.cluster.name },
    // Segments and indexes are in S3, read and written with the role of the service account.
    minio: {
      address: 's3.%s.amazonaws.com' % account.region,
      port: 443,
      useSSL: true,
      useIAM: true,
      cloudProvider: 'aws',
      region: account.region,
      bucketName: 'milvus-%s-%s' % [account.cluster.name, account.id],
      rootPath: 'milvus',
    },
    // The log of changes is in S3 as well: no broker to run.
    mq: { type: 'woodpecker' },
    woodpecker: { storage: { type: 'minio' } },
    localStorage: { path: '/var/lib/milvus/data' },
    common: { security: { authorizationEnabled: true } },
    log: { level: 'info', format: 'json' },
    // A query over everything would take the memory of all others.
    quotaAndLimits: { limits: { maxOutputSize: 104857600 } },
  }, quote_keys=false),
}
