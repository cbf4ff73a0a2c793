package main

import (
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
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/logging"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/token"
)

const (
	secret      config.Secret = "a secret of the measurements, 32 bytes or more"
	asked                     = "/v1/notifications/unread-count"
	bareIdle                  = 512
	bareTimeout               = 75 * time.Second
)

// serveTrivially is the service that all contenders stand before. It is also
// the auth whose keys the gateway asks for.
func serveTrivially(ctx context.Context, out io.Writer) error {
	signer, err := token.NewSigner(token.SignerConfig{Secret: secret})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc(asked, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"unreadCount":0}`)
	})
	mux.HandleFunc("/health/ready", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/.well-known/jwks.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(signer.JWKS()) })
	mux.HandleFunc("/internal/revocations", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"revision":0,"items":[],"complete":true}`)
	})
	return serve(ctx, mux, out)
}

// collectAt is the gateway's GOGC as it is deployed; the bare proxy gets the same.
const collectAt = 400

// serve listens where there is room, says where, and serves until ctx ends.
func serve(ctx context.Context, handler http.Handler, out io.Writer) error {
	debug.SetGCPercent(collectAt)
	l, err := httpserver.Listen(ctx, "127.0.0.1", 0)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	announce(out, l.Addr())
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func announce(out io.Writer, addr net.Addr) { _, _ = fmt.Fprintln(out, addr) }

// serveBare is a ReverseProxy that is tuned as the gateway's, and does nothing else.
func serveBare(ctx context.Context, args []string, out io.Writer) error {
	target, err := url.Parse("http://" + strings.Join(args, ""))
	if err != nil {
		return err
	}
	return serve(ctx, &httputil.ReverseProxy{
		Rewrite:    func(r *httputil.ProxyRequest) { r.SetURL(target); r.SetXForwarded() },
		Transport:  &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: bareIdle, IdleConnTimeout: bareTimeout},
		BufferPool: &pool{},
	}, out)
}

type pool struct{ sync.Pool }

// Get borrows a buffer.
func (p *pool) Get() []byte {
	if b, ok := p.Pool.Get().(*[32 << 10]byte); ok {
		return b[:]
	}
	return make([]byte, 32<<10)
}

// Put gives it back.
func (p *pool) Put(b []byte) { p.Pool.Put((*[32 << 10]byte)(b)) }

// serveGateway is the gateway as it is deployed, with limits that count and deny nobody.
func serveGateway(ctx context.Context, args []string, out io.Writer) error {
	c := gateway.Config{
		RateLimitShort: "1000000/1m", RateLimitMedium: "1000000/10m", RateLimitLong: "1000000/1h", RateLimitGeneral: "1000000/1s",
		GatewayInstances: 1, MaxInFlight: 2048, MaxTunnels: 1000, Version: "measured",
		Logger: logging.New(devNull(), "gateway", "info"), Metrics: metrics.New("gateway"),
	}
	if len(args) != 3 {
		return errors.New("gateway: the service, Redis and its password are required")
	}
	c.AuthServiceHost, c.NotificationServiceHost, c.SOSServiceHost = args[0], args[0], args[0]
	c.RedisHost, c.RedisPassword, c.InternalSecret, c.PublicURL, c.DatabasePoolMax = args[1], config.Secret(args[2]), secret, "http://localhost:3000", 1
	c.JWTExpiresIn, c.DrainTimeout = config.Duration(15*time.Minute), config.Duration(time.Second)
	debug.SetGCPercent(collectAt)
	l, err := httpserver.Listen(ctx, "127.0.0.1", 0)
	if err != nil {
		return err
	}
	c.Listener = l
	s, err := gateway.New(ctx, c)
	if err != nil {
		return err
	}
	announce(out, l.Addr())
	return s.Run(ctx)
}

// devNull takes the log as a file does: each line is written, and formatted before.
func devNull() io.Writer {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		slog.Warn("no null device", "error", err)
		return io.Discard
	}
	return f
}
