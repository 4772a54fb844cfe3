#!/bin/sh
# Makes the gateway's list of clusters what is in git. The gateway keeps the list in its database,
# where anybody with its page open can change it.
set -eu

: "${GATEWAY_URL:?}"

curl="curl --silent --show-error --fail --retry 5 --retry-delay 5 --retry-connrefused"

for backend in /config/backends/*.json; do
  echo "registering $(basename "$backend" .json)"
  $curl --request POST "$GATEWAY_URL/entity?entityType=GATEWAY_BACKEND" \
    --header 'Content-Type: application/json' --data "@$backend" > /dev/null
done

# A cluster that left git gets no more queries; those that run there end by themselves.
$curl "$GATEWAY_URL/entity/GATEWAY_BACKEND" | tr '}' '\n' | sed -n 's/.*"name":"\([^"]*\)".*/\1/p' |
  while read -r name; do
    if [ ! -f "/config/backends/$name.json" ]; then
      echo "deactivating $name"
      $curl --request POST "$GATEWAY_URL/gateway/backend/deactivate/$name" > /dev/null
    fi
  done
