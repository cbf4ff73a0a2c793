#!/bin/sh
# Makes one cluster of the six nodes named in NODES: three masters with a replica
# each. Runs once; where there is a cluster already it changes nothing.
set -eu
: "${NODES:?}" "${REDIS_PASSWORD:?}"
export REDISCLI_AUTH="$REDIS_PASSWORD"

addresses=
for node in $NODES; do
  name=${node%:*}
  port=6379
  case $node in *:*) port=${node#*:} ;; esac
  until redis-cli -h "$name" -p "$port" ping 2>/dev/null | grep -q PONG; do
    echo "waiting for $node"
    sleep 1
  done
  # A node is introduced by its address; a name is refused.
  addresses="$addresses $(getent hosts "$name" | awk '{print $1; exit}'):$port"
done

first=${NODES%% *}
host=${first%:*}
port=6379
case $first in *:*) port=${first#*:} ;; esac
ask() { redis-cli -h "$host" -p "$port" "$@"; }

if ask cluster info | grep -q '^cluster_known_nodes:1.$'; then
  # shellcheck disable=SC2086 # a list of words
  redis-cli --cluster create $addresses --cluster-replicas 1 --cluster-yes
fi
until ask cluster info | grep -q '^cluster_state:ok'; do
  echo "waiting for the cluster"
  sleep 1
done
echo "the cluster is ready"
