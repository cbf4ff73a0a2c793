#!/bin/sh
# Makes the data folder $1, which must be empty or absent, from the base backup $2 and the
# WAL in ARCHIVE: up to its end, or to the moment UNTIL (2026-01-31 12:00:00+00). Start
# PostgreSQL on the folder; it replays, then accepts writes as a new timeline.
#
#   ARCHIVE=/archive restore.sh /var/lib/postgresql/data/pgdata /backups/20260131T031500Z
# One that was broken off has no global yet, without which PostgreSQL does not start, and
# may be run again.
set -eu
: "${ARCHIVE:?the folder with the archived WAL}"
data=${1:?the data folder to make} backup=${2:?the base backup}
new=$data/.new

rm -rf "$new"
if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then
  echo "$data is not empty: move away what is in it, it may be all that is left" >&2
  exit 1
fi
pg_verifybackup --quiet "$backup"
mkdir -p "$new"
cp -a "$backup/." "$new/"
# A file that is not there is the end; one that is damaged ends the recovery with an error
# (a status over 125), for what comes back without it would seem to be all there was.
{
  echo "restore_command = 'test -e \"$ARCHIVE/%f.gz\" || exit 1; gzip -dc \"$ARCHIVE/%f.gz\" >\"%p\" || exit 255'"
  echo "recovery_target_timeline = 'latest'"
  echo "recovery_target_action = 'promote'"
  [ -z "${UNTIL:-}" ] || echo "recovery_target_time = '$UNTIL'"
} >>"$new/postgresql.auto.conf"
touch "$new/recovery.signal"
rm -f "$new/standby.signal"
mv "$new"/[!g]* "$data/"
mv "$new/global" "$data/"
rmdir "$new"
chmod 700 "$data"
# PostgreSQL starts on its own user's folder only.
[ "$(id -u)" != 0 ] || chown "$(ls -nd "$backup" | awk '{print $3 ":" $4}')" "$data"
echo "start PostgreSQL on $data: it is ready when pg_is_in_recovery() is false"
