package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/test/world"
)

// server is one that stands before a service of its own.
type server struct {
	name, addr string
	service    *recorder
}

const secret config.Secret = "a secret of the measurements, 32 bytes or more"

// nobody is where nothing listens: no case needs a token or a limit.
const nobody = "127.0.0.1:1"

// start gives the gateway first, then those that are installed.
func start(t world.T, o options) []server {
	t.Helper()
	all := []server{startGateway(t)}
	if o.alone {
		return all
	}
	for _, p := range peers() {
		program, err := exec.LookPath(p.program)
		if err != nil {
			continue
		}
		s := startPeer(t, p, program)
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
	c := gateway.Config{
		GatewayInstances: 1, MaxInFlight: 2048, MaxTunnels: 1000, Version: "compared", Listener: l,
		Logger: slog.New(slog.DiscardHandler), Metrics: metrics.New("gateway"),
	}
	c.AuthServiceHost, c.NotificationServiceHost, c.SOSServiceHost = nobody, service.addr, service.addr
	c.RedisHost, c.InternalSecret, c.PublicURL, c.DatabasePoolMax = nobody, secret, "http://localhost:3000", 1
	c.JWTExpiresIn, c.DrainTimeout = config.Duration(15*time.Minute), config.Duration(time.Second)
	s, err := gateway.New(t.Context(), c)
	if err != nil {
		t.Fatalf("start the gateway: %v", err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() { stop(); _ = <-ended })
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

func startPeer(t world.T, p peer, program string) server {
	t.Helper()
	service := listen(t)
	dir, err := os.MkdirTemp("", "smuggle-*")
	if err != nil {
		t.Fatalf("make a folder: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	addr := freeport.Addr(t)
	for name, text := range p.files(dir, addr, service.addr) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatalf("write %s: %v", name, err)
		}
	}
	cmd := exec.Command(program, p.args(dir)...) //nolint:gosec,noctx // an installed program; stopped by its signal
	cmd.Env = append(os.Environ(), "HOME="+dir)
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	child, err := process.Start(cmd)
	if err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	t.Cleanup(func() { _ = child.Stop(context.Background(), 5*time.Second, syscall.SIGTERM) })
	return server{strings.TrimSpace(p.program + " " + p.version(program)), addr, service}
}

// await waits until the server passes an ordinary request on.
func await(t world.T, s server) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%s/v1/sos/tickets/1/timeline", s.addr), http.NoBody)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer", s.name)
		}
	}
}
