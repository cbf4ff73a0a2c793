package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

// parts are how this program starts itself: nobody types these.
func parts() map[string]program.Command {
	return map[string]program.Command{
		"part-echo":    serveEcho,
		"part-bare":    serveBare,
		"part-gateway": serveGateway,
		"part-worker":  serveWork,
		"part-nobody":  serveNobody,
	}
}

// server is a process of this measurement.
type server struct {
	name, addr string
	pid        int
}

// self starts this program as one of its parts.
func self(t world.T, name string, args ...string) server {
	t.Helper()
	p := program.StartPart(t, append([]string{"part-" + name}, args...)...)
	return server{name: name, addr: p.Addr, pid: p.PID}
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
	return program.Serve(ctx, &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target); r.SetXForwarded() },
		Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 512},
	}, out)
}

// serveGateway is the gateway before one or more instances of every service; without limits.
func serveGateway(ctx context.Context, args []string, out io.Writer) error {
	l, err := program.Listen(ctx, out)
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
	c := program.GatewayConfig(l, services)
	c.MaxTunnels, c.TrustedProxies = 9500, "127.0.0.0/8"
	return c
}

// await waits until a GET through the server is answered 200.
func await(t world.T, s server, path string) {
	t.Helper()
	program.Await(t, s.name, "http://"+s.addr+path)
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
