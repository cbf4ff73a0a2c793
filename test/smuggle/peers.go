package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// peer is a program to compare with, and how to make it a plain reverse proxy.
type peer struct {
	program string
	asked   []string // to print its version
	files   func(dir, addr, service string) map[string]string
	args    func(dir string) []string
}

func peers() []peer {
	return []peer{
		{
			program: "nginx", asked: []string{"-v"},
			files: func(dir, addr, service string) map[string]string {
				return map[string]string{"nginx.conf": fmt.Sprintf(nginxConf, dir, service, addr)}
			},
			args: func(dir string) []string { return []string{"-p", dir, "-c", filepath.Join(dir, "nginx.conf")} },
		},
		{
			program: "caddy", asked: []string{"version"},
			files: func(_, addr, service string) map[string]string {
				return map[string]string{"Caddyfile": fmt.Sprintf(caddyFile, strings.TrimPrefix(addr, "127.0.0.1:"), service)}
			},
			args: func(dir string) []string {
				return []string{"run", "--config", filepath.Join(dir, "Caddyfile"), "--adapter", "caddyfile"}
			},
		},
		{
			program: "traefik", asked: []string{"version"},
			files: func(dir, addr, service string) map[string]string {
				return map[string]string{
					"traefik.yml": fmt.Sprintf(traefikStatic, addr, filepath.Join(dir, "dynamic.yml")),
					"dynamic.yml": fmt.Sprintf(traefikDynamic, service),
				}
			},
			args: func(dir string) []string { return []string{"--configFile=" + filepath.Join(dir, "traefik.yml")} },
		},
	}
}

// nginxConf is plain proxying as its documentation begins.
const nginxConf = `daemon off;
worker_processes 1;
pid %[1]s/nginx.pid;
error_log %[1]s/error.log error;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	upstream service { server %[2]s; keepalive 8; }
	server {
		listen %[3]s;
		location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }
	}
}
`

const caddyFile = `{
	admin off
	auto_https off
}
http://:%[1]s {
	bind 127.0.0.1
	reverse_proxy %[2]s
}
`

const (
	traefikStatic = `entryPoints: {web: {address: "%s"}}
providers: {file: {filename: "%s"}}
`
	traefikDynamic = `http:
  routers: {all: {rule: "PathPrefix(` + "`/`" + `)", service: service}}
  services: {service: {loadBalancer: {servers: [{url: "http://%s"}]}}}
`
)

var versionNumber = regexp.MustCompile(`[0-9]+\.[0-9]+(\.[0-9]+)?`)

func (p peer) version(program string) string {
	said, err := exec.CommandContext(context.Background(), program, p.asked...).CombinedOutput() //nolint:gosec // an installed program
	if err != nil {
		return ""
	}
	return versionNumber.FindString(string(said))
}
