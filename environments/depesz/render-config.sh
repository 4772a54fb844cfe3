#!/bin/sh
# Writes the configuration of the service, with what Vault put into the environment.
set -eu

: "${PGHOST:?}" "${PGPORT:?}" "${PGDATABASE:?}" "${PGSSLMODE:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${PUBLIC_URL:?}"

# A reference that was not resolved is no password: stop here and not at the first request.
case $PGPASSWORD in
  vault:*)
    echo "PGPASSWORD is still a reference to Vault" >&2
    exit 1
    ;;
esac

umask 077
cat > /run/explain/explain.json <<JSON
{
  "title": "explain",
  "base_url": "$PUBLIC_URL",
  "secret": false,
  "database": {
    "dsn": "dbi:Pg:dbname=$PGDATABASE;host=$PGHOST;port=$PGPORT;sslmode=$PGSSLMODE",
    "username": "$PGUSER",
    "password": "$PGPASSWORD",
    "options": { "auto_commit": 1, "pg_server_prepare": 0 }
  },
  "hypnotoad": {
    "listen": ["http://*:8080"],
    "proxy": 1,
    "workers": 4,
    "pid_file": "/tmp/hypnotoad.pid"
  },
  "logger": { "level": "info", "path": "/dev/stdout" }
}
JSON
