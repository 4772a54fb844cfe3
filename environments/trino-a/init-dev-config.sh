#!/bin/sh
# Assembles /etc/trino for development: no fault-tolerant execution, and a log that says more.
set -eu

: "${CONFIG:?}" "${POD_NAME:?}" "${ENVIRONMENT:?}"

target=/etc/trino
mkdir -p "$target/catalog"
cp "$CONFIG"/*.properties "$CONFIG/jvm.config" "$target/"
cp "$CONFIG"/catalog/*.properties "$target/catalog/"

cat > "$target/node.properties" <<PROPERTIES
node.environment=$ENVIRONMENT
node.id=$POD_NAME
node.data-dir=/data/trino
PROPERTIES

# A query that runs away should end before its author's patience does.
cat >> "$target/config.properties" <<PROPERTIES
query.max-run-time=30m
PROPERTIES

cat >> "$target/log.properties" <<PROPERTIES
io.trino.execution=DEBUG
io.trino.plugin.iceberg=DEBUG
PROPERTIES
