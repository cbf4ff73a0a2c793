#!/usr/bin/env bash
# Runs the backend and a real Prometheus, calls for help a few times, and asks every
# query of the dashboards: each must find something, but for what had no occasion.
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/env

port=${PORT:-13990} metrics=${METRICS_PORT:-13991} prometheus=${PROMETHEUS_PORT:-13992}
work=$(mktemp -d)
children=()
cleanup() {
  for child in "${children[@]}"; do kill "$child" 2>/dev/null && wait "$child" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

go build -o .bin/allinone ./deployments/allinone
go run ./test/manifests/cmd/queries >"$work/queries"

PORT=$port METRICS_PORT=$metrics DATA_DIR=$work/data .bin/allinone >"$work/said" 2>&1 &
children+=($!)
# One process is all four here: a series belongs to the job that its service is in production.
cat >"$work/prometheus.yml" <<CONF
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: all
    static_configs: [{targets: ["127.0.0.1:$metrics"]}]
    metric_relabel_configs:
      - {source_labels: [service], regex: gateway, target_label: job, replacement: api-gateway}
      - {source_labels: [service], regex: (auth|notification|sos), target_label: job, replacement: \$1-service}
CONF
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/series" \
  --web.listen-address="127.0.0.1:$prometheus" >"$work/prometheus.log" 2>&1 &
children+=($!)

for _ in $(seq 300); do grep -q '^curl.*sos/tickets' "$work/said" && break; sleep 0.2; done
eval "$(grep '^TOKEN=' "$work/said")" >/dev/null
for i in $(seq 10); do
  eval "$(grep '^TOKEN=' "$work/said")" >/dev/null
  call() { curl -sS -o /dev/null -H "Authorization: Bearer $TOKEN" "$@"; }
  call "http://127.0.0.1:$port/v1/sos/tickets" -H "Idempotency-Key: press-$i" -H 'Content-Type: application/json' -d '{"emergencyType":"medical"}'
  call "http://127.0.0.1:$port/v1/notifications"
  call "http://127.0.0.1:$port/v1/auth/profile"
  curl -sS -o /dev/null "http://127.0.0.1:$port/v1/auth/profile"
  sleep 1
done

# What has no occasion here: replicas and barriers (one PostgreSQL), what each process of
# its own says of itself, and what appears only once something was slow, failed or refused.
silent='process_|db_replica|db_reads_total|sos_barrier|sos_canary|sos_timer_lateness|gateway_(shed|breaker_refusals|retries|ejections|tunnel_bytes)|ws_closes_total|notification_(hops|delivery_attempts|provider_breaker)|redis_reads_total|status=~"4'
asked=0 answered=0 missing=0
while IFS=$'\t' read -r where query; do
  asked=$((asked + 1))
  short=$(sed 's/\[[0-9]*[mh]\]/[30s]/g' <<<"$query")
  if [ -n "$(promtool query instant "http://127.0.0.1:$prometheus" "$short")" ]; then
    answered=$((answered + 1))
  elif ! grep -qE "$silent" <<<"$query"; then
    missing=$((missing + 1))
    echo "nothing: $where: $query"
  fi
done <"$work/queries"
echo "$asked queries, $answered found something, $missing found nothing and should have"
[ "$missing" = 0 ] && [ "$answered" -ge 70 ]
