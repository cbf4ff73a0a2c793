package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

// contender is one program to measure.
type contender struct {
	name, addr string
	pid        int
	asks       requests
	redis      int // the process of its Redis; 0 = it has none, or none to measure
}

// contenders starts everything: the service, and those who stand before it.
func contenders(t world.T) []contender {
	t.Helper()
	dir := world.NewFolder(t)
	redis, err := embedded.StartRedis(t.Context(), embedded.RedisOptions{Dir: filepath.Join(dir, "redis"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("start Redis: %v", err)
	}
	t.Cleanup(func() { _ = redis.Stop(context.Background()) })
	service := self(t, serviceCommand)
	all := []contender{
		self(t, bareCommand, service.addr),
		self(t, gatewayCommand, service.addr, redis.Addr().Addr(), redis.Password().Value()),
	}
	all[1].redis = processOf(t, redis)
	if path, err := exec.LookPath("nginx"); err == nil {
		all = append(all, nginx(t, path, dir, service.addr))
	}
	return all
}

// self starts this program as one of its parts.
func self(t world.T, name string, args ...string) contender {
	t.Helper()
	p := program.StartPart(t, append([]string{name}, args...)...)
	return contender{name: name, addr: p.Addr, pid: p.PID}
}

// nginxConf is plain proxying with kept connections: two workers, as there are cores to share.
const nginxConf = `daemon off;
worker_processes 2;
pid %[1]s/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	keepalive_requests 100000000;
	upstream service { server %[2]s; keepalive 512; keepalive_requests 100000000; }
	server {
		listen %[3]s;
		location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }
	}
}
`

func nginx(t world.T, path, dir, service string) contender {
	t.Helper()
	addr := freeport.Addr(t)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, nginxConf, dir, service, addr), 0o600); err != nil {
		t.Fatalf("write %s: %v", file, err)
	}
	cmd := exec.Command(path, "-p", dir, "-c", file) //nolint:gosec,noctx // Debian's; stopped by its signal
	cmd.Stderr = os.Stderr
	return contender{name: "nginx", addr: addr, pid: program.Start(t, cmd).PID()}
}
