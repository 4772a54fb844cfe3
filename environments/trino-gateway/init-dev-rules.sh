#!/bin/sh
# Writes the rules for development: there is one cluster, and it takes everything.
set -eu

: "${DB_USER:?}" "${DB_PASSWORD:?}"

cat > /etc/gateway/rules/rules.yaml <<RULES
---
name: everything
description: One cluster for all
condition: 'true'
actions:
  - 'result.put("routingGroup", "adhoc")'
RULES
