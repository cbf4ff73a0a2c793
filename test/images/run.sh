#!/usr/bin/env bash
# Builds the four images from nothing and starts them as a cluster would, without
# Docker and without a network: each holds the program and two files, says in one
# sentence what it misses, and runs under the pod that deployments/k8s describes.
# Needs root, buildah, podman, runc and catatonit (make test-images installs them).
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
export CONTAINERS_CONF=$work/containers.conf STORAGE_DRIVER=vfs
# A machine that lets nobody raise limits is asked for none; there may be no systemd.
cat >"$CONTAINERS_CONF" <<'CONF'
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
places=(--root "$work/store" --runroot "$work/run")
podman() { command podman "${places[@]}" "$@"; }
cleanup() {
  podman pod rm --force --all >/dev/null 2>&1 || true
  podman rmi --force --all >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

fail() { echo "FAIL: $*" >&2; exit 1; }

make --no-print-directory static
for service in gateway auth notification sos; do
  buildah "${places[@]}" bud --quiet --isolation chroot --format docker -f deployments/docker/Dockerfile \
    --build-arg SERVICE="$service" --build-arg FROM_STAGE=prebuilt -t "loveapp/$service:latest" . >/dev/null

  name=$(podman create --no-healthcheck "localhost/loveapp/$service:latest")
  files=$(podman export "$name" | tar -t | grep -v '/$' | sort | tr '\n' ' ')
  podman rm "$name" >/dev/null
  [ "$files" = "etc/ssl/certs/ca-certificates.crt service " ] || fail "the image of $service holds $files"
  [ "$(podman inspect --format '{{.Config.User}}' "localhost/loveapp/$service:latest")" = 65532:65532 ] || fail "$service runs as root"

  said=$(podman run --rm --read-only --network none --no-healthcheck "localhost/loveapp/$service:latest" 2>&1) && fail "$service starts without a secret"
  grep -q "INTERNAL_SECRET is not set" <<<"$said" || fail "$service says: $said"
  echo "ok: the image of $service holds its program and nothing else, and says what it misses"
done

# What podman 4 takes as a Kubernetes Secret: its values in base64, as JSON.
value=$(head -c 24 /dev/urandom | base64 -w 0 | base64 -w 0)
printf '{"INTERNAL_SECRET":"%s","REDIS_PASSWORD":"%s","DATABASE_PASSWORD":"%s","JWT_SECRET":"%s"}' \
  "$value" "$value" "$value" "$value" | podman secret create love-app-secrets - >/dev/null
go run ./test/manifests/cmd/pods >"$work/pods.yaml"
podman play kube --network none "$work/pods.yaml" >/dev/null

# Without a database the gateway is ready, and the others answer that they are not.
for service in gateway auth notification sos; do
  pod=$service-service
  [ "$service" != gateway ] || pod=api-gateway
  answer=
  for _ in $(seq 120); do
    answer=$(podman exec "$pod-pod-0-$service" /service health 2>&1) && answer=ready
    [[ $answer == ready || $answer == *"not ready: 503"* ]] && break
    sleep 0.5
  done
  case $service:$answer in
  gateway:ready | auth:*"not ready: 503"* | notification:*"not ready: 503"* | sos:*"not ready: 503"*)
    echo "ok: the pod of $service runs and answers" ;;
  *) podman logs "$pod-pod-0-$service" >&2 || true; fail "the pod of $service answers: $answer" ;;
  esac
done
