#!/bin/sh
# Makes one cluster of the six nodes named in NODES: three masters with a replica
# each. May run again at any time: a node that has lost its folder is taken in as a
# replica of the master that has fewest, and where nothing is missing nothing changes.
set -eu
: "${NODES:?}" "${REDIS_PASSWORD:?}"
export REDISCLI_AUTH="$REDIS_PASSWORD"
patience=${PATIENCE:-60} # seconds for each thing that is waited for once all answer

host_of() { echo "${1%:*}"; }
port_of() {
  case $1 in
  *:*) echo "${1#*:}" ;;
  *) echo 6379 ;;
  esac
}
# A node is introduced by its address; a name is refused.
address_of() { getent hosts "$(host_of "$1")" | awk '{print $1; exit}'; }
ask() {
  asked=$1
  shift
  redis-cli -h "$(host_of "$asked")" -p "$(port_of "$asked")" "$@"
}
knows_nobody() { ask "$1" cluster info | grep -q '^cluster_known_nodes:1.$'; }

# until_so what command…: tries once a second.
until_so() {
  what=$1 left=$patience
  shift
  until "$@"; do
    [ "$left" -gt 0 ] || { echo "waited in vain for $what" >&2; exit 1; }
    echo "waiting for $what"
    left=$((left - 1))
    sleep 1
  done
}

# entries of the cluster's table for what the node was before: at its address, of its
# name, or at no address any more, and not its own.
former() {
  self=$(ask "$1" cluster myid)
  ask "$member" cluster nodes | awk -v at="$(address_of "$1"):$(port_of "$1")@" -v named=",$(host_of "$1")" -v self="$self" '
    $1 != self && (index($2, at) == 1 || $3 ~ /noaddr/ || (named !~ /^,[0-9.]+$/ && substr($2, length($2) - length(named) + 1) == named)) && $3 !~ /handshake/'
}
# A master's slots must have passed to its replica before it is forgotten. One that was
# back at its address before it was missed is at no address now, and nobody votes
# on it: its replica takes over without.
holds_nothing() {
  for id in $(former "$1" | awk 'NF > 8 && $3 ~ /noaddr/ {print $1}'); do
    replica=$(ask "$member" cluster nodes | awk -v id="$id" '$4 == id && $3 !~ /fail|noaddr/ {sub(/@.*/, "", $2); print $2; exit}')
    [ -z "$replica" ] || redis-cli -h "${replica%:*}" -p "${replica##*:}" cluster failover takeover >/dev/null
  done
  [ -z "$(former "$1" | awk 'NF > 8')" ]
}
forget() {
  for id in $(former "$1" | awk '{print $1}'); do
    for other in $NODES; do
      knows_nobody "$other" || ask "$other" cluster forget "$id" >/dev/null || true # some have forgotten it
    done
  done
}
follow() {
  master=$(ask "$member" cluster nodes | awk '
    $3 ~ /master/ && $3 !~ /fail|noaddr|handshake/ && NF > 8 {replicas[$1] += 0}
    $3 ~ /slave/ && $3 !~ /fail|noaddr/ {replicas[$4]++; all[$4] = 1}
    END {least = -1; for (id in replicas) if (least < 0 || replicas[id] < least) {least = replicas[id]; best = id} print best}')
  [ -n "$master" ] && ask "$1" cluster replicate "$master" 2>&1 | grep -q OK
}
adopt() {
  echo "$1 knows nobody: it joins as a replica"
  until_so "a replica in the place of $1" holds_nothing "$1"
  forget "$1"
  ask "$member" cluster meet "$(address_of "$1")" "$(port_of "$1")" >/dev/null
  until_so "$1 to follow a master" follow "$1"
}

addresses= member= strangers=
for node in $NODES; do
  until ask "$node" ping 2>/dev/null | grep -q PONG; do
    echo "waiting for $node"
    sleep 1
  done
  addresses="$addresses $(address_of "$node"):$(port_of "$node")"
done
for node in $NODES; do
  if knows_nobody "$node"; then
    strangers="$strangers $node"
  elif [ -z "$member" ]; then
    member=$node
  fi
done

if [ -z "$member" ]; then
  # shellcheck disable=SC2086 # a list of words
  redis-cli --cluster create $addresses --cluster-replicas 1 --cluster-yes
  member=${NODES%% *}
else
  for node in $strangers; do adopt "$node"; done
fi
whole() { ask "$member" cluster info | grep -q '^cluster_state:ok'; }
until_so "the cluster" whole
echo "the cluster is ready"
