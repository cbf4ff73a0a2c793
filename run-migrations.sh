#!/usr/bin/env bash
# Brings the database that the environment (or .env) names to the newest schema.
# Safe to run at any time and more than once at a time: each schema has a lock.
set -euo pipefail
cd "$(dirname "$0")"
. .ci/env

for service in auth notification sos; do
  go build -o ".bin/$service" "./$service/cmd/$service"
  echo "migrating the schema of $service"
  ".bin/$service" migrate
done
