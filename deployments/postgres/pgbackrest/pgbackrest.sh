#!/bin/sh
# Backups by pgBackRest, beside the PostgreSQL whose folder and socket it shares.
#
#   pgbackrest.sh archive FILE        archive_command
#   pgbackrest.sh backup full|incr    one backup, and what is too old goes
#   pgbackrest.sh keep                forever: a full one each Sunday and at the start, an incremental one each night
#   pgbackrest.sh restore FOLDER      the empty folder from the newest backup and the WAL (UNTIL=2026-01-31 12:00:00+00)
set -eu
rest() { pgbackrest --config="${PGBACKREST_CONFIG:-/etc/postgres/pgbackrest.conf}" --stanza=love-app "$@"; }

# Creating what is there already changes nothing.
backup() {
  rest stanza-create
  rest --type="$1" backup
  rest info
}

# A replica archives nothing and is not to be copied from here: its turn comes when it is promoted.
primary() {
  [ "$(psql -XAtqc 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]
}

keep() {
  until primary; do sleep 10; done
  kind=full
  while :; do
    if primary; then
      backup "$kind" || { echo "the backup failed; trying again in five minutes" >&2; sleep 300; continue; }
    fi
    sleep "$((86400 - $(date -u +%s) % 86400 + 11700))" # 03:15 of the next day
    kind=incr
    [ "$(date -u +%u)" != 7 ] || kind=full
  done
}

restore() {
  data=${1:?the data folder to make}
  if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then
    echo "$data is not empty: move away what is in it, it may be all that is left" >&2
    exit 1
  fi
  mkdir -p "$data"
  chmod 700 "$data"
  if [ -n "${UNTIL:-}" ]; then
    rest --pg1-path="$data" --type=time --target="$UNTIL" --target-action=promote restore
  else
    rest --pg1-path="$data" restore
  fi
  echo "start PostgreSQL on $data: it is ready when pg_is_in_recovery() is false"
}

case ${1:-} in
archive) rest archive-push "${2:?the WAL file}" ;;
backup) backup "${2:?full or incr}" ;;
keep) keep ;;
restore) restore "${2:-}" ;;
*)
  sed -n 's/^#   //p' "$0" >&2
  exit 2
  ;;
esac
