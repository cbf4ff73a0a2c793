#!/bin/sh
# PostgreSQL's archive_command: keeps the WAL file at $1 as $2 in ARCHIVE. It is whole
# there or not at all, and never overwritten with something else (PostgreSQL asks for
# that: two primaries with one archive would destroy each other's).
set -eu
archive=${ARCHIVE:-/archive}
if [ -e "$archive/$2" ]; then
  exec cmp -s "$1" "$archive/$2"
fi
cp "$1" "$archive/.$2.new"
sync "$archive/.$2.new"
mv "$archive/.$2.new" "$archive/$2"
