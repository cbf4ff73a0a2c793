package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/test/world"
)

// helperEnv tells the binary of the tests that it is this program.
const helperEnv = "LOVEAPP_GATE"

const (
	secret config.Secret = "a secret of the measurements, 32 bytes or more"
	// nobody is where nothing listens.
	nobody = "127.0.0.1:1"
	// collectAt is the gateway's GOGC as it is deployed; the bare proxy gets the same.
	collectAt = 400
)

// parts are how this program starts itself: nobody types these.
func parts() map[string]func(ctx context.Context, args []string, out io.Writer) error {
	return map[string]func(ctx context.Context, args []string, out io.Writer) error{
		"part-echo":    serveEcho,
		"part-bare":    serveBare,
		"part-gateway": serveGateway,
		"part-worker":  serveWork,
	}
}

// server is a process of this measurement.
type server struct {
	name, addr string
	pid        int
}

// self starts this program as one of its parts, which says where it listens.
func self(t world.T, name string, args ...string) server {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatalf("find this program: %v", err)
	}
	cmd := exec.Command(program, append([]string{"part-" + name}, args...)...) //nolint:gosec,noctx // ourselves; stopped by its signal
	cmd.Env = append(os.Environ(), helperEnv+"=1")
	cmd.Stderr = os.Stderr
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	pid := launch(t, cmd)
	addr, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		t.Fatalf("%s does not say where it listens: %v", name, err)
	}
	return server{name: name, addr: strings.TrimSpace(addr), pid: pid}
}

func launch(t world.T, cmd *exec.Cmd) (pid int) {
	t.Helper()
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	child, err := process.Start(cmd)
	if err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	t.Cleanup(func() { _ = child.Stop(context.Background(), 10*time.Second, syscall.SIGTERM) })
	return child.PID()
}

// serve listens where there is room, says where, and serves until ctx ends.
func serve(ctx context.Context, handler http.Handler, out io.Writer) error {
	l, err := announced(ctx, out)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func announced(ctx context.Context, out io.Writer) (net.Listener, error) {
	debug.SetGCPercent(collectAt)
	collectOnDemand(ctx)
	l, err := httpserver.Listen(ctx, "127.0.0.1", 0)
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintln(out, l.Addr())
	return l, nil
}

// collectOnDemand gives memory back on SIGUSR1, so that what is counted is in use.
func collectOnDemand(ctx context.Context) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for {
			select {
			case <-asked:
				debug.FreeOSMemory()
			case <-ctx.Done():
				return
			}
		}
	}()
}

// serveBare is a ReverseProxy that does nothing else.
func serveBare(ctx context.Context, args []string, out io.Writer) error {
	target, err := url.Parse("http://" + strings.Join(args, ""))
	if err != nil {
		return err
	}
	return serve(ctx, &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target); r.SetXForwarded() },
		Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 512},
	}, out)
}

// serveGateway is the gateway before one or more instances of every service; without limits.
func serveGateway(ctx context.Context, args []string, out io.Writer) error {
	l, err := announced(ctx, out)
	if err != nil {
		return err
	}
	c := settings(l, strings.Join(args, ","))
	s, err := gateway.New(ctx, c)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

func settings(l net.Listener, services string) gateway.Config {
	c := gateway.Config{
		GatewayInstances: 1, MaxInFlight: 2048, MaxTunnels: 9500, Version: "measured", Listener: l,
		Logger: slog.New(slog.DiscardHandler), Metrics: metrics.New("gateway"),
	}
	c.AuthServiceHost, c.NotificationServiceHost, c.SOSServiceHost = nobody, services, services
	c.RedisHost, c.InternalSecret, c.PublicURL, c.DatabasePoolMax = nobody, secret, "http://localhost:3000", 1
	c.TrustedProxies = "127.0.0.0/8"
	c.JWTExpiresIn, c.DrainTimeout = config.Duration(15*time.Minute), config.Duration(time.Second)
	return c
}

// await waits until a GET through the server is answered 200.
func await(t world.T, s server, path string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if status, err := ask(t.Context(), s.addr, path); err == nil && status == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer", s.name)
		}
	}
}

func ask(ctx context.Context, addr, path string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	_ = res.Body.Close()
	return res.StatusCode, nil
}
