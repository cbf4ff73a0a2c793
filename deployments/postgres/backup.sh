#!/bin/sh
# Copies a whole running database (PGHOST, PGPORT, PGUSER, PGPASSWORD) into a new folder
# of BACKUPS, checks the copy, and forgets all but the newest KEEP (7). A copy that was
# broken off has no such name. Prints the folder.
set -eu
: "${BACKUPS:?}"
keep=${KEEP:-7}
name=$(date -u +%Y%m%dT%H%M%SZ)

rm -rf "$BACKUPS"/.new-*
pg_basebackup -D "$BACKUPS/.new-$name" -X stream -c fast --manifest-checksums=SHA256 --no-password
pg_verifybackup --quiet "$BACKUPS/.new-$name"
mv "$BACKUPS/.new-$name" "$BACKUPS/$name"

# Their names are times: the order of the names is theirs. What else lies there is not ours.
ls -1 "$BACKUPS" | grep -E '^[0-9]{8}T[0-9]{6}Z$' | sort -r | tail -n "+$((keep + 1))" | while read -r old; do rm -rf "${BACKUPS:?}/$old"; done
echo "$BACKUPS/$name"
