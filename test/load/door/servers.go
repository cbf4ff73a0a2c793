package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/test/program"
)

const (
	asked       = "/v1/notifications/unread-count"
	bareIdle    = 512
	bareTimeout = 75 * time.Second
)

// serveTrivially is the service that all contenders stand before. It is also
// the auth whose keys the gateway asks for.
func serveTrivially(ctx context.Context, out io.Writer) error {
	signer, err := token.NewSigner(token.SignerConfig{Secret: program.Secret})
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
	return program.Serve(ctx, mux, out)
}

// serveBare is a ReverseProxy that is tuned as the gateway's, and does nothing else.
func serveBare(ctx context.Context, args []string, out io.Writer) error {
	target, err := url.Parse("http://" + strings.Join(args, ""))
	if err != nil {
		return err
	}
	return program.Serve(ctx, &httputil.ReverseProxy{
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
	if len(args) != 3 {
		return errors.New("gateway: the service, Redis and its password are required")
	}
	l, err := program.Listen(ctx, out)
	if err != nil {
		return err
	}
	c := program.GatewayConfig(l, args[0])
	c.RateLimitShort, c.RateLimitMedium, c.RateLimitLong, c.RateLimitGeneral = "1000000/1m", "1000000/10m", "1000000/1h", "1000000/1s"
	c.AuthServiceHost, c.RedisHost, c.RedisPassword = args[0], args[1], config.Secret(args[2])
	c.Logger, c.LogTo = nil, devNull()
	s, err := gateway.New(ctx, c)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// devNull takes the log as a file does: what is written is formatted before.
func devNull() io.Writer {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		slog.Warn("no null device", "error", err)
		return io.Discard
	}
	return f
}
