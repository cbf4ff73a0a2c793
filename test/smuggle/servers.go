package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

// server is one that stands before a service of its own.
type server struct {
	name, addr string
	service    *recorder
}

// start gives the gateway first, then those that are installed.
func start(t world.T, o options) []server {
	t.Helper()
	all := []server{startGateway(t)}
	if o.alone {
		return all
	}
	for _, p := range peers() {
		path, err := exec.LookPath(p.program)
		if err != nil {
			continue
		}
		s := startPeer(t, p, path)
		await(t, s)
		all = append(all, s)
	}
	return all
}

// absent names those that could not be compared.
func absent(servers []server) (names []string) {
	if len(servers) == 1 {
		return nil
	}
	for _, p := range peers() {
		there := false
		for _, s := range servers {
			there = there || strings.HasPrefix(s.name, p.program)
		}
		if !there {
			names = append(names, p.program)
		}
	}
	return names
}

// startGateway runs the gateway as it is deployed, without limits: all cases come from one address.
func startGateway(t world.T) server {
	t.Helper()
	service, l := listen(t), port(t)
	program.StartGateway(t, program.GatewayConfig(l, service.addr))
	self := server{"gateway", l.Addr().String(), service}
	await(t, self)
	return self
}

func port(t world.T) net.Listener {
	t.Helper()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatalf("find a port: %v", err)
	}
	return l
}

func startPeer(t world.T, p peer, path string) server {
	t.Helper()
	service := listen(t)
	dir, addr := world.NewFolder(t), freeport.Addr(t)
	for name, text := range p.files(dir, addr, service.addr) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatalf("write %s: %v", name, err)
		}
	}
	cmd := exec.Command(path, p.args(dir)...) //nolint:gosec,noctx // an installed program; stopped by its signal
	cmd.Env = append(os.Environ(), "HOME="+dir)
	program.Start(t, cmd)
	return server{strings.TrimSpace(p.program + " " + p.version(path)), addr, service}
}

// await waits until the server passes an ordinary request on.
func await(t world.T, s server) {
	t.Helper()
	program.Await(t, s.name, "http://"+s.addr+"/v1/sos/tickets/1/timeline")
}
