#!/bin/sh
# Assembles /etc/trino from the mounted ConfigMaps, which are read-only, before Trino starts.
set -eu

: "${CONFIG:?}" "${POD_NAME:?}" "${ENVIRONMENT:?}" "${EXCHANGE_BUCKET:?}" "${AWS_REGION:?}"

target=/etc/trino
mkdir -p "$target/catalog"
cp "$CONFIG"/*.properties "$CONFIG/jvm.config" "$target/"
cp "$CONFIG"/catalog/*.properties "$target/catalog/"

# The node's identity must survive a restart of the container, but never be shared by two pods.
cat > "$target/node.properties" <<PROPERTIES
node.environment=$ENVIRONMENT
node.id=$POD_NAME
node.data-dir=/data/trino
PROPERTIES

# Intermediate results go to S3, so that a lost worker costs one task and not the query.
cat > "$target/exchange-manager.properties" <<PROPERTIES
exchange-manager.name=filesystem
exchange.base-directories=s3://$EXCHANGE_BUCKET/trino-a
exchange.s3.region=$AWS_REGION
PROPERTIES
cat >> "$target/config.properties" <<PROPERTIES
retry-policy=TASK
PROPERTIES

# A full disk fails queries one by one; a pod that does not start is seen at once.
available=$(df -Pk /data/trino | awk 'NR == 2 { print $4 }')
if [ "$available" -lt 20971520 ]; then
  echo "only ${available} KiB free below /data/trino, 20 GiB are needed for spilling" >&2
  exit 1
fi
