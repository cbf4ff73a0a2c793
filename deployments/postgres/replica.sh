#!/bin/sh
# Makes a copy of the primary where there is none yet, then serves it read-only.
# NAME is what the primary knows this replica by: its slot and its name in
# synchronous_standby_names. Left out it is the host's, with underscores.
set -eu
NAME=${NAME:-$(hostname | tr - _)}
: "${PRIMARY:?}" "${REPLICATION_PASSWORD:?}" "${PGDATA:?}"

# A copy that was broken off is worth nothing: it becomes one only by its new name.
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  export PGPASSWORD="$REPLICATION_PASSWORD"
  copy="$PGDATA.copy"
  until
    rm -rf "$copy"
    # The slot keeps the WAL that this replica has not had, and may be there from a try before.
    psql -X -q -d "host=$PRIMARY port=${PRIMARY_PORT:-5432} user=replicator dbname=postgres replication=yes" \
      -c "CREATE_REPLICATION_SLOT $NAME PHYSICAL" 2>/dev/null || true
    pg_basebackup -D "$copy" -X stream -S "$NAME" -R -c fast \
      -d "host=$PRIMARY port=${PRIMARY_PORT:-5432} user=replicator application_name=$NAME"
  do
    echo "the primary cannot be copied yet; trying again"
    sleep 2
  done
  chmod 700 "$copy"
  rm -rf "$PGDATA"
  mv "$copy" "$PGDATA"
fi
exec "$@"
