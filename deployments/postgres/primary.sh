#!/bin/sh
# Runs once, in the new and empty database of the primary (PostgreSQL's image calls
# what lies in /docker-entrypoint-initdb.d): replicas log in as a role that can do
# nothing else.
set -eu
: "${REPLICATION_PASSWORD:?}"

psql -v ON_ERROR_STOP=1 -v password="$REPLICATION_PASSWORD" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE replicator WITH REPLICATION LOGIN PASSWORD :'password';
SQL
echo 'host replication replicator all scram-sha-256' >>"$PGDATA/pg_hba.conf"
