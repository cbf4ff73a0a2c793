#!/usr/bin/env bash
# Makes the Secrets that the manifests refer to, from the environment or .env: in the
# cluster and nowhere else. Values do not appear among the arguments of a process.
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/env

required=(DATABASE_PASSWORD REPLICATION_PASSWORD REDIS_PASSWORD JWT_SECRET INTERNAL_SECRET)
more=(JWT_SECRET_PREVIOUS JWT_SECRET_NEXT INTERNAL_SECRET_PREVIOUS LEGACY_JWT_SECRET ADMIN_EMAIL ADMIN_PASSWORD)
auth=(GOOGLE_CLIENT_IDS APPLE_CLIENT_IDS FIREBASE_PROJECT_ID OIDC_ISSUERS
  SMTP_URL MAIL_FROM TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_FROM)
notification=(SMTP_URL MAIL_FROM TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_FROM FCM_SERVICE_ACCOUNT
  APNS_KEY_ID APNS_TEAM_ID APNS_KEY APNS_TOPIC VAPID_PUBLIC_KEY VAPID_PRIVATE_KEY VAPID_SUBJECT)
sos=(TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_FROM TWILIO_CALL_TO SOS_CANARY)

for name in "${required[@]}"; do
  if [ -z "${!name:-}" ]; then
    echo "$name is not set: give it the output of \`openssl rand -hex 32\` (see .env.example)" >&2
    missing=yes
  fi
done
[ -z "${missing:-}" ] || exit 1

kubectl apply -f deployments/k8s/00-namespace.yaml

# secret NAME VARIABLE...: those of the variables that are set.
secret() {
  local name=$1 variable
  shift
  {
    printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: love-app}\ndata:\n' "$name"
    for variable in "$@"; do
      [ -z "${!variable:-}" ] || printf '  %s: %s\n' "$variable" "$(printf %s "${!variable}" | base64 -w 0)"
    done
  } | kubectl apply -f -
}

secret love-app-secrets "${required[@]}" "${more[@]}"
secret love-app-auth-providers "${auth[@]}"
secret love-app-notification-providers "${notification[@]}"
secret love-app-sos-providers "${sos[@]}"

# Where alerts go: the URL of a webhook in a file each, for the overlay observability.
if [ -n "${ALERT_PAGER_URL_FILE:-}${ALERT_TICKETS_URL_FILE:-}" ]; then
  kubectl apply -f deployments/kubernetes/overlays/observability/namespace.yaml
  # encoded KEY FILE: its line of the Secret, unless there is no file.
  encoded() { [ -z "$2" ] || printf '  %s: %s\n' "$1" "$(base64 -w 0 <"$2")"; }
  {
    printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: love-app-alerts, namespace: monitoring}\ndata:\n'
    encoded pager-url "${ALERT_PAGER_URL_FILE:-}"
    encoded tickets-url "${ALERT_TICKETS_URL_FILE:-}"
  } | kubectl apply -f -
fi
