#!/bin/sh
# Starts one node of the cluster: HOST is the name under which others find it,
# NODES are the names of all. Used by compose and Kubernetes, in Redis's own image.
set -eu
: "${HOST:?}" "${NODES:?}" "${REDIS_PASSWORD:?}"
port=${PORT:-6379}
data=${DATA:-/data}
export REDISCLI_AUTH="$REDIS_PASSWORD"

# A node keeps the others' addresses, and containers come back with new ones. Who was
# a member before greets every other node at its present address: that is enough for
# all of them to learn where it is.
greet() {
  until redis-cli -p "$port" ping 2>/dev/null | grep -q PONG; do sleep 1; done
  for node in $NODES; do
    address=$(getent hosts "${node%:*}" | awk '{print $1; exit}')
    [ -z "$address" ] || redis-cli -p "$port" cluster meet "$address" "$(port_of "$node")" >/dev/null || true
  done
}

port_of() {
  case $1 in
  *:*) echo "${1#*:}" ;;
  *) echo "$port" ;;
  esac
}

if [ -s "$data/nodes.conf" ] && [ "$(wc -l <"$data/nodes.conf")" -gt 2 ]; then
  greet &
fi

# AOF: what is here is not lost at a restart. A replica that joins is served at once
# (diskless-sync-delay 0), or a master killed meanwhile takes its shard with it. Clients are told names, which stay, not addresses.
exec redis-server --port "$port" --dir "$data" --bind '* -::*' \
  --requirepass "$REDIS_PASSWORD" --masterauth "$REDIS_PASSWORD" \
  --cluster-enabled yes --cluster-config-file nodes.conf --cluster-node-timeout 2000 \
  --cluster-announce-hostname "$HOST" --cluster-preferred-endpoint-type hostname \
  --appendonly yes --appendfsync everysec --save '' \
  --repl-diskless-sync yes --repl-diskless-sync-delay 0 \
  --maxmemory "${MAXMEMORY:-768mb}" --maxmemory-policy volatile-lru
