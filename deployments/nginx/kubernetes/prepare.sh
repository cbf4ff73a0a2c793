#!/bin/sh
# Puts nginx's settings together in TO: nginx resolves names by itself and knows
# neither the cluster's resolver nor its domain, which this container does.
set -eu
resolver=$(awk '/^nameserver/ {print $2; exit}' /etc/resolv.conf)
domain=$(awk '/^search/ {print $2; exit}' /etc/resolv.conf)
case $resolver in *:*) resolver="[$resolver]" ;; esac

mkdir -p "$TO/deployments/nginx"
cp "$FROM/nginx.conf" "$TO/"
cp "$FROM/listen.conf" "$FROM/own-answer.conf" "$FROM/shared-addresses.conf" "$TO/deployments/nginx/"
cat >"$TO/deployments/nginx/upstream.conf" <<CONF
resolver $resolver valid=2s;
upstream gateway {
    zone gateway 256k;
    least_conn;
    server api-gateway.$domain:3000 resolve max_fails=2 fail_timeout=1s;
    keepalive 64;
}
CONF
