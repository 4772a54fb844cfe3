#!/bin/sh
# Writes the rules by which queries find their cluster, before the gateway starts.
set -eu

: "${DB_USER:?}" "${DB_PASSWORD:?}"

# A reference that was not resolved would be tried as a password, and lock the user out.
case $DB_PASSWORD in
  vault:*)
    echo "DB_PASSWORD is still a reference to Vault" >&2
    exit 1
    ;;
esac

cat > /etc/gateway/rules/rules.yaml <<RULES
---
name: scheduled
description: Jobs say who they are; analysts must not wait for them
condition: 'request.getHeader("X-Trino-Source") != null && request.getHeader("X-Trino-Source").startsWith("airflow")'
actions:
  - 'result.put("routingGroup", "scheduled")'
---
name: analysts
description: Everything else
condition: 'request.getHeader("X-Trino-Source") == null || !request.getHeader("X-Trino-Source").startsWith("airflow")'
actions:
  - 'result.put("routingGroup", "adhoc")'
RULES
