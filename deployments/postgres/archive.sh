#!/bin/sh
# PostgreSQL's archive_command: keeps the WAL file at $1 as $2.gz in ARCHIVE. It is whole
# there or not at all, and never overwritten with something else (PostgreSQL asks for
# that: two primaries with one archive would destroy each other's).
#
# What is older than ARCHIVE_DAYS goes, or the archive would fill its disk and then the
# primary's: twice the age of the oldest of seven nightly backups. A quiet file is nearly
# empty: compressed it is some 100 KB instead of 16 MB.
set -eu
archive=${ARCHIVE:-/archive}
if [ -e "$archive/$2.gz" ]; then
  gzip -dc "$archive/$2.gz" | cmp -s "$1" -
  exit
fi
gzip -1c "$1" >"$archive/.$2.new"
sync "$archive/.$2.new"
mv "$archive/.$2.new" "$archive/$2.gz"
# Histories tell timelines apart, for ever.
find "$archive" -name '*.gz' ! -name '*.history.gz' -mtime "+${ARCHIVE_DAYS:-15}" -delete || true
